# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "Routing": a message is typed or captured, and each route says what it makes of it."""

import re

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app import events as e
from app.channels import Message, include, route
from app.channels.explain import explain, problem_of
from app.channels.routing import Router, dotted_name
from app.layer.messages import encode
from panels.routing import RoutingPanel
from panels.routing.values import read, written
from tests.panels.live import LiveStand, client, key, started

RECEIVE = "websocket.receive"


def ws_receive(message, room): ...


def ws_api(message): ...


ROUTING = [
    route("websocket.connect", ws_receive, path="^/chat/"),
    route(RECEIVE, ws_receive, path=r"^/chat/(?P<room>\w+)/$"),
    include([route(RECEIVE, ws_api, path="^/v1/$")], path="^/api"),
    route(RECEIVE, ws_api, text="^!", path="x"),
]


def explained(content, channel=RECEIVE, **fields):
    """Return what the real matching makes of a message."""
    router, message = Router(ROUTING), Message(content, channel)
    told = explain(router, message)
    consumer, kwargs = told.match or (None, {})
    return e.RouteExplained(
        t=1.0, source="routing", channel=channel, body=encode(content), number=told.number,
        consumer=dotted_name(consumer) if consumer else "", kwargs=kwargs, routes=told.routes,
        is_listened=channel in router.channels, problem=problem_of(told.match, message) if told.match else "", **fields,
    )  # fmt: skip


@pytest.fixture
def stand(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.lab.settings.django_settings = "app.demo.settings"
    stand.store.extend([*started(), *client(1)])
    stand.show(RoutingPanel, width=700, height=330)
    return stand


@pytest.fixture
def explorer(stand):
    return stand.panel.explorer


def shown(explorer):
    return explorer.answer.text() + explorer.routes.toPlainText()


def plain(explorer):
    return re.sub("<[^>]+>", "", explorer.answer.text()).replace("&#x27;", "'"), explorer.routes.toPlainText()


def asked(stand):
    return [call[1:] for call in stand.lab.calls if call[0] == "explain_route"]


def test_that_nothing_is_made_before_it_is_seen(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    assert RoutingPanel(stand.store, stand.lab, theme).explorer is None


def test_that_opening_the_tab_asks_nothing(stand):
    assert asked(stand) == []
    assert "Try it" in stand.panel.explorer.answer.text()


def test_that_an_example_is_asked_about_and_its_route_shown_with_the_call(stand, explorer):
    explorer._fill_examples(explorer.examples.choices)
    explorer.examples.choices.actions()[0].trigger()
    [(channel, content, of_message)] = asked(stand)
    assert (channel, content["path"], of_message) == (RECEIVE, "/chat/lobby/", "")
    stand.feed(explained({"path": "/chat/lobby/"}))
    answer, routes = plain(explorer)
    assert "Route 2 of 4 has it" in answer
    assert "ws_receive(message, room='lobby')" in answer
    assert "for websocket.connect" in routes
    assert routes.count("not tried: the first match wins") == 2


def test_that_it_is_said_where_an_expression_stops_fitting(stand, explorer):
    stand.feed(explained({"path": "/chat/the lobby/"}))
    _, routes = plain(explorer)
    assert "/$ does not fit  lobby/" in routes.replace("\xa0", " "), "the space is seen"
    stand.feed(explained({"path": "/chat/lobby"}))
    assert "the value ends here, and /$ wants more" in plain(explorer)[1]
    stand.feed(explained({"path": "/chat/lobby/x"}))
    assert "the value should end here, but x follows" in plain(explorer)[1]


def test_that_a_missing_key_and_what_is_no_text_are_said(stand, explorer):
    stand.feed(explained({"text": 3}))
    _, routes = plain(explorer)
    assert "the message has no path" in routes
    assert "3 is no text, so it matches nothing" in routes


def test_that_an_include_shows_what_is_left_for_its_inner_routes(stand, explorer):
    stand.feed(explained({"path": "/api/v1/"}))
    answer, routes = plain(explorer)
    assert "inner routes see /v1/" in routes
    assert "3.1" in routes
    assert "The message is whole" in answer


def test_that_a_call_that_would_fail_is_said(stand, explorer):
    stand.feed(e.RouteExplained(
        t=1.0, source="routing", channel=RECEIVE, body=encode({}), consumer="a.b", number=1,
        problem="missing a required argument: 'room'",
    ))  # fmt: skip
    assert "This call would fail: missing a required argument: 'room'" in plain(explorer)[0]


@pytest.mark.parametrize(
    ("channel", "listened", "says"),
    [
        ("chat-messages", False, "would wait in Redis and expire after 60 s"),
        (RECEIVE, True, "its fate: no route"),
        ("daphne.response.x!y", False, "is a reply channel"),
    ],
)
def test_that_no_route_is_said_with_what_a_worker_would_do(stand, explorer, channel, listened, says):
    stand.feed(e.RouteExplained(t=1.0, source="routing", channel=channel, body=encode({}), is_listened=listened))
    assert says in plain(explorer)[0]


def test_that_what_strangers_wrote_is_never_taken_for_html(stand, explorer):
    stand.feed(explained({"path": "/chat/<b>x</b>"}))
    assert "<b>x</b>" in explorer.routes.toPlainText()
    assert "<b>x</b>" not in explorer.routes.toHtml()


def test_that_typing_asks_after_a_pause_and_what_is_no_value_is_marked(stand, explorer, qtbot):
    value = next(line for line in explorer.form.lines if line.name.text() == "path").value
    value.setFocus()
    value.selectAll()
    QTest.keyClicks(value, "= [1")
    qtbot.waitUntil(lambda: "no message" in explorer.answer.text())
    assert value.property("state") == "wrong"
    assert asked(stand) == []
    QTest.keyClicks(value, "]")
    qtbot.waitUntil(lambda: len(asked(stand)) == 1)
    assert asked(stand)[-1][1]["path"] == [1]
    QTest.keyClick(value, Qt.Key_Return)
    assert len(asked(stand)) == 2


def test_that_any_attribute_can_be_added_and_taken_out(stand, explorer):
    explorer.form.add.click()
    line = explorer.form.lines[-1]
    QTest.keyClicks(line.name, "method")
    QTest.keyClicks(line.value, "POST")
    explorer.form.lines[0].remove.click()
    explorer.ask()
    assert list(asked(stand)[-1][1]) == ["text", "method"]


def sent(number, content, **fields):
    values = {"channel": RECEIVE, "source": "server", "connection": "c1", **fields}
    return e.MessageSent(t=1.0, key=key(number), body=encode(content), expiry=60, **values)


def test_that_a_message_selected_anywhere_is_taken_whole_with_its_key(stand, explorer):
    content = {"path": "/chat/lobby/", "order": 7, "headers": [[b"host", b"a"]], "text": "two\nlines"}
    stand.feed(sent(1, content))
    stand.feed(e.Selected(t=1.0, source="window", kind="message", item=key(1)))
    assert asked(stand) == [(RECEIVE, content, key(1))]
    texts = [line.value.text() for line in explorer.form.lines]
    assert texts == ["/chat/lobby/", "= 7", "= [[b'host', b'a']]", "= 'two\\nlines'"]


def test_that_of_an_answer_the_message_it_answers_is_taken(stand):
    stand.feed(sent(1, {"path": "/"}), sent(2, {"text": "x"}, channel="daphne.response.x!y", cause=key(1)))
    stand.feed(e.Selected(t=1.0, source="window", kind="message", item=key(2)))
    assert [call[2] for call in asked(stand)] == [key(1)]


def test_that_messages_of_the_run_are_offered_and_one_that_is_edited_has_no_key_any_more(stand, explorer):
    stand.feed(sent(1, {"path": "/a"}), sent(2, {"text": "x"}, channel="daphne.response.x!y"), sent(3, {"path": "/b"}))
    explorer._fill_captured(explorer.captured.choices)
    actions = explorer.captured.choices.actions()
    assert [RECEIVE in action.text() for action in actions] == [True, True]
    assert ["ada: " in action.text() for action in actions] == [True, True], "who sent it"
    actions[0].trigger()
    assert asked(stand)[-1] == (RECEIVE, {"path": "/b"}, key(3))
    value = explorer.form.lines[0].value
    value.setFocus()
    QTest.keyClick(value, Qt.Key_End)
    QTest.keyClicks(value, "x")
    explorer.ask()
    assert asked(stand)[-1] == (RECEIVE, {"path": "/bx"}, "")


def test_that_what_somebody_else_asked_is_filled_in(stand, explorer):
    stand.feed(explained({"path": "/api/v1/"}, channel="websocket.connect"))
    assert explorer.form.message() == ("websocket.connect", {"path": "/api/v1/"})


def test_that_a_failure_is_said(stand, explorer):
    stand.feed(e.VerbFailed(t=1.0, source="lab", verb="explain_route", reason="the routing cannot be loaded"))
    assert "the routing cannot be loaded" in plain(explorer)[0]


def test_that_a_demos_consumer_leads_to_its_text(stand, explorer, qtbot):
    told = e.RouteExplained(
        t=1.0, source="routing", channel=RECEIVE, body=encode({}), number=1, consumer="app.demo.consumers.ws_receive"
    )
    stand.feed(told)
    with qtbot.waitSignal(stand.panel.consumer_wanted) as caught:
        explorer.answer.linkActivated.emit(re.search('href="([^"]+)"', explorer.answer.text())[1])
    assert caught.args == ["app.demo.consumers.ws_receive"]


@pytest.mark.parametrize(
    "value", ["text", "", "= x", 3, -1.5, b"bytes\xff", ["a", b"b"], None, True, "tab\t", {"a": 1}]
)
def test_that_a_value_is_read_as_it_was_written(value):
    assert read(written(value)) == value


def test_that_a_theme_is_put_on_anew(stand, explorer, theme):
    stand.feed(explained({"path": "/chat/lobby/"}))
    before = explorer.answer.text()
    theme.use("light")
    stand.panel.restyle()
    assert explorer.answer.text() != before
    assert all(line.findChildren(QLineEdit) for line in explorer.form.lines)


def test_that_a_value_longer_than_a_line_takes_is_kept_whole(stand, explorer):
    content = {"path": "/", "text": "x" * 40_000}
    stand.feed(sent(1, content))
    stand.feed(e.Selected(t=1.0, source="window", kind="message", item=key(1)))
    explorer.ask()
    assert asked(stand)[-1] == (RECEIVE, content, key(1))
    assert explorer.form.lines[1].value.isReadOnly()


def test_that_every_part_one_can_act_on_has_a_name(stand, explorer):
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)
    parts = [part for part in explorer.findChildren(QWidget) if isinstance(part, kinds) and part.isVisible()]
    assert len(parts) > 5
    assert [part for part in parts if not (part.accessibleName() or getattr(part, "text", str)())] == []
