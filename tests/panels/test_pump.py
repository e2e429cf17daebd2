# SPDX-License-Identifier: GPL-3.0-or-later
"""How events come from an inbox to a store."""

import pytest

from app.events import CaptureProgress, LogLine, Selected
from app.inbox import Inbox
from app.store import Store
from panels.pump import PROGRESS, Pump


@pytest.fixture
def inbox():
    return Inbox()


def line(number):
    return LogLine(t=0, source="x", level="info", text=str(number))


def test_that_all_that_waits_comes_with_one_signal(qapp, inbox):
    store, told = Store(), []
    pump = Pump(inbox, store)
    pump.advanced.connect(told.append)
    for numbers in (range(3), range(3, 5), ()):
        inbox.put_all([line(number) for number in numbers])
        pump.drain()
    assert told == [0, 3]
    assert [event.text for event in store.since(0)] == list("01234")


def test_that_a_tick_takes_no_more_than_it_has_time_for_and_the_rest_comes_next(qapp, inbox):
    store, told = Store(), []
    pump = Pump(inbox, store, most=2)
    pump.advanced.connect(told.append)
    inbox.put_all([line(number) for number in range(5)])
    for _ in range(4):
        pump.drain()
    assert told == [0, 2, 4]
    assert [event.text for event in store.since(0)] == list("01234")


def test_that_news_of_rows_counts_for_many_events_of_a_tick(qapp, inbox):
    store, told = Store(), []
    pump = Pump(inbox, store, most=PROGRESS + 3)
    pump.advanced.connect(told.append)
    progress = CaptureProgress(
        t=0,
        source="capture",
        path="x.pcap",
        packets=1,
        frames=0,
        connections=0,
        done=1,
        total=9,
        seconds=1,
    )
    inbox.put_all([line(0), line(1), progress, *(line(number) for number in range(4))])
    for _ in range(3):
        pump.drain()
    assert told == [0, 4]


def test_that_what_the_user_selected_does_not_wait(qapp, inbox):
    store = Store()
    pump = Pump(inbox, store, most=2)
    inbox.put_all([line(number) for number in range(9)])
    pump.drain()
    inbox.put_all([line(9), *(Selected(t=0, source="window", kind="frame", item=item) for item in "12")])
    pump.drain()
    assert store.state.selected.item == "2"
    for _ in range(4):
        pump.drain()
    assert [event.text for event in store.since(0) if isinstance(event, LogLine)] == list("0123456789")


def test_that_what_was_selected_last_stays_selected_however_much_waits(qapp, inbox):
    store = Store()
    pump = Pump(inbox, store, most=2)
    first, last = (Selected(t=0, source="window", kind="frame", item=item) for item in "12")
    inbox.put_all([*(line(number) for number in range(5)), first, *(line(number) for number in range(5, 9))])
    pump.drain()
    inbox.put_all([last])
    for _ in range(9):
        pump.drain()
    assert store.state.selected.item == "2"
    assert [event.item for event in store.since(0) if isinstance(event, Selected)] == ["1", "2"]


def test_that_a_tick_brings_what_it_has_time_for_and_more_where_more_waits(qapp, inbox):
    store, told = Store(), []
    pump = Pump(inbox, store, seconds=0.01)
    pump.advanced.connect(told.append)
    inbox.put_all([line(number) for number in range(450)])
    while store.end < 450:
        pump._pace = 10_000.0  # so many a second
        pump.drain()
    assert told == [0, 110, 217, 322, 425]  # a hundredth of a second's, and a little more while more waits
    assert [event.text for event in store.since(0)] == [str(number) for number in range(450)]


def test_that_a_window_that_cannot_keep_up_leaves_events_in_the_inbox(qapp, inbox, monkeypatch):
    monkeypatch.setattr("panels.pump.BEHIND", 200)
    pump = Pump(inbox, Store(), seconds=0.000001)
    for numbers in (range(400), range(400, 450)):
        inbox.put_all([line(number) for number in numbers])
        pump.drain()
    assert len(inbox.take()) == 50
