# SPDX-License-Identifier: GPL-3.0-or-later
"""Consumers as classes, run by a worker's loop over real Redis."""

import json

import pytest

from app.channels import Message, include, route, route_class
from app.channels.defaults import router_with_defaults
from app.channels.exceptions import SendNotAvailableOnDemultiplexer
from app.channels.routing import Router
from app.worker.loop import Worker
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")
REPLY = "daphne.response.a!b"


@pytest.fixture
def run(layer):
    """A function that sends a message, runs consumers until nothing is left, and returns the answers."""

    def run(consumer, channel, **content):
        said = []
        worker = Worker(layer, router_with_defaults([route_class(consumer, path=r"^/(?P<room>\w+)/$")]), said.append)
        layer.send(channel, {"reply_channel": REPLY, "path": "/lobby/", **content})
        while worker.step():
            pass
        failed = [event.error for event in said if hasattr(event, "error")]
        answers = []
        while (answer := layer.receive(["daphne.response.a!"])[1]) is not None:
            answers.append(answer)
        run.error = failed[0] if failed else ""
        return answers

    return run


@pytest.fixture
def classes(database):
    """Consumer classes; Django must be set up before they can be imported."""
    from types import SimpleNamespace

    from app.channels.generic import BaseConsumer
    from app.channels.generic import websockets as generic

    class Base(BaseConsumer):
        method_mapping = {"email": "arrived", "spam": "thrown"}
        channel_session = True

        def arrived(self, message, **kwargs):
            message.channel_session["seen"] = True
            message.reply_channel.send({"seen": kwargs, "same": self.message is message, "kwargs": self.kwargs})

    class Echo(generic.WebsocketConsumer):
        groups = ["everybody"]
        strict_ordering = True
        channel_session = True

        def connection_groups(self, room):
            return [*self.groups, f"room-{room}"]

        def receive(self, text=None, bytes=None, **kwargs):
            if text == "close":
                return self.close(4000)
            if text == "all":
                return self.group_send("room-lobby", text="for all", close=True)
            self.send(text=text and text + self.path, bytes=bytes)

        def disconnect(self, message, **kwargs):
            self.group_send("everybody", text="left")

    class Json(generic.JsonWebsocketConsumer):
        def receive(self, content, **kwargs):
            self.send({"got": content, **kwargs})
            self.group_send("room-lobby", {"for": "all"})

    class Stream(generic.JsonWebsocketConsumer):
        def connect(self, message, multiplexer, **kwargs):
            multiplexer.send({"connected": kwargs})

        def receive(self, content, multiplexer, **kwargs):
            multiplexer.send({"stream": multiplexer.stream, "got": content})
            multiplexer.group_send("room-lobby", "news", {"from": kwargs["room"]})

        def disconnect(self, message, multiplexer, **kwargs):
            multiplexer.send("left")

    class Many(generic.WebsocketDemultiplexer):
        consumers = {"one": Stream, "two": Stream}

        def connection_groups(self, **kwargs):
            return ["room-lobby"]

    return SimpleNamespace(Base=Base, Echo=Echo, Json=Json, Many=Many, Stream=Stream)


@row("generic: BaseConsumer")
def test_that_a_method_for_each_channel_handles_messages(run, classes):
    assert run(classes.Base, "email") == [{"seen": {"room": "lobby"}, "same": True, "kwargs": {"room": "lobby"}}]
    from app.channels.sessions import session_for_reply_channel

    assert session_for_reply_channel(REPLY)["seen"]
    assert classes.Base.channel_names() == {"email", "spam"}


@row("R-06")
def test_that_a_class_is_routed_by_its_own_channels_and_makes_routes(classes):
    routed = Router([classes.Base.as_route(attrs={"channel_session": False}, path="^/in/"), route_class(classes.Echo)])
    assert routed.channels == {"email", "spam", "websocket.connect", "websocket.receive", "websocket.disconnect"}
    consumer, _ = routed.match(Message({"path": "/in/"}, "email"))
    assert issubclass(consumer, classes.Base)
    assert (consumer.channel_session, classes.Base.channel_session) == (False, True)
    assert routed.match(Message({"path": "/out/"}, "email")) is None
    assert Router([include([classes.Echo.as_route()], path="^/x")]).match(Message({"path": "/x"}, "websocket.receive"))
    with pytest.raises(ValueError, match="channel_names"):
        route_class(lambda message: None)
    with pytest.raises(TypeError, match="attrs"):
        classes.Base.as_route(["channel_session"])


@row("generic: WebsocketConsumer")
def test_that_a_sockets_consumer_accepts_joins_answers_and_leaves(run, layer, classes):
    assert run(classes.Echo, "websocket.connect", order=0) == [{"accept": True}]
    assert layer.group_channels("everybody") == layer.group_channels("room-lobby") == [REPLY]
    assert run(classes.Echo, "websocket.receive", order=2, text="early") == []
    assert run(classes.Echo, "websocket.receive", order=1, bytes=b"\x00") == [
        {"bytes": b"\x00"},
        {"text": "early/lobby/"},
    ]
    assert run(classes.Echo, "websocket.receive", order=3, text="all") == [{"text": "for all", "close": True}]
    assert run(classes.Echo, "websocket.receive", order=4, text="close") == [{"close": 4000}]
    layer.group_add("everybody", "daphne.response.a!other")
    assert run(classes.Echo, "websocket.disconnect", order=5) == [{"text": "left"}]  # as the other member
    assert layer.group_channels("everybody") == ["daphne.response.a!other"]
    assert layer.group_channels("room-lobby") == []


def test_that_a_frame_of_nothing_cannot_be_sent(run, classes):
    classes.Echo.receive = lambda self, **kwargs: self.send()
    run(classes.Echo, "websocket.receive", order=0, text="x")
    assert "ValueError" in run.error


@row("generic: JsonWebsocketConsumer")
def test_that_json_is_decoded_and_encoded(run, layer, classes):
    layer.group_add("room-lobby", REPLY)
    answers = run(classes.Json, "websocket.receive", text='{"a": "ü"}')
    assert [json.loads(answer["text"]) for answer in answers] == [
        {"got": {"a": "ü"}, "room": "lobby"},
        {"for": "all"},
    ]
    assert run(classes.Json, "websocket.receive", bytes=b"x") == []
    assert "ValueError" in run.error


@row("generic: WebsocketDemultiplexer")
def test_that_streams_share_a_socket(run, layer, classes):
    def frames(answers):
        return [json.loads(answer["text"]) for answer in answers if "text" in answer]

    connected = run(classes.Many, "websocket.connect")
    assert connected[0] == {"accept": True}
    assert frames(connected) == [{"stream": s, "payload": {"connected": {"room": "lobby"}}} for s in ("one", "two")]
    answers = run(classes.Many, "websocket.receive", text='{"stream": "two", "payload": {"n": 1}}')
    assert frames(answers) == [
        {"stream": "two", "payload": {"stream": "two", "got": {"n": 1}}},
        {"stream": "news", "payload": {"from": "lobby"}},
    ]
    assert [frame["payload"] for frame in frames(run(classes.Many, "websocket.disconnect"))] == ["left", "left"]
    assert layer.group_channels("room-lobby") == []


@pytest.mark.parametrize(
    "text", ['{"stream": "three", "payload": {}}', '{"stream": "one"}', "[]", '{"stream": "one", "payload": 1}']
)
def test_that_a_frame_without_a_known_stream_and_a_payload_is_an_error(run, classes, text):
    assert run(classes.Many, "websocket.receive", text=text) == []
    assert "ValueError" in run.error


def test_that_a_demultiplexer_has_no_stream_of_its_own(run, classes):
    classes.Many.receive = lambda self, content, **kwargs: self.send(content)
    run(classes.Many, "websocket.receive", text="{}")
    assert SendNotAvailableOnDemultiplexer.__name__ in run.error
    with pytest.raises(SendNotAvailableOnDemultiplexer):
        classes.Many.group_send("x", "one", {})


@row("API: consumer")
def test_that_a_consumer_gets_the_routes_named_groups_and_its_return_value_is_ignored(layer):
    got = []
    routing = [route("email.receive", lambda message, who: got.append(who) or {"ignored": True}, to="(?P<who>.*)@")]
    worker = Worker(layer, router_with_defaults(routing))
    layer.send("email.receive", {"from": "ann@example", "to": "bob@example", "headers": [], "content": "Hi"})
    worker.step()
    assert got == ["bob"]
