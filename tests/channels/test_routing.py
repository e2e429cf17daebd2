# SPDX-License-Identifier: GPL-3.0-or-later
import re

import pytest

from app.channels import Message, include, route
from app.channels.defaults import accept, ignore, router_with_defaults
from app.channels.routing import Router, dotted_name
from tests.checklist import row


def one(message, **kwargs): ...


def two(message, **kwargs): ...


def match(routing, channel="websocket.receive", **content):
    return Router(routing).match(Message(content, channel))


@row("R-02")
def test_that_a_route_is_for_its_channels_only():
    routing = [route("http.request", one), route(["websocket.connect", "websocket.receive"], two)]
    assert match(routing, "http.request") == (one, {})
    assert match(routing, "websocket.receive") == (two, {})
    assert match(routing, "websocket.disconnect") is None
    assert Router(routing).channels == {"http.request", "websocket.connect", "websocket.receive"}


@row("R-03", "R-04", "R-05")
def test_that_all_filters_must_match_from_the_beginning_and_give_named_arguments():
    routing = [route("websocket.receive", one, path=r"^/chat/(?P<room>\w+)/$", method=r"P(?P<rest>.*)")]
    assert match(routing, path="/chat/lobby/", method="POST") == (one, {"room": "lobby", "rest": "OST"})
    assert match(routing, path="/chat/lobby/", method="GET") is None
    assert match(routing, path="/chat/lobby/") is None
    assert match([route("websocket.receive", one, path="chat")], path="/chat") is None


@row("R-03")
def test_that_bytes_can_be_filtered_and_what_is_not_text_never_matches():
    assert match([route("websocket.receive", one, query_string="a=(?P<a>.)")], query_string=b"a=1") == (one, {"a": "1"})
    assert match([route("websocket.receive", one, order="0")], order=0) is None


@row("R-08")
def test_that_the_first_route_wins():
    assert match([route("websocket.receive", one), route("websocket.receive", two)]) == (one, {})


@row("R-04")
def test_that_positional_groups_are_refused():
    with pytest.raises(ValueError, match="unnamed group"):
        route("x", one, path=r"^/(\w+)/$")


@row("R-07")
def test_that_an_included_routing_sees_the_value_without_the_part_that_matched():
    routing = [
        include([route("websocket.receive", one, path=r"^/(?P<id>\d+)$")], path=r"^/(?P<id>\w+)"),
        route("websocket.receive", two),
    ]
    assert match(routing, path="/chat/5") == (one, {"id": "5"})
    message = Message({"path": "/chat/x"}, "websocket.receive")
    assert Router(routing).match(message) == (two, {})
    assert message["path"] == "/chat/x"


@row("R-01")
def test_that_a_routing_may_be_a_dict_or_a_dotted_name():
    assert match({"websocket.receive": "app.channels.defaults.ignore"}) == (ignore, {})
    assert match("tests.channels.test_routing.ROUTING") == (one, {})
    with pytest.raises(ImportError, match="has no 'nothing'"):
        Router("tests.channels.test_routing.nothing")
    with pytest.raises(ImportError):
        Router("nothing")


@row("R-09")
def test_that_the_four_channels_of_the_web_are_always_listened_to():
    router = router_with_defaults([route("chat", one)], views=two)
    assert router.channels == {
        "chat",
        "http.request",
        *(f"websocket.{x}" for x in ("connect", "receive", "disconnect")),
    }
    assert router.match(Message({}, "http.request")) == (two, {})
    assert router.match(Message({}, "websocket.connect")) == (accept, {})
    assert router.match(Message({}, "websocket.disconnect")) == (ignore, {})


def test_that_an_error_within_a_routings_module_is_not_taken_for_a_missing_name(tmp_path, monkeypatch):
    (tmp_path / "broken_routing.py").write_text("import re\nrouting = [re.nothing]\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(AttributeError, match="nothing"):
        Router("broken_routing.routing")


def test_that_a_consumer_has_a_name_for_people():
    assert dotted_name(one) == "tests.channels.test_routing.one"
    assert re.match(r".*\.Router$", dotted_name(Router([])))


ROUTING = [route("websocket.receive", one)]
