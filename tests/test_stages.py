# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app import events as e
from app import stages as s
from app.stages import Moments, stages_of, usual_of
from tests.panels.chat import Chat, frame


@pytest.fixture
def chat():
    chat = Chat(t=1000.0).begin()
    chat.connect("c1", "bob")
    return chat


def a_round(chat, consumer=0.004, queue=0.002):
    """A message with every moment told: its frame comes in two runs of bytes."""
    data = frame(1, b'{"data": "hi"}', masked=True)
    chat.bytes("c1", "client", data[:4])
    chat.t += 0.003
    n = chat.frames("c1", "client", data[4:])
    chat.t += 0.0004
    more = {"connection": "c1", "n": n, "took": 0.0005}
    key = chat.message("websocket.receive", {"text": "hi"}, **more)
    chat.t += 0.0005 + queue + 0.0003
    about = {"source": "worker-1", "key": key, "channel": "websocket.receive"}
    chat.put(e.MessageReceived(t=chat.t, took=0.0003, **about))
    chat.put(e.ConsumerStarted(t=chat.t, worker="worker-1", consumer="chat.receive", **about))
    chat.t += consumer
    reply = chat.message(chat.reply("c1"), {"text": "hi"}, cause=key, source="worker-1", took=0.0006)
    chat.finish(key, seconds=0.0006)
    chat.t += 0.0002
    n = chat.sent["c1", "server"] + 1
    told = {"source": "server", "key": reply, "channel": chat.reply("c1"), "connection": "c1", "n": n}
    chat.put(e.MessageReceived(t=chat.t, **told))
    chat.t += 0.0001
    chat.frames("c1", "server", frame(1, b"hi"))
    return key, reply


def told(chat, key, now=0.0):
    moments = Moments(chat.store)
    found = stages_of(chat.store.state, key, moments.whole, moments.first_byte, now)
    return {stage.name: pytest.approx(stage.seconds, abs=1e-5) for stage in found}


def test_that_a_round_has_nine_stages_with_their_times(chat):
    key, reply = a_round(chat)
    expected = {
        s.ARRIVES: 0.003, s.HANDLES: 0.0005, s.SENDS: 0.0005, s.QUEUE: 0.002, s.POP: 0.0003,
        s.CONSUMER: 0.0046, s.REPLIES: 0.0006, s.READS: 0.0002, s.OUT: 0.0001,
    }  # fmt: skip
    assert tuple(told(chat, key)) == s.NAMES
    assert told(chat, key) == expected
    assert told(chat, reply) == expected, "from its end it is the same way"


def test_that_stages_nobody_measured_are_left_out(chat):
    key = chat.chat("c1", "hi")  # this server and worker do not say how long Redis took
    assert not {s.SENDS, s.POP, s.REPLIES} & set(told(chat, key))
    assert {s.HANDLES, s.QUEUE, s.CONSUMER, s.READS, s.OUT} <= set(told(chat, key))


def test_that_a_message_that_waits_counts_on(chat):
    key = chat.say("c1", "hi")
    sent = chat.store.state.messages[key].sent
    assert told(chat, key, now=sent + 5)[s.QUEUE] == 5.0
    chat.put(e.MessageExpired(t=sent + 60, source="redis", key=key))
    assert told(chat, key, now=sent + 99)[s.QUEUE] == 60.0
    assert s.CONSUMER not in told(chat, key)


def test_that_a_consumer_that_runs_counts_on(chat):
    key = chat.say("c1", "hi")
    chat.take(key)
    moments = Moments(chat.store)
    last = stages_of(chat.store.state, key, moments.whole, moments.first_byte, chat.t + 2)[-1]
    assert (last.name, last.is_open, last.thing) == (s.CONSUMER, True, ("run", key))
    assert last.seconds == pytest.approx(2.0)


def test_that_a_message_taken_before_its_sender_had_redis_answer_did_not_wait(chat):
    key, _ = a_round(chat, queue=-0.0004)
    assert told(chat, key)[s.QUEUE] == 0.0


def test_that_what_is_usual_comes_from_messages_of_the_same_kind(chat):
    for number in range(1, 21):
        key, _ = a_round(chat, consumer=number / 1000)
    other = chat.message("websocket.disconnect", {}, connection="c1")
    chat.take(other)
    chat.finish(other, seconds=9.0)
    moments = Moments(chat.store)
    usual = usual_of(chat.store.state, key, moments.whole, moments.first_byte)
    assert usual[s.CONSUMER].count == 20
    assert usual[s.CONSUMER].p50 == pytest.approx(0.0116, abs=1e-4)
    assert usual[s.CONSUMER].p99 == pytest.approx(0.0206, abs=1e-4)
    assert usual[s.ARRIVES].p50 == pytest.approx(0.003, abs=1e-5)


def test_that_a_message_sent_on_adds_its_own_stages(chat):
    key = chat.say("c1", "hi")
    chat.take(key)
    onward = chat.message("chat-messages", {}, cause=key, source="worker-1", took=0.001)
    chat.finish(key)
    chat.take(onward)
    chat.finish(onward)
    moments = Moments(chat.store)
    found = stages_of(chat.store.state, key, moments.whole, moments.first_byte, 0.0)
    names = [stage.name for stage in found]
    assert names.count(s.CONSUMER) == 2
    assert [stage.where for stage in found if stage.name == s.SENDS] == ["chat-messages"]
