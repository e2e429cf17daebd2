# SPDX-License-Identifier: GPL-3.0-or-later
"""The console of the Redis tab: a line to type commands into, and what was answered."""

from panels.console.view import ConsoleView

__all__ = ["ConsoleView"]
