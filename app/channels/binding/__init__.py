# SPDX-License-Identifier: GPL-3.0-or-later
"""Django models whose changes go out to groups, and come in from sockets."""

from app.channels.binding.base import Binding

__all__ = ["Binding"]
