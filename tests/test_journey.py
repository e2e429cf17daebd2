# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app import events as e
from app.journey import Progress, journey_of, journey_of_handshake, journey_of_message
from app.way import after, before, beside, group_stop
from tests.panels.chat import Chat, frame


@pytest.fixture
def chat():
    chat = Chat().begin()
    chat.connect("c1", "bob")
    chat.connect("c2", "ada")
    return chat


def last_row(chat):
    return len(chat.store.index) - 1


def told(chat, row):
    hops = journey_of(chat.store.state, row, lambda row: chat.store.index.row(row).time)
    return [(hop.name, hop.progress, hop.note) for hop in hops]


DONE, HERE, FAILED, AHEAD = Progress.DONE, Progress.HERE, Progress.FAILED, Progress.AHEAD


def test_that_a_message_nobody_has_taken_waits_in_its_channel(chat):
    chat.say("c1", "anyone there?")
    assert told(chat, last_row(chat)) == [
        ("wire", DONE, ""),
        ("frame", DONE, ""),
        ("channel", HERE, "waiting"),
        ("worker", AHEAD, ""),
        ("reply", AHEAD, ""),
    ]


def test_that_an_expired_message_ended_in_its_channel(chat):
    key = chat.say("c1", "anyone there?")
    chat.put(e.MessageExpired(t=chat.t + 60, source="redis", key=key))
    assert told(chat, last_row(chat))[2:4] == [("channel", FAILED, "expired"), ("worker", AHEAD, "")]


def test_that_a_held_message_is_at_its_worker(chat):
    chat.take(chat.say("c1", "hi"))
    assert told(chat, last_row(chat))[2:4] == [("channel", DONE, ""), ("worker", HERE, "running")]


def test_that_a_message_lost_with_its_worker_ended_there(chat):
    key = chat.say("c1", "hi")
    row = last_row(chat)
    chat.take(key)
    chat.put(e.MessageLost(t=chat.t, source="lab", key=key, reason="worker killed", worker="worker-1"))
    assert told(chat, row)[3] == ("worker", FAILED, "lost with a worker")


def test_that_a_whole_round_names_all_replies_and_when_the_first_came_out(chat):
    row = last_row(chat) + 1
    chat.chat("c1", "hi", "c2")
    hops = journey_of(chat.store.state, row, lambda row: chat.store.index.row(row).time)
    assert [hop.name for hop in hops] == ["wire", "frame", "channel", "worker", "2 replies"]
    assert [hop.time for hop in hops] == sorted(hop.time for hop in hops)
    assert hops[-1].time == chat.store.index.row(row + 1).time
    assert (hops[-1].kind, hops[-1].item) == ("frame", str(row + 1))
    assert (hops[3].kind, hops[3].title) == ("run", "worker-1")


def test_that_a_frame_from_the_server_is_walked_back_to_the_frame_that_caused_it(chat):
    said = last_row(chat) + 1
    chat.chat("c1", "hi", "c2")
    hops = journey_of(chat.store.state, last_row(chat), lambda row: chat.store.index.row(row).time)
    assert [hop.name for hop in hops] == ["wire", "frame", "channel", "worker", "reply"]
    assert hops[1].item == str(said)
    assert hops[-1].item == str(last_row(chat))


def test_that_a_message_sent_on_by_a_consumer_adds_a_channel_and_a_worker(chat):
    key = chat.say("c1", "hi")
    row = last_row(chat)
    chat.take(key)
    onward = chat.message("chat-messages", {}, cause=key, source="worker-1")
    chat.finish(key)
    chat.take(onward)
    chat.broadcast(onward, '{"type": "chat"}', "c1")
    chat.finish(onward)
    names = ["wire", "frame", "channel", "worker", "channel", "worker", "reply"]
    assert [name for name, _, _ in told(chat, row)] == names
    assert [name for name, _, _ in told(chat, row + 1)] == names
    assert [hop.name for hop in journey_of_message(chat.store.state, onward)] == names


def test_that_a_group_that_was_sent_to_is_a_hop_of_its_own(chat):
    key = chat.say("c1", "hi")
    row = last_row(chat)
    chat.take(key)
    sent = chat.t = chat.t + 0.001
    copies = [chat.message(chat.reply(to), {}, cause=key, source="worker-1", group="chat-lobby") for to in ("c1", "c2")]
    chat.finish(key)
    names = ["wire", "frame", "channel", "worker", "group"]
    for hops, last in (
        (journey_of(chat.store.state, row), "2 replies"),
        (journey_of_message(chat.store.state, copies[1]), "reply"),
    ):
        assert [hop.name for hop in hops] == [*names, last]
        group = hops[4]
        assert (group.kind, group.item, group.title, group.time) == (
            "group", "chat-lobby", "chat-lobby: 2 copies", sent,
        )  # fmt: skip


def test_that_a_group_nobody_was_in_is_where_the_way_ends(chat):
    key = chat.say("c1", "hi")
    row = last_row(chat)
    chat.take(key)
    chat.put(e.GroupEmpty(t=chat.t, source="worker-1", group="nobody", cause=key))
    chat.finish(key)
    assert told(chat, row)[3:] == [("worker", DONE, ""), ("group", FAILED, "empty"), ("reply", AHEAD, "none")]
    stop = ("group", "nobody", key)
    assert after(chat.store.state, ("run", key)) == [stop]
    assert beside(chat.store.state, stop) == [stop]
    assert before(chat.store.state, stop) == [("run", key)]
    assert after(chat.store.state, stop) == []
    assert group_stop(chat.store.state, "nobody", ("frame", str(row))) == stop


def test_that_no_reply_is_said_when_the_consumer_sent_none(chat):
    key = chat.say("c1", "hi")
    chat.take(key)
    chat.finish(key)
    assert told(chat, last_row(chat))[-1] == ("reply", AHEAD, "none")


def test_that_a_control_frame_never_leaves_the_interface_server(chat):
    chat.frames("c1", "client", frame(9, b"hi", masked=True), counts=False)
    assert [name for name, _, _ in told(chat, last_row(chat))] == ["wire", "frame"]


def test_that_fragments_begin_with_the_first_and_end_with_the_last(chat):
    n = chat.frames("c1", "client", frame(1, b"ab", fin=False, masked=True), frame(0, b"c", masked=True))
    chat.message("websocket.receive", {"text": "abc"}, connection="c1", n=n)
    first, second = (chat.store.index.row(row).time for row in (last_row(chat) - 1, last_row(chat)))
    hops = journey_of(chat.store.state, last_row(chat), lambda row: chat.store.index.row(row).time)
    assert (hops[0].time, hops[1].time, hops[1].title) == (first, second, "2 frames")


def test_that_a_handshake_goes_over_the_channel_layer_too(chat):
    hops = journey_of_handshake(chat.store.state, "c1", answered=chat.t)
    assert [hop.name for hop in hops] == ["request", "websocket.connect", "worker", "accept", "101"]
    assert all(hop.progress is DONE for hop in hops)


def test_that_an_unknown_connection_has_no_journey(chat):
    assert journey_of_handshake(chat.store.state, "c99") == ()


def test_that_a_capture_shows_no_journey_as_it_has_no_channel_layer():
    chat = Chat()
    chat.connect("c1", "bob")
    assert journey_of(chat.store.state, last_row(chat)) == ()
