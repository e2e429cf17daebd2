# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's thread goes first, and others are never kept for long."""

import threading

import pytest

from app import right_of_way
from app.right_of_way import RightOfWay


@pytest.fixture
def way(monkeypatch):
    monkeypatch.setattr(right_of_way, "PATIENCE", 60.0)
    monkeypatch.setattr(right_of_way, "STALE", 60.0)
    return RightOfWay()


def giving(way):
    thread = threading.Thread(target=way.give, daemon=True)
    thread.start()
    return thread


def test_that_others_wait_until_the_window_has_done(way):
    way.take()
    thread = giving(way)
    thread.join(0.05)
    assert thread.is_alive()
    way.leave()
    thread.join(10)
    assert not thread.is_alive()


def test_that_nobody_waits_while_the_window_rests(way):
    way.take()
    way.leave()
    thread = giving(way)
    thread.join(10)
    assert not thread.is_alive()


def test_that_who_has_waited_may_work_before_it_is_asked_again(way, monkeypatch):
    monkeypatch.setattr(right_of_way, "WORK", 60.0)
    monkeypatch.setattr(right_of_way, "PATIENCE", 0.001)
    way._asked = -60.0
    way.take()
    giving(way).join(10)
    monkeypatch.setattr(right_of_way, "PATIENCE", 60.0)
    second = giving(way)
    second.join(10)
    assert not second.is_alive()


def test_that_a_window_that_was_last_heard_of_long_ago_keeps_nobody(way, monkeypatch):
    way.take()
    monkeypatch.setattr(right_of_way, "STALE", 0.0)
    thread = giving(way)
    thread.join(10)
    assert not thread.is_alive()
