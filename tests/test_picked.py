# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of some kinds, wherever the playhead is: the same as when all events are looked through."""

import random

import pytest

from app import events as e
from app.picked import Picked
from app.store import Store

KINDS = frozenset((e.LogLine, e.LabStarted))


def line(n):
    return e.LogLine(t=float(n), source="worker-1", text=str(n))


def other(n):
    return e.MessageReceived(t=float(n), source="worker-1", key=str(n), channel="c")


def some(count, begin=0):
    return [(line if n % 3 == 0 else other)(n) for n in range(begin, begin + count)]


@pytest.fixture
def store():
    store = Store(limit=200)
    store.extend(some(100))
    return store


def looked_through(store, sequence):
    return [event for event in store.since(sequence) if type(event) in KINDS]


def test_that_it_finds_what_is_left_of_the_playhead(store):
    picked, chance = Picked(KINDS), random.Random(8)
    for n in range(60):
        store.seek(chance.choice((None, chance.randrange(store.start, store.end + 1))))
        first = chance.choice((0, store.start, chance.randrange(store.end)))
        assert picked.since(store, first) == looked_through(store, first)
        ahead = store.newest_since(store.playhead)
        assert picked.to_come(store) == [event for event in ahead if type(event) in KINDS]
        store.extend(some(chance.randrange(30), 100 * n))


def test_that_what_fell_off_is_not_found(store):
    picked = Picked(KINDS)
    picked.since(store, 0)
    store.extend(some(1000, 100))
    assert store.start > 0
    assert picked.since(store, 0) == looked_through(store, 0)


def test_that_another_run_begins_with_nothing_of_the_one_before(store):
    picked = Picked(KINDS)
    picked.since(store, 0)
    begun = e.LabStarted(t=100.0, source="lab", expiry=60.0, capacity=100, prefix="asgi:", workers=1)
    store.extend([line(99), begun, other(100), line(101)])
    assert picked.since(store, 0) == [begun, line(101)]


def test_that_another_store_is_another_story(store):
    picked, another = Picked(KINDS), Store()
    picked.since(store, 0)
    another.extend([line(7)])
    assert picked.since(another, 0) == [line(7)]
    assert picked.since(store, 0) == looked_through(store, 0)
