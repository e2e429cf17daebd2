# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics up to the playhead: what they say of a moment is the same on every way to it."""

import random

import pytest

from app import events as e
from app import summing
from app.metrics import HOPS, Metrics
from app.store import Store
from app.summing import Summing

T = 1_000_000.0
CHANNEL = "websocket.receive"


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setattr(summing, "APART", 50)
    store = Store(limit=400)
    for n in range(150):
        store.extend(
            [
                e.MessageSent(t=T + n / 9, source="server", key=str(n), channel=CHANNEL, body=b"\x80", expiry=15.0),
                e.MessageReceived(t=T + n / 9 + 0.3, source="worker-1", key=str(n - n % 2), channel=CHANNEL),
            ]
        )
    return store


def told(metrics):
    """All that is drawn of them."""
    span = T, T + 40, 1
    return metrics.rate(CHANNEL, *span), metrics.depth(CHANNEL, *span), metrics.spent(HOPS[0], 0.5, *span)


def from_scratch(store):
    metrics = Metrics()
    metrics.add(store.since(store.start))
    return metrics


def test_that_going_back_and_forth_changes_no_moment(store):
    summed, chance = Summing(store), random.Random(8)
    summed.follow()
    for _ in range(60):
        store.seek(chance.randrange(store.start, store.end + 1))
        assert told(summed.follow()) == told(from_scratch(store))


def test_that_a_way_far_ahead_begins_near_its_end(store, monkeypatch):
    summed, taken = Summing(store), []
    summed.follow()
    store.seek(10)
    summed.follow()
    monkeypatch.setattr(
        Metrics, "add", lambda metrics, events, add=Metrics.add: [taken.extend(events), add(metrics, events)]
    )
    store.seek(store.end - 1)
    assert told(summed.follow()) == told(from_scratch(store))
    assert len(taken) - (store.end - 1) < 50


def test_that_what_is_to_come_may_be_summed_up_before_it_is_gone_to(store, monkeypatch):
    summed, taken = Summing(store), []
    store.seek(60)
    before = told(summed.follow())
    while summed.go_ahead():
        assert told(summed.metrics) == before
    monkeypatch.setattr(
        Metrics, "add", lambda metrics, events, add=Metrics.add: [taken.extend(events), add(metrics, events)]
    )
    for place in (store.end - 1, 130, 61, 260):
        store.seek(place)
        taken.clear()
        found = told(summed.follow())
        assert len(taken) < 50
        assert found == told(from_scratch(store))


def test_that_copies_of_forgotten_events_are_not_kept(store):
    summed = Summing(store)
    for n in range(1000):
        store.extend([e.MessageReceived(t=T + n, source="worker-1", key=f"more {n}", channel=CHANNEL)])
        summed.follow()
    assert all(place >= store.start - 50 for place, _ in summed._copies)
    assert len(summed._copies) <= 10


def test_that_after_forgotten_events_it_begins_again(store):
    summed = Summing(store)
    summed.follow()
    store.extend(e.LogLine(t=T, source="worker-1", text=str(n)) for n in range(1000))
    assert told(summed.follow()) == told(from_scratch(store))


def test_that_some_at_once_come_to_the_same_as_all(store):
    summed = Summing(store)
    summed.follow(70)
    assert summed.is_behind
    while summed.is_behind:
        metrics = summed.follow(70)
    assert told(metrics) == told(from_scratch(store))
