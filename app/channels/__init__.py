# SPDX-License-Identifier: GPL-3.0-or-later
"""The Channels 1.x application interface: message, channel, group, routing, sessions, Django views."""

from app.channels.channel import Channel
from app.channels.group import Group
from app.channels.message import Message
from app.channels.routing import include, route

__all__ = ["Channel", "Group", "Message", "include", "route"]
