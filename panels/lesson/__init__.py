# SPDX-License-Identifier: GPL-3.0-or-later
"""The lesson pane: the list of lessons, or the current step of one."""

from panels.lesson.panel import LessonPanel

__all__ = ["LessonPanel"]
