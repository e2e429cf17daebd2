# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py worker`: one worker, here or on another machine."""

from app.worker.__main__ import HELP, add_arguments, run

__all__ = ["HELP", "add_arguments", "run"]
