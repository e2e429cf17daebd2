# SPDX-License-Identifier: GPL-3.0-or-later
from app import codec
from app import events as e
from app.entities import Fate
from app.inbox import Inbox
from app.store import Store


def sent(key, t=1.0, channel="websocket.receive", **more):
    return e.MessageSent(t=t, source="server", key=key, channel=channel, body=b"\x80", expiry=60.0, **more)


def test_that_a_message_nobody_reads_becomes_a_ghost_in_its_channel():
    store = Store()
    store.extend([sent("a"), e.MessageExpired(t=61.0, source="redis", key="a")])
    channel = store.state.channels["websocket.receive"]
    assert list(channel.ghosts) == ["a"]
    assert not channel.waiting
    assert store.state.messages["a"].fate is Fate.EXPIRED


def test_that_news_of_a_receipt_may_come_before_the_news_of_the_send():
    store = Store()
    store.extend(
        [
            e.MessageReceived(t=1.1, source="worker-1", key="a", channel="websocket.receive"),
            e.ConsumerFinished(t=1.2, source="worker-1", worker="worker-1", key="a", seconds=0.1),
            sent("b", cause="a"),
            sent("a"),
        ]
    )
    assert store.state.messages["a"].fate is Fate.DELIVERED
    assert store.state.effects["a"] == ["b"]
    assert store.state.channels["websocket.receive"].waiting.keys() == {"b"}


def test_that_rewinding_folds_to_the_same_state_again():
    store = Store(limit=10)
    store.extend(sent(f"k{i}", t=float(i)) for i in range(40))
    live = store.state
    store.seek(store.end - 3)
    assert len(store.state.messages) == 37
    store.seek(None)
    assert store.state.fates == live.fates
    assert list(store.state.messages) == list(live.messages)
    assert store.start > 0


def test_that_the_inbox_counts_what_it_must_drop():
    inbox = Inbox(limit=2)
    inbox.put_all(sent(str(i)) for i in range(5))
    events = inbox.take()
    assert [type(event).__name__ for event in events] == ["MessageSent", "MessageSent", "EventsDropped"]
    assert events[-1].count == 3
    assert inbox.take() == []


def test_that_every_kind_of_event_survives_its_json_line():
    event = e.BytesSeen(
        t=1.5, source="server", connection="c1", direction="client", offset=0, length=2, data=b"\x81\x35"
    )
    assert codec.decode(codec.encode(event)) == event
    assert len(e.kinds()) > 35
