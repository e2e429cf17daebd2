# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewinding ends in the same picture as the first time, pixel for pixel, for every recording of a lesson."""

import shutil
from pathlib import Path

import pytest
from PyQt5.QtCore import QCoreApplication, QEvent
from PyQt5.QtWidgets import QScrollArea

from app.frame_index import FrameIndex
from app.session import SUFFIX
from panels.theme import Theme
from panels.window import Window
from tests.panels.live import FakeLab
from tests.panels.test_travel import picture, settle

RECORDINGS = sorted(Path(__file__).parents[2].glob("lessons/*/recording.jsonl.gz"))
TABS = ("wire", "ladder", "redis", "workers", "metrics", "journal", "routing")
PATIENCE = 20  # pictures
FEW, MANY = 7, 70  # moments, each with another tab in front


@pytest.fixture(scope="module")
def window(qapp):
    theme = Theme("dark")
    theme.apply(qapp)
    lab = FakeLab()
    lab.index = FrameIndex()
    window = Window(lab, theme, remembers=False)
    window.resize(1440, 900)
    window.show()
    window.live.stop()
    window._clock.stop()
    yield window
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.DeferredDelete)


def opened(window, recording, folder, qtbot):
    """Open a recording as a session file; returns its store."""
    file = folder / (recording.parent.name + SUFFIX)
    shutil.copy(recording, file)
    assert window.open_capture(file)
    source, pump = window.session._shown
    qtbot.waitUntil(lambda: not source.is_reading)
    pump.drain()
    settle(window)
    return window.travel.store


def look(window, number):
    """Return a picture, once it no longer changes: what fits is known only when all is laid out.

    How far the Inspector is scrolled is the reader's, not the moment's: it is looked at from its top.
    """
    window.bench.bring_up(getattr(window, TABS[number % len(TABS)]))
    before = None
    for _ in range(PATIENCE):
        settle(window)
        for area in window.inspector.findChildren(QScrollArea):
            area.verticalScrollBar().setValue(0)
        now = picture(window)
        if now == before:
            return now
        before = now
    raise AssertionError(f"{TABS[number % len(TABS)]} changes for ever")


def check(window, store, count):
    """Go forward through moments of a session, then back to each of them."""
    travel = window.travel
    moments = sorted({store.start + (store.end - store.start) * n // count for n in range(1, count + 1)})
    travel._seek(store.start)
    first = []
    for number, moment in enumerate(moments):
        travel._seek(moment)
        first.append(look(window, number))
    for number, moment in reversed(list(enumerate(moments))):
        travel._seek(moment)
        assert look(window, number) == first[number], f"{TABS[number % len(TABS)]} after event {moment} looks different"


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.parent.name)
def test_that_a_rewind_ends_in_the_same_picture(window, recording, tmp_path, qtbot):
    check(window, opened(window, recording, tmp_path, qtbot), FEW)
    window.session.close()


@pytest.mark.slow
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.parent.name)
def test_that_a_rewind_through_many_moments_ends_in_the_same_pictures(window, recording, tmp_path, qtbot):
    check(window, opened(window, recording, tmp_path, qtbot), MANY)
    window.session.close()
