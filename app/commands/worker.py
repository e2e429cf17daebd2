# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py worker`: one worker, here or on another machine."""

from app.worker.__main__ import add_arguments, run

__all__ = ["add_arguments", "run"]
