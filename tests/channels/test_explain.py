# SPDX-License-Identifier: GPL-3.0-or-later
"""What a routing does with a message, told route by route."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels import Message, include, route
from app.channels.defaults import router_with_defaults
from app.channels.explain import explain, problem_of
from app.channels.how_far import CANNOT_SAY, how_far
from app.channels.routing import Router
from tests.checklist import row

RECEIVE = "websocket.receive"


def chat(message, room): ...


def draw(message, **kwargs): ...


def told(routing, channel=RECEIVE, **content):
    return explain(Router(routing), Message(content, channel))


def outcomes(explained):
    return [route.outcome for route in explained.routes]


@row("R-08")
def test_that_routes_after_the_first_that_matches_are_told_as_not_tried():
    explained = told(
        [route("http.request", draw), route(RECEIVE, chat, path="^/(?P<room>.*)"), route(RECEIVE, draw)], path="/a"
    )
    assert outcomes(explained) == ["other channel", "matched", "not tried"]
    assert explained.number == 2
    assert explained.match == (chat, {"room": "a"})
    assert [one.consumer.rpartition(".")[2] for one in explained.routes] == ["draw", "chat", "draw"]


@row("R-03")
def test_that_the_filter_that_failed_is_named_and_those_after_it_were_not_tried():
    explained = told([route(RECEIVE, chat, path="^/chat/", method="GET", text="x")], path="/chat/a", method="POST")
    path, method, text = explained.routes[0].filters
    assert (path.outcome, method.outcome, text.outcome) == ("matched", "failed", "not tried")
    assert method.value == "POST"
    assert explained.routes[0].outcome == "filter failed"


@row("R-03")
def test_that_a_missing_key_and_a_value_that_is_no_text_are_told_apart():
    explained = told([route(RECEIVE, chat, order="0"), route(RECEIVE, chat, path="x")], order=0)
    assert [one.filters[0].outcome for one in explained.routes] == ["not text", "missing"]
    assert explained.routes[0].filters[0].value == "0"


@row("R-03")
def test_that_bytes_are_read_as_ascii():
    explained = told([route(RECEIVE, chat, query_string="name=(?P<name>.*)")], query_string=b"name=j\xfcrg")
    assert explained.match == (chat, {"name": "j\ufffdrg"})
    assert explained.routes[0].filters[0].value == "name=j\ufffdrg"


@row("R-07")
def test_that_an_include_tells_what_is_left_at_each_level():
    inner = [include([route(RECEIVE, chat, path=r"^(?P<room>\w+)/$")], path="^/chat/")]
    routing = [include([route(RECEIVE, draw, path="^/x")], path="^/api"), include(inner, path="^/(?P<version>v1)")]
    explained = told(routing, path="/v1/chat/lobby/")
    first, second = explained.routes
    assert (first.outcome, first.inner[0].outcome) == ("filter failed", "not tried")
    assert (second.filters[0].rest, second.inner[0].filters[0].rest) == ("/chat/lobby/", "lobby/")
    innermost = second.inner[0].inner[0]
    assert innermost.filters[0].value == "lobby/"
    assert innermost.kwargs == {"room": "lobby"}
    assert explained.match == (chat, {"version": "v1", "room": "lobby"})


@row("R-07")
def test_that_an_include_with_nothing_for_the_message_lets_the_next_route_try():
    explained = told([include([route(RECEIVE, draw, path="^x")], path="^/"), route(RECEIVE, chat)], path="/y")
    assert outcomes(explained) == ["no match", "matched"]
    assert explained.routes[0].inner[0].filters[0].value == "y"


def test_that_what_the_framework_adds_is_told_apart():
    router = router_with_defaults([route(RECEIVE, chat, path="x")])
    explained = explain(router, Message({"path": "/"}, RECEIVE))
    assert [one.is_default for one in explained.routes] == [False, True, True]
    assert explained.number == 3 > router.own


def test_that_a_kind_of_route_of_the_applications_own_decides_by_itself():
    class Everything:
        def match(self, message):
            return draw, {"by": "itself"}

        def channel_names(self):
            return {RECEIVE}

    class Never(route):
        def match(self, message):
            return None

    explained = told([Never(RECEIVE, chat), Everything()])
    assert [(one.kind, one.outcome) for one in explained.routes] == [("own", "no match"), ("own", "matched")]
    assert explained.match == (draw, {"by": "itself"})


def test_that_no_route_is_told_as_none():
    explained = told([route("http.request", chat)])
    assert (explained.match, explained.number, outcomes(explained)) == (None, 0, ["other channel"])


@pytest.mark.parametrize(
    ("kwargs", "problem"),
    [({"room": "a"}, ""), ({}, "missing a required argument: 'room'"), ({"room": "a", "x": "b"}, "unexpected keyword")],
)
def test_that_a_consumer_that_does_not_take_these_arguments_is_told(kwargs, problem):
    assert problem in problem_of((chat, kwargs), Message({}, RECEIVE))
    assert bool(problem) == bool(problem_of((chat, kwargs), Message({}, RECEIVE)))


@pytest.mark.parametrize(
    ("pattern", "value", "fits", "rest"),
    [
        (r"^/chat/(?P<room>[A-Za-z0-9_-]{1,50})/$", "/chat/lob by/", r"^/chat/(?P<room>[A-Za-z0-9_-]{1,50})", " by/"),
        (r"^/chat/(?P<room>\w+)/$", "/chat/lobby", r"^/chat/(?P<room>\w+)", ""),
        (r"^/draw/", "/chat/", "^/", "chat/"),
        ("POST$", "POSTS", "POST", "S"),
        ("chat", "/chat", "", "/chat"),
        ("x{2}y", "xzy", "", "xzy"),
        ("ab+c", "ax", "a", "x"),
        ("(?i)GET|HEAD", "gep", "(?i)GE", "p"),
        (r"\d\d", "1x", r"\d", "x"),
    ],
)
def test_that_the_point_where_an_expression_stops_fitting_is_found(pattern, value, fits, rest):
    pattern_fitted, fitted = how_far(re.compile(pattern), value)
    assert (pattern[:pattern_fitted], value[fitted:]) == (fits, rest)


def test_that_of_a_very_long_expression_nobody_can_say():
    assert how_far(re.compile("a" * 500), "a") == CANNOT_SAY


PATTERNS = st.sampled_from(["^/chat/", r"^/(?P<room>\w+)", "chat", "", r"(?P<x>a)?b*", "^/$", r"^\d+", "^/(?P<room>a)"])
FILTERS = st.dictionaries(st.sampled_from(["path", "text", "order"]), PATTERNS, max_size=2)
ROUTES = st.recursive(
    st.builds(lambda channel, filters: route(channel, draw, **filters), st.sampled_from([RECEIVE, "other"]), FILTERS),
    lambda inner: st.builds(lambda routes, filters: include(routes, **filters), st.lists(inner, max_size=3), FILTERS),
    max_leaves=6,
)
VALUES = st.sampled_from(["/chat/a", "/", "12", "ab", b"/chat/", 3, None])


@given(st.lists(ROUTES, max_size=4), st.dictionaries(st.sampled_from(["path", "text", "order"]), VALUES))
def test_that_what_is_told_is_what_the_router_does(routes, content):
    router, message = Router(routes), Message(content, RECEIVE)
    explained = explain(router, message)
    assert explained.match == router.match(message)
    assert outcomes(explained).count("matched") == (explained.match is not None)
    for told_route in explained.routes:
        fits = all(one.outcome == "matched" for one in told_route.filters)
        assert (told_route.outcome == "matched") <= fits
        assert (told_route.outcome == "filter failed") <= (not fits)
