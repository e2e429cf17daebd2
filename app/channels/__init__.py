# SPDX-License-Identifier: GPL-3.0-or-later
"""The Channels 1.x application interface: message, channel, group, routing, sessions, Django views."""

from app.channels.channel import Channel, Group
from app.channels.message import Message
from app.channels.routing import include, route, route_class

DEFAULT_CHANNEL_LAYER = "default"

__all__ = ["DEFAULT_CHANNEL_LAYER", "Channel", "Group", "Message", "include", "route", "route_class"]
