# SPDX-License-Identifier: GPL-3.0-or-later
import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import codec
from app import events as e
from app.entities import Fate
from app.frame_index import FrameIndex
from app.inbox import Inbox
from app.sources.decode import WireDecoder
from app.spool import Spool
from app.state import State
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


def test_that_every_moment_is_the_same_from_wherever_one_comes():
    """From a kept state, from the beginning, forward and backward; what is kept is not touched by what comes later."""
    story = [e.WorkerStarted(t=0.0, source="lab", worker="worker-1", pid=1)]
    for number in range(30):
        story += [
            sent(f"k{number}", t=float(number)),
            *([received(f"k{number}"), finished(f"k{number}")] if number % 3 else [expired(f"k{number}")]),
            sent(f"r{number}", t=float(number), channel="reply!c1", cause=f"k{number // 4}"),
            e.GroupAdded(t=1.0, source="worker-1", group="room", channel=f"reply!{number % 5}"),
            e.ConnectionOpened(t=1.0, source="server", connection=f"c{number}", client="a:1", server="b:2"),
        ]
    store = Store(limit=200)
    store.extend(story)
    moments = [0, 1, 39, 40, 41, 77, 100, 139, 140, len(story)]
    folded = {}
    for moment in moments:
        plain = Store(limit=10**6)
        plain.extend(story[:moment])
        folded[moment] = seen(plain.state)
    for moment in [*moments, *moments[::-1], *moments[::3], *moments[::-3]]:
        store.seek(moment)
        assert seen(store.state) == folded[moment], moment
    store.seek(None)
    assert seen(store.state) == folded[len(story)]


def seen(state):
    """Return everything that is in a state, as values that compare."""
    return copy.deepcopy({name: value for name, value in vars(state).items() if name != "owned"})


def test_that_the_inbox_counts_what_it_must_drop():
    inbox = Inbox(limit=2)
    inbox.put_all(sent(str(i)) for i in range(5))
    events = inbox.take()
    assert [type(event).__name__ for event in events] == ["MessageSent", "MessageSent", "EventsDropped", "CountersSeen"]
    assert events[-2].count == 3
    assert events[-1].unsaid == {"MessageSent": 3}
    assert inbox.take() == []


def test_that_every_kind_of_event_survives_its_json_line():
    event = e.BytesSeen(
        t=1.5, source="server", connection="c1", direction="client", offset=0, length=2, data=b"\x81\x35"
    )
    assert codec.decode(codec.encode(event)) == event
    assert len(e.kinds()) > 35


def received(key, source="worker-1", t=2.0, **more):
    return e.MessageReceived(t=t, source=source, key=key, channel="websocket.receive", **more)


def finished(key):
    return e.ConsumerFinished(t=3.0, source="worker-1", worker="worker-1", key=key, seconds=0.1)


def failed(key):
    return e.ConsumerFailed(t=3.0, source="worker-1", worker="worker-1", key=key, consumer="c", error="E", traceback="")


def lost(key, reason, source="worker-1"):
    return e.MessageLost(t=3.0, source=source, worker="worker-1", key=key, reason=reason)


def expired(key):
    return e.MessageExpired(t=3.0, source="redis", key=key)


# What may be said of one message besides that it was sent: each pipe's events in their order, and how it ends.
STORIES = (
    ([], Fate.WAITING),
    ([received], Fate.HELD),
    ([received, finished], Fate.DELIVERED),
    ([received, failed], Fate.DELIVERED),
    ([lambda key: received(key, "server", connection="c1", n=1)], Fate.DELIVERED),
    ([lambda key: received(key, cause="another")], Fate.DELIVERED),
    ([expired], Fate.EXPIRED),
    ([received, lambda key: lost(key, "worker killed", "lab")], Fate.LOST),
    ([received, lambda key: lost(key, "no route")], Fate.NO_ROUTE),
    ([received, lambda key: lost(key, "unreadable")], Fate.UNREADABLE),
    ([lambda key: lost(key, "socket closed", "server")], Fate.SOCKET_CLOSED),
    ([lambda key: lost(key, "dropped on purpose", "server")], Fate.DROPPED),
)


@given(st.lists(st.sampled_from(STORIES), max_size=12), st.integers(0, 3), st.randoms(use_true_random=False))
def test_that_every_message_has_exactly_one_fate_in_whatever_order_its_news_come(stories, wipes, random):
    """Some wipes come in between, all of them after the sends in time, whenever they are told."""
    pipes = [[sent(f"k{i}")] for i in range(len(stories))]
    pipes += [[say(f"k{i}") for say in says] for i, (says, _) in enumerate(stories)]
    pipes += [[e.MessagesWiped(t=5.0, source="redis", reason="restart")] for _ in range(wipes)]
    pipes += [[e.MessageRefused(t=1.0, source="server", channel="websocket.receive", reason="full")]]
    store, attempts = Store(), 0
    while pipes := [pipe for pipe in pipes if pipe]:
        event = random.choice(pipes).pop(0)
        store.extend([event])
        attempts += isinstance(event, e.MessageSent | e.MessageRefused)
        state = store.state
        assert attempts == sum(state.fates.values()) + state.refused
        assert min(state.fates.values()) >= 0
        waiting = {key for key, message in state.messages.items() if message.fate is Fate.WAITING}
        assert state.channel_of("websocket.receive").waiting.keys() == waiting
    for i, (_, fate) in enumerate(stories):
        expected = Fate.WIPED if wipes and fate is Fate.WAITING else fate
        assert state.messages[f"k{i}"].fate is expected


def test_that_a_message_sent_after_redis_was_emptied_is_not_among_the_wiped():
    store = Store()
    store.extend([sent("new", t=6.0), e.MessagesWiped(t=5.0, source="redis", reason="restart")])
    assert store.state.messages["new"].fate is Fate.WAITING
    store.extend([e.MessagesWiped(t=7.0, source="server", reason="restart"), received("new")])  # told late
    assert store.state.messages["new"].fate is Fate.HELD


def test_that_what_is_kept_is_bounded_even_when_no_fate_is_ever_seen(monkeypatch):
    monkeypatch.setattr("app.state.world.MESSAGE_LIMIT", 100)
    store = Store()
    store.extend(sent(f"k{i}") for i in range(1000))
    assert len(store.state.messages) <= 120
    assert len(store.state.channels["websocket.receive"].waiting) <= 120
    assert store.state.fates[Fate.WAITING] == len(store.state.messages)
    assert store.state.fates[Fate.WAITING] + store.state.fates[Fate.UNSEEN] == 1000


def test_that_a_worker_stopped_before_its_news_were_read_is_still_shown_as_stopped():
    store = Store()
    store.extend(
        [
            e.WorkerStarted(t=1.0, source="lab", worker="worker-1", pid=1),
            e.WorkerStopped(t=3.0, source="lab", worker="worker-1"),
            e.WorkerReady(t=2.0, source="worker-1", worker="worker-1", channels=("a",)),
        ]
    )
    worker = store.state.workers["worker-1"]
    assert worker.status == "stopped"
    store.extend([e.WorkerContinued(t=4.0, source="lab", worker="worker-1")])
    assert worker.status == "idle"


def test_that_a_ghost_that_was_passed_does_not_come_back_with_the_late_news_of_its_expiry():
    store = Store()
    store.extend([sent("a"), e.GhostsPassed(t=2.0, source="worker-1", channel="websocket.receive", keys=("a",))])
    store.extend([expired("a")])
    assert store.state.messages["a"].fate is Fate.EXPIRED
    assert not store.state.channels["websocket.receive"].ghosts
    assert not store.state.channels["websocket.receive"].waiting


def test_that_a_live_session_keeps_the_newest_frames_and_bytes_within_its_limits():
    index = FrameIndex(Spool(limit=20), limit=4)
    decoder, store = WireDecoder(index), Store(index=index)
    frames = [b"\x81\x05hell%d" % i for i in range(6)]
    for i, frame in enumerate(frames):
        run = e.BytesSeen(
            t=1.0, source="server", connection="c1", direction="server", offset=i * 7, length=7, data=frame
        )
        store.extend(decoder.feed(run))
    assert index.end == store.state.frames == store.state.rows == 6
    assert len(index) + index.dropped == 6
    assert len(index) <= 4
    assert [index.raw(row) for row in range(6)] == [b"", b"", b"", b"", *frames[4:]]
    assert index.find(0) is None
    assert 0 not in index
    assert index.row(5).offset == 35
    with pytest.raises(IndexError, match=r"frame 0 is not kept: [23] to 5 are"):
        index.row(0)
    index.spool.close()


def test_that_a_body_deleted_by_hand_leaves_a_ghost_and_no_live_message():
    store = Store()
    store.extend([sent("a"), e.MessageLost(t=2.0, source="console", key="a", reason="dropped on purpose")])
    store.extend([e.ChannelMeasured(t=2.1, source="redis", channel="websocket.receive", length=1, live=0)])
    channel = store.state.channels["websocket.receive"]
    assert (channel.live, channel.dead, channel.entries) == (0, 1, 1)


def test_that_a_message_redis_told_of_before_its_sender_did_is_counted_once():
    measured = e.ChannelMeasured(t=1.0, source="redis", channel="websocket.receive", length=1, live=1)
    store = Store()
    store.extend([measured, sent("a")])
    assert store.state.channels["websocket.receive"].live == 1


def line(n):
    return e.LogLine(t=float(n), source="worker-1", text=str(n))


def begun(t):
    return e.LabStarted(t=t, source="lab", expiry=60.0, capacity=100, prefix="asgi:", workers=1)


def test_that_events_are_bounded_while_somebody_looks_at_the_past():
    store = Store(limit=100)
    store.extend([sent(str(n), t=float(n)) for n in range(100)])
    store.seek(50)
    for n in range(100, 400):
        store.extend([line(n)])
    assert (store.playhead, store.pushed, store.start) == (50, 0, 0)
    store.extend([e.Selected(t=400.0, source="window", kind="message", item="7")])
    for n in range(401, 2000):
        store.extend([line(n)])
        assert store.end - store.start <= store.most == 400
    assert store.pushed > 100
    assert store.start <= store.playhead <= store.start + 10
    assert not store.is_live
    again = State()
    for n in range(100):
        again.apply(sent(str(n), t=float(n)))
    assert store.state.messages == again.messages
    assert store.state.selected.item == "7"
    store.seek(None)
    store.extend([line(2000)])
    assert store.end - store.start <= 110
    assert store.end == 2001


def test_that_many_events_at_once_push_the_playhead_too():
    store = Store(limit=100)
    store.extend([line(n) for n in range(50)])
    store.seek(10)
    store.extend([line(n) for n in range(50, 5000)])
    assert store.end - store.start <= 400
    assert store.start <= store.playhead < store.end
    assert store.between(store.playhead, store.playhead + 1) == [line(store.playhead)]


def test_that_of_the_run_before_nothing_is_kept():
    store = Store(limit=100)
    opened = e.ConnectionOpened(t=1.0, source="server", connection="c1", client="1.2.3.4:5", server="1.2.3.4:80")
    store.extend([begun(0.0), opened, *[sent(str(n), t=2.0) for n in range(50)]])
    store.extend([sent("last"), begun(3.0), line(4)])
    assert store.since(0) == [begun(3.0), line(4)]
    assert (store.start, store.begun, store.end) == (53, 53, 55)
    assert not store.state.messages
    assert set(store.state.connections) == {"c1"}
    store.seek(store.start)
    assert store.now == 3.0
    assert not store.state.messages


def test_that_another_run_brings_a_traveller_back():
    store = Store(limit=100)
    store.extend([begun(0.0), *[line(n) for n in range(50)]])
    store.seek(20)
    store.extend([line(50), begun(3.0), line(51)])
    assert store.is_live
    assert store.pushed == 1
    assert store.since(0) == [begun(3.0), line(51)]


def test_that_a_file_keeps_its_runs():
    store = Store(limit=100, is_file=True)
    store.extend([begun(0.0), line(1), begun(2.0), line(3)])
    assert len(store.since(0)) == 4


def test_that_a_member_who_left_stays_away_although_another_worker_tells_of_its_joining_later():
    def told(kind, t, worker):
        return kind(t=t, source=worker, group="room", channel="reply!a")

    store = Store()
    store.extend([told(e.GroupDiscarded, 2.0, "worker-2"), told(e.GroupAdded, 1.0, "worker-1")])
    assert not store.state.groups
    store.extend([told(e.GroupAdded, 4.0, "worker-1"), told(e.GroupDiscarded, 3.0, "worker-2")])
    assert store.state.groups == {"room": {"reply!a": 4.0}}
    wipe = e.MessagesWiped(t=6.0, source="redis", reason="flush")
    store.extend([wipe, told(e.GroupAdded, 5.0, "worker-1")])
    assert not store.state.groups


def test_that_what_is_long_over_is_forgotten_and_counted():
    store = Store()
    for n in range(3000):
        store.extend([
            sent(f"m{n}", channel=f"channel-{n}"),
            e.MessageReceived(t=2.0, source="server", key=f"m{n}", channel=f"channel-{n}"),
            e.WorkerStarted(t=2.0, source="lab", worker=f"guest-{n}", pid=1),
            e.WorkerExited(t=2.0, source="lab", worker=f"guest-{n}", status=0),
            e.GroupAdded(t=2.0, source="worker-1", group=f"room-{n}", channel="x"),
        ])  # fmt: skip
    state = store.state
    kept = {"channels": state.channels, "workers": state.workers, "groups": state.groups}
    for what, things in kept.items():
        assert len(things) + state.forgotten[what] == 3000
        assert len(things) < 1100
    assert state.fates[Fate.DELIVERED] == 3000


def heavy(n, size=1024):
    return e.MessageSent(
        t=float(n), source="server", key=str(n), channel="websocket.receive", body=bytes(size), expiry=60.0
    )


def test_that_heavy_bodies_are_bounded_too_live_and_in_the_past(monkeypatch):
    for place in ("app.store", "app.state.world"):
        monkeypatch.setattr(f"{place}.BODY_LIMIT", 100 * 1024)
    store = Store()
    for n in range(1000):
        store.extend([heavy(n)])
        assert store.end - store.start <= 112
    assert len(store.state.messages) <= 100
    assert store.state.weight == sum(len(message.body) for message in store.state.messages.values())
    assert sum(store.state.fates.values()) == 1000
    assert store.state.forgotten["messages"] == 1000 - len(store.state.messages)
    store.seek(store.start + 50)
    state = store.state
    store.extend([heavy(1000)])
    assert store.state is state  # nobody was disturbed yet
    for n in range(1001, 2000):
        store.extend([heavy(n)])
        assert store.end - store.start <= 112
    assert store.start <= store.playhead
    assert store.pushed
    store.extend([heavy(n) for n in range(2000, 3000)])
    assert store.end - store.start <= 112
    store.seek(None)
    assert sum(store.state.fates.values()) == 3000
