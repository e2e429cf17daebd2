# SPDX-License-Identifier: GPL-3.0-or-later
"""The routing explorer: a message, typed or captured, and what each route of the workers' routing makes of it."""

from panels.routing.panel import RoutingPanel

__all__ = ["RoutingPanel"]
