# SPDX-License-Identifier: GPL-3.0-or-later
"""Bots: 1 to 500 sockets that draw or chat by a script that a seed makes, and the figures of what it cost."""

from app.bots.herd import Herd, HerdError, Order

__all__ = ["Herd", "HerdError", "Order"]
