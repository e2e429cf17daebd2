# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a client's message spent its time, in whatever order the pipes tell of it."""

import itertools

import pytest

from app import events as e
from app.sources.ways import PER_SECOND, Ways

REPLY = "daphne.response.abc!x"


def told(key="k", queue=0.001, reply=0.001, replies=True):
    """What the processes tell of one message."""
    sent, taken = 10.0, 10.0 + queue
    about = {"source": "worker-1", "key": key, "channel": "websocket.receive"}
    server = [
        e.MessageSent(
            t=sent, source="server", key=key, channel="websocket.receive", body=b"", expiry=60, connection="c1", n=1
        )
    ]
    worker = [
        e.MessageReceived(t=taken, **about),
        e.ConsumerStarted(t=taken, worker="worker-1", consumer="x", **about),
    ]
    if replies:
        worker.append(
            e.MessageSent(
                t=taken + 0.004, source="worker-1", key=f"{key}-r", channel=REPLY, body=b"", expiry=60, cause=key
            )
        )
        out = {"source": "server", "key": f"{key}-r", "channel": REPLY, "connection": "c1", "n": 1}
        server.append(e.MessageReceived(t=taken + 0.004 + reply, **out))
    worker.append(e.ConsumerFinished(t=taken + 0.005, source="worker-1", worker="worker-1", key=key, seconds=0.005))
    return server, worker


def measured(events) -> list[e.WayMeasured]:
    ways = Ways()
    ways.see(
        e.WebSocketMessageSeen(
            t=9.999, source="server", connection="c1", direction="client", n=1, opcode=1, length=2, rows=(0,)
        )
    )
    return [one for event in events if (one := ways.feed(event))]


def merged(server, worker):
    """Every order in which two pipes can be read."""
    total = len(server) + len(worker)
    for places in itertools.combinations(range(total), len(server)):
        one, other = iter(server), iter(worker)
        yield [next(one) if place in places else next(other) for place in range(total)]


def test_that_a_way_is_measured_once_in_any_order_of_the_pipes():
    for events in merged(*told()):
        (way,) = measured(events)
        assert (way.key, way.longest) == ("k", "consumer")
        assert way.server == pytest.approx(0.001)
        assert way.queue == pytest.approx(0.001)
        assert way.consumer == pytest.approx(0.005)
        assert way.reply == pytest.approx(0.001)


@pytest.mark.parametrize(("spent", "longest"), [({"queue": 2.0}, "queue"), ({"reply": 2.0}, "reply"), ({}, "consumer")])
def test_that_the_longest_part_is_named(spent, longest):
    server, worker = told(**spent)
    (way,) = measured([server[0], *worker, server[1]])
    assert way.longest == longest


def test_that_a_message_without_an_answer_ends_with_its_consumer():
    server, worker = told(replies=False)
    (way,) = measured([*server, *worker])
    assert (way.longest, way.reply) == ("consumer", 0.0)


def test_that_under_load_only_some_are_measured():
    ways = Ways()
    many = [told(f"k{number}") for number in range(100)]
    found = [ways.feed(event) for server, worker in many for event in (server[0], *worker, server[1])]
    assert len([way for way in found if way]) == PER_SECOND
