# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewinding ends in the same picture as the first time, pixel for pixel, for every recording of a lesson.

The first time is a way through moments one after the other, or a session that is played at some speed.
"""

import shutil
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt5.QtCore import QCoreApplication, QEvent
from PyQt5.QtWidgets import QAbstractScrollArea, QScrollArea

from app.frame_index import FrameIndex
from app.session import SUFFIX
from panels.theme import Theme
from panels.travel import SPEEDS
from panels.window import Window
from tests.panels.live import FakeLab
from tests.panels.test_travel import picture, settle

RECORDINGS = sorted(Path(__file__).parents[2].glob("lessons/*/recording.jsonl.gz"))
TABS = ("wire", "ladder", "redis", "workers", "metrics", "journal", "routing")
PATIENCE = 20  # pictures
FEW, MANY = 7, 70  # moments, each with another tab in front
BEATS = 9  # of the player's clock from moment to moment
LOOKS = (("dark", 1440, 900), ("light", 1280, 720))
LATER = 60.0  # seconds in which every dot on the Stage has arrived


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


def dress(window, look):
    """Change theme and size."""
    name, *size = look
    window.set_theme(name)
    window.resize(*size)
    settle(window)


def opened(window, recording, folder, qtbot, looks=LOOKS):
    """Open a recording as a session file, in one look or the other; returns its store."""
    dress(window, looks[RECORDINGS.index(recording) % len(looks)])
    file = folder / (recording.parent.name + SUFFIX)
    shutil.copy(recording, file)
    assert window.open_capture(file)
    source, pump = window.session._shown
    qtbot.waitUntil(lambda: not source.is_reading)
    pump.drain()
    settle(window)
    window.inspector._revealing = 0.0  # what was selected with a part of it is scrolled there once, at the opening
    return window.travel.store


def look(window, number):
    """Return a picture, once it no longer changes: what fits is known only when all is laid out.

    How far the Inspector and the keys of Redis are scrolled is the reader's, not the moment's: both are looked at from
    their top.
    """
    bring_up(window, number)
    before = None
    for _ in range(PATIENCE):
        settle(window)
        for area in (*window.inspector.findChildren(QScrollArea), *window.redis.findChildren(QAbstractScrollArea)):
            area.verticalScrollBar().setValue(0)
        now = picture(window)
        if now == before:
            return now
        before = now
    raise AssertionError(f"{TABS[number % len(TABS)]} changes for ever")


def bring_up(window, number):
    window.bench.bring_up(getattr(window, TABS[number % len(TABS)]))


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
    check(window, opened(window, recording, tmp_path, qtbot, LOOKS[::-1]), MANY)
    window.session.close()


# --- played ---


@pytest.fixture
def clock(monkeypatch):
    """The clock that the player and the Stage go by."""
    clock = SimpleNamespace(now=1000.0)
    for place in ("panels.travel", "panels.stage.canvas", "panels.stage.pictures"):
        monkeypatch.setattr(f"{place}.time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def play(window, clock, until, speed):
    """Play up to a time of the session, in beats of about the same length, and stop there."""
    travel = window.travel
    travel.set_speed(speed)
    travel.play()
    for left in range(BEATS, 0, -1):
        clock.now += (until - travel.now) / speed / left
        travel._play_on()
        window._tick()
    travel.pause()
    clock.now += LATER
    window.stage.canvas._pictures.take()


def check_played(window, store, clock, count):
    """Play a session from moment to moment, then go back to each of them."""
    travel = window.travel
    window.inspector._revealing = (
        0.0  # a part that was selected with its thing is brought in sight once, at the opening
    )
    start, end = store.newest_since(store.start)[0].t, store.newest_since(store.start)[-1].t
    moments = [start + (end - start) * (n - 0.03) / count for n in range(1, count + 1)]
    travel.go_to_time(start)
    travel._go()
    played = []
    for number, (moment, speed) in enumerate(zip(moments, cycle(SPEEDS.values()), strict=False)):
        bring_up(window, number)
        settle(window)
        play(window, clock, moment, speed)
        assert travel.now == pytest.approx(moment, abs=1e-3)
        played.append((travel.now, look(window, number)))
    for number, (moment, first) in reversed(list(enumerate(played))):
        travel.go_to_time(moment)
        travel._go()
        assert look(window, number) == first, f"{TABS[number % len(TABS)]} at {moment - start:.2f} s looks different"


QUICK = [path for path in RECORDINGS if path.parent.name == "kill-the-worker"]


@pytest.mark.parametrize("recording", QUICK, ids=lambda path: path.parent.name)
def test_that_a_rewind_ends_in_the_picture_that_was_played(window, recording, clock, tmp_path, qtbot):
    check_played(window, opened(window, recording, tmp_path, qtbot), clock, FEW)
    window.session.close()


@pytest.mark.slow
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.parent.name)
def test_that_a_rewind_ends_in_the_pictures_that_were_played(window, recording, clock, tmp_path, qtbot):
    check_played(window, opened(window, recording, tmp_path, qtbot), clock, MANY // 2)
    window.session.close()
