# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels look at the clock in turns, and in between news."""

import time

from PyQt5.QtCore import QObject

from panels.turns import APART, Turns


def turns_of(qtbot, parent):
    turns, seen = Turns(((parent,), (), ()), parent), []
    turns.came.connect(lambda group: seen.append((time.monotonic(), group)))
    turns.start()
    return turns, seen


def test_that_a_turn_after_news_leaves_room_for_them(qtbot):
    parent = QObject()
    turns, seen = turns_of(qtbot, parent)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert [group for _, group in seen] == [(parent,), (), ()]
    time.sleep(0.02)
    turns.keep_apart()
    news = time.monotonic()
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert seen[3][0] - news >= APART / 1000 - 0.002


def test_that_news_without_an_end_do_not_keep_panels_from_the_clock(qtbot):
    parent = QObject()
    turns, seen = turns_of(qtbot, parent)

    def is_seen():
        turns.keep_apart()
        return len(seen) >= 3

    qtbot.waitUntil(is_seen)  # it looks every ten milliseconds


def test_that_a_clock_that_was_stopped_is_not_started_by_news(qtbot):
    parent = QObject()
    turns, _ = turns_of(qtbot, parent)
    turns.stop()
    turns.keep_apart()
    assert not turns.isActive()
