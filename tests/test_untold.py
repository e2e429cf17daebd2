# SPDX-License-Identifier: GPL-3.0-or-later
"""What the state makes of observations that were dropped."""

import pytest

from app import events as e
from app.entities import Fate
from app.metrics import Metrics
from app.sources.held import Held
from app.store import Store

QUEUE = "websocket.receive"


def sent(key, t):
    return e.MessageSent(t=t, source="server", key=key, channel=QUEUE, body=b"", expiry=60)


def received(key, t):
    return e.MessageReceived(t=t, source="worker-1", key=key, channel=QUEUE)


def finished(key, t):
    return e.ConsumerFinished(t=t, source="worker-1", worker="worker-1", key=key, seconds=0.1)


def measured(t, live):
    return e.ChannelMeasured(t=t, source="redis", channel=QUEUE, length=live, live=live)


def counted(t, holding=0, **unsaid):
    dropped = sum(unsaid.values())
    return e.CountersSeen(t=t, source="worker-1", events=10, dropped=dropped, unsaid=unsaid, holding=holding)


@pytest.fixture
def state():
    store = Store()
    store.extend(
        [e.WorkerStarted(t=0, source="lab", worker="worker-1", pid=1), *(sent(f"k{n}", 1 + n) for n in range(4))]
    )
    return store.state


def told(state, *events):
    for event in events:
        state.apply(event)
    return {fate.name: n for fate, n in state.fates.items() if n}


def test_that_redis_says_how_many_wait_before_the_news_of_who_took_them_has_come(state):
    assert told(state, measured(10, live=1)) == {"WAITING": 4}
    assert state.channels[QUEUE].live == 1
    told(state, received("k0", 9.9), finished("k0", 10))
    assert (state.channels[QUEUE].live, state.fates[Fate.DELIVERED]) == (1, 1)


def test_that_a_message_just_sent_waits_although_redis_was_asked_a_moment_before(state):
    told(state, measured(4.1, live=0))
    assert list(state.channels[QUEUE].waiting) == ["k3"]


def test_that_what_left_redis_while_news_was_dropped_has_a_fate_not_seen_and_may_be_heard_of_later(state):
    told(state, measured(10, live=1))
    assert told(state, counted(10, MessageReceived=3)) == {"WAITING": 1, "UNSEEN": 3}
    assert told(state, received("k0", 9), finished("k0", 9.1)) == {"WAITING": 1, "UNSEEN": 2, "DELIVERED": 1}


def test_that_news_of_which_only_bytes_were_dropped_is_waited_for(state):
    assert told(state, measured(10, live=0), counted(10, BytesSeen=30)) == {"WAITING": 4}


def test_that_a_worker_holds_as_many_as_it_says(state):
    told(state, *(received(f"k{n}", 6 + n) for n in range(4)))
    assert told(state, counted(10, holding=1, ConsumerFinished=3)) == {"HELD": 1, "UNSEEN": 3}
    assert state.messages["k3"].fate is Fate.HELD
    told(state, e.ConsumerStarted(t=10, source="worker-1", worker="worker-1", key="k3", channel=QUEUE, consumer="c"))
    assert told(state, counted(11, ConsumerFinished=4)) == {"UNSEEN": 4}
    assert state.workers["worker-1"].status == "idle"


def test_that_sendings_not_told_are_counted_as_fates_not_seen_once(state):
    told(state, counted(10, MessageSent=5, MessageRefused=1))
    assert told(state, counted(11, MessageSent=7, MessageRefused=1)) == {"WAITING": 4, "UNSEEN": 7}
    assert state.refused == 1
    told(state, e.WorkerStarted(t=12, source="lab", worker="worker-1", pid=2))
    assert told(state, counted(13, MessageSent=2))["UNSEEN"] == 9


def test_that_messages_whose_end_was_dropped_do_not_die_with_their_worker():
    held = Held()
    for event in (received("k0", 1), received("k1", 2), counted(3, holding=1, ConsumerFinished=1)):
        held.notice("worker-1", event)
    assert [lost.key for lost in held.lost_with("worker-1", 4)] == ["k1"]


def test_that_the_plot_of_what_waits_comes_down_after_drops():
    metrics = Metrics()
    dropped = e.EventsDropped(t=4, source="worker-1", count=4)
    metrics.add([*(sent(f"k{n}", n) for n in range(4)), dropped, measured(5, 1)])
    assert metrics.depth(QUEUE, 0, 5, 1).values[-1] == 4
    metrics.add([sent("k9", 6)])
    assert metrics.depth(QUEUE, 0, 6, 1).values[-1] == 2
