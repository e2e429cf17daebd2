# SPDX-License-Identifier: GPL-3.0-or-later
"""Lessons as data, and the watch that finds their patterns in events."""

from app.lesson.reading import LESSONS, languages, load, load_all
from app.lesson.values import Action, Answer, Lesson, LessonError, Pattern, Prediction, Setup, Step
from app.lesson.watch import Watch

__all__ = [
    "LESSONS", "Action", "Answer", "Lesson", "LessonError", "Pattern", "Prediction", "Setup", "Step", "Watch",
    "languages", "load", "load_all",
]  # fmt: skip
