# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: a lesson pane over a live system that does as the test says, and one lesson on the shelf."""

import shutil

import pytest

from app.lesson import LESSONS
from panels.lesson import LessonPanel
from tests.panels.live import LiveStand


@pytest.fixture(autouse=True)
def only_lesson(tmp_path, monkeypatch):
    """There is one lesson, whatever else is in the house."""
    shutil.copytree(LESSONS / "kill-the-worker", tmp_path / "lessons" / "kill-the-worker")
    monkeypatch.setattr("panels.lesson.shelf.LESSONS", tmp_path / "lessons")


@pytest.fixture
def live(qtbot, theme):
    return LiveStand(qtbot, theme)


@pytest.fixture
def panel(live):
    return live.show(LessonPanel, 286, 800)
