# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app import events as e
from app.channels import Channel, Group, Message
from app.channels.outbox import Outbox
from app.layer import ChannelFull, RedisChannelLayer, RedisGone
from tests.checklist import row


def told_by(layer, do):
    told = []
    with Outbox(layer, told.append, "worker-1", "cause"):
        do()
        told_inside = list(told)
    return told_inside, told


@row("W-08")
def test_that_what_a_consumer_sends_leaves_when_it_has_returned(layer):
    def consumer():
        Channel("chat").send({"n": 1})
        Channel("chat").send({"n": 0}, immediately=True)
        assert layer.receive(["chat"]) == ("chat", {"n": 0})
        assert layer.receive(["chat"]) == (None, None)

    _, told = told_by(layer, consumer)
    assert layer.receive(["chat"]) == ("chat", {"n": 1})
    assert [(event.channel, event.cause, event.source) for event in told] == [("chat", "cause", "worker-1")] * 2


def test_that_it_also_leaves_when_the_consumer_raises(layer):
    def consumer():
        Channel("chat").send({"n": 1})
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        told_by(layer, consumer)
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


def test_that_changing_the_content_after_sending_changes_nothing(layer):
    content = {"n": 1}

    def consumer():
        Channel("chat").send(content)
        content["n"] = 2

    told_by(layer, consumer)
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


@row("API: Group")
def test_that_groups_change_at_once_and_their_messages_leave_later(layer):
    def consumer():
        Group("room").add(Channel("server.x!bob"))
        Group("room").add("server.x!ann")
        Group("room").discard("server.x!ann")
        assert layer.group_channels("room") == ["server.x!bob"]
        Group("room").send({"text": "hi"})

    inside, told = told_by(layer, consumer)
    assert [type(event) for event in inside] == [e.GroupAdded, e.GroupAdded, e.GroupDiscarded]
    assert (told[-1].group, told[-1].channel, told[-1].cause) == ("room", "server.x!bob", "cause")
    assert layer.receive(["server.x!"]) == ("server.x!bob", {"text": "hi"})


def test_that_a_message_that_finds_no_room_is_told_as_refused_and_the_others_leave(layer, monkeypatch):
    monkeypatch.setattr("app.channels.outbox.PATIENCE", 0.1)
    layer.capacity = 1
    layer.send("full", {})

    def consumer():
        Channel("full").send({})
        Channel("free").send({"n": 1})

    _, told = told_by(layer, consumer)
    assert [type(event) for event in told] == [e.MessageRefused, e.LogLine, e.MessageSent]
    assert told[0].reason == "full"
    assert layer.receive(["free"]) == ("free", {"n": 1})


def test_that_what_no_message_may_hold_is_an_error_of_the_consumer_and_the_others_leave(layer):
    told = []
    layer.group_add("room", "free")

    def run():
        with Outbox(layer, told.append):
            Channel("free").send({"n": 1})
            Channel("free").send({"half": "\ud83d"})
            Group("room").send({"n": {2, 3}})
            Channel("free").send({"n": 4})

    with pytest.raises(TypeError, match=r"message\['half'\] is no Unicode text"):
        run()
    assert [layer.receive(["free"])[1] for _ in range(3)] == [{"n": 1}, {"n": 4}, None]
    assert [event.text for event in told if isinstance(event, e.LogLine)] == [
        "A message was not sent: message['half'] is no Unicode text, it has half of a surrogate pair: '\\ud83d'.",
        "A message was not sent: message['n'] is a set, {2, 3}: a message may hold bytes, str, int, float, bool, None, "
        "and lists and dicts of these.",
    ]


def test_that_what_was_not_sent_because_redis_is_gone_is_counted(own_redis):
    layer, told = RedisChannelLayer(hosts=[own_redis.url]), []

    def run():
        with Outbox(layer, told.append):
            for channel in ("one", "two", "three"):
                Channel(channel).send({})
            own_redis.stop()

    with pytest.raises(RedisGone):
        run()
    assert [event.text for event in told] == ["Messages that were not sent, because Redis does not answer: 3"]
    layer.close()


def test_that_a_message_sent_at_once_raises_when_it_is_refused(layer):
    layer.capacity = 0
    told = []
    with Outbox(layer, told.append), pytest.raises(ChannelFull):
        Channel("full").send({}, immediately=True)
    assert [event.reason for event in told] == ["full"]


def test_that_a_skipped_group_member_is_told(layer):
    layer.capacity = 0
    layer.group_add("room", "full")
    _, told = told_by(layer, lambda: Group("room").send({}))
    assert [(type(event), event.channel, event.group) for event in told] == [(e.MessageSkipped, "full", "room")]


def test_that_outside_a_consumer_a_layer_must_be_named_and_sending_is_immediate(layer):
    with pytest.raises(RuntimeError, match="channel_layer"):
        Channel("chat").send({})
    Channel("chat", channel_layer=layer).send({"n": 1})
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


@row("API: Channel", "API: Group")
def test_that_content_must_be_a_dict_and_names_must_be_names(layer):
    with pytest.raises(TypeError):
        Channel("chat", channel_layer=layer).send("text")
    with pytest.raises(ValueError, match="dict"):
        Group("room", channel_layer=layer).send("text")
    with pytest.raises(TypeError):
        Channel("a b")
    with pytest.raises(TypeError):
        Group("a!b")


@row("API: Message")
def test_that_a_message_is_like_a_dict(layer):
    message = Message({"reply_channel": "server.x!bob", "text": "hi"}, "websocket.receive", layer)
    assert (message["text"], "text" in message, message.get("no", 5)) == ("hi", True, 5)
    assert (message.channel.name, message.reply_channel.name) == ("websocket.receive", "server.x!bob")
    copy = message.copy()
    copy["text"] = "other"
    assert (message["text"], list(message.keys())) == ("hi", ["reply_channel", "text"])
    assert not hasattr(message, "channel_session")
    assert Message({}, "chat").reply_channel is None


def test_that_a_group_nobody_is_in_is_told_with_the_message_whose_run_sent_to_it(layer):
    _, told = told_by(layer, lambda: Group("empty").send({}))
    assert [(type(event), event.group) for event in told] == [(e.GroupEmpty, "empty")]
    assert told[0].cause
