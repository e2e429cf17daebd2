# SPDX-License-Identifier: GPL-3.0-or-later
"""Events summed up second by second."""

import pytest

from app import events as e
from app.metrics import HOPS, Metrics

T = 1_000_000.0
CHANNEL, REPLY = "websocket.receive", "daphne.response.kXaP!c1"


def sent(key, t=0.0, channel=CHANNEL):
    return e.MessageSent(t=T + t, source="server", key=key, channel=channel, body=b"\x80", expiry=15.0)


def taken(key, t=0.0, channel=CHANNEL, source="worker-1"):
    return e.MessageReceived(t=T + t, source=source, key=key, channel=channel)


def expired(key, t):
    return e.MessageExpired(t=T + t, source="redis", key=key)


@pytest.fixture
def metrics():
    return Metrics()


def feed(metrics, *events):
    metrics.add(events)


def test_that_the_rate_counts_messages_taken(metrics):
    feed(metrics, *(sent(str(n), 0.1) for n in range(6)), *(taken(str(n), 0.2) for n in range(4)))
    feed(metrics, taken("4", 1.5))
    assert metrics.rate(CHANNEL, T, T + 2, 1).values == (4.0, 1.0, 0.0)
    assert metrics.rate(CHANNEL, T, T + 1, 2).values == (2.5,)


def test_that_the_depth_rises_and_falls_and_stays_while_nothing_happens(metrics):
    feed(metrics, sent("a"), sent("b"), taken("a", 3.0), expired("b", 5.0))
    assert metrics.depth(CHANNEL, T, T + 6, 1).values == (2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 0.0)


def test_that_an_emptied_redis_leaves_nothing_waiting(metrics):
    feed(metrics, sent("a"), e.MessagesWiped(t=T + 1, source="lab", reason="flushdb"), sent("b", 2.0))
    assert metrics.depth(CHANNEL, T, T + 3, 1).values == (1.0, 1.0, 1.0, 1.0)
    feed(metrics, taken("b", 3.5))
    assert metrics.depth(CHANNEL, T + 4, T + 4, 1).values == (0.0,)


def test_that_the_time_of_each_hop_is_known(metrics):
    feed(metrics, sent("a"), taken("a", 0.25))
    feed(metrics, e.ConsumerFinished(t=T + 0.5, source="worker-1", worker="worker-1", key="a", seconds=0.2))
    feed(metrics, sent("r", 0.5, REPLY), taken("r", 0.6, REPLY, "server"))
    found = [metrics.spent(hop, 0.5, T, T + 1, 1).values for hop in HOPS]
    assert [values[0] for values in found] == pytest.approx([0.25, 0.2, 0.1])


def test_that_news_may_come_in_the_wrong_order(metrics):
    feed(metrics, taken("a", 0.25), sent("a"))
    assert metrics.spent(HOPS[0], 0.5, T, T + 1, 1).values == pytest.approx((0.25,))
    assert metrics.depth(CHANNEL, T, T + 1, 1).values == (0.0, 0.0)


def test_that_kills_and_expiries_are_marked(metrics):
    feed(metrics, sent("a"), expired("a", 2.0))
    feed(metrics, e.WorkerExited(t=T + 3, source="lab", worker="worker-1", signal="KILL"))
    feed(metrics, e.WorkerExited(t=T + 4, source="lab", worker="worker-2", status=0))
    assert metrics.marks == [(T + 2, "expiry"), (T + 3, "kill")]


def test_that_replies_to_all_sockets_are_one_queue(metrics):
    feed(metrics, sent("a", 0.0, REPLY), sent("b", 0.0, REPLY.replace("c1", "c2")), sent("c"))
    assert metrics.busiest(T, T + 1, 5)[0] == "daphne.response.kXaP!"


def test_that_the_fullest_queue_is_not_the_busiest(metrics):
    busy, slow, idle = "busy", "slow", "idle"
    for n in range(50):
        feed(metrics, sent(f"b{n}", 1.0, busy), taken(f"b{n}", 1.0, busy))
    feed(metrics, *(sent(f"i{n}", 2.0, idle) for n in range(9)), *(sent(f"s{n}", 2.0, slow) for n in range(3)))
    feed(metrics, *(taken(f"i{n}", 3.0, idle) for n in range(9)))
    assert metrics.busiest(T, T + 5, 1) == [busy]
    assert metrics.fullest(T, T + 5, 9) == [slow, idle, busy], "where most wait now, then where most did"
    assert (metrics.waiting(slow), metrics.waiting(idle)) == (3, 0)
    assert metrics.fullest(T + 4, T + 5, 9) == [slow], "long ago is not in the time that is shown"
    assert metrics.depth(slow, T + 4, T + 5, 1).values == (3.0, 3.0), "they wait on though nothing happens"


def test_that_a_queue_keeps_its_number(metrics):
    feed(metrics, sent("a", 0.0, "first"), sent("b", 1.0, "second"))
    before = metrics.copy()
    feed(metrics, *(sent(str(n), 2.0, "third") for n in range(9)), taken("a", 2.0, "first"))
    assert [metrics.number_of(name) for name in ("first", "second", "third")] == [0, 1, 2]
    assert before.number_of("second") == 1
