# SPDX-License-Identifier: GPL-3.0-or-later
import json
import threading

import pytest

from app.channels import Message
from app.channels.outbox import Outbox
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ask(layer, database):
    """A function that sends a request to Django's views and returns all messages that answer it."""
    from django.test import override_settings

    from app.channels.handler import DjangoViews

    views = DjangoViews()

    def ask(path="/", method="GET", headers=(), **more):
        content = {
            "reply_channel": "server.x!a", "http_version": "1.1", "method": method, "path": path, "query_string": b"",
            "headers": [[b"host", b"localhost:8000"], *headers], "body": b"", "client": ["127.0.0.9", 5], **more,
        }  # fmt: skip
        told = []
        with Outbox(layer, told.append, "worker-1", "cause"):
            views(Message(content, "http.request", layer))
        ask.told = told
        answers = []
        while (answer := layer.receive(["server.x!"])) != (None, None):
            answers.append(answer[1])
        return answers

    with override_settings(ROOT_URLCONF="tests.channels.urls"):
        yield ask


def shown(answers):
    (answer,) = answers
    assert answer["status"] == 200
    return json.loads(answer["content"])


def test_that_a_request_reaches_a_view_as_django_knows_it(ask):
    seen = shown(ask("/grüße/x", query_string=b"q=%C3%BC&a=1"))
    assert (seen["path"], seen["query"], seen["host"]) == ("/grüße/x", {"q": "ü", "a": "1"}, "localhost:8000")
    assert (seen["method"], seen["address"]) == ("GET", "127.0.0.9")


def test_that_several_cookie_headers_are_one(ask):
    seen = shown(ask(headers=[[b"cookie", b"a=1"], [b"cookie", b"b=2; c=3"]]))
    assert seen["cookies"] == {"a": "1", "b": "2", "c": "3"}


FORM = [b"content-type", b"application/x-www-form-urlencoded"]


def test_that_a_form_without_a_length_is_read(ask):
    assert shown(ask(method="POST", headers=[FORM], body=b"a=1&b=%C3%BC"))["post"] == {"a": "1", "b": "ü"}


def test_that_a_file_is_uploaded_with_a_length_or_without_one(ask):
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\ncontent\r\n--x--\r\n'
    multipart, length = [b"content-type", b"multipart/form-data; boundary=x"], [b"content-length", b"%d" % len(body)]
    for headers in ([multipart, length], [multipart]):
        assert shown(ask(method="POST", headers=headers, body=body))["files"] == {"f": "content"}


def test_that_a_body_in_parts_is_waited_for(ask, layer):
    name = layer.new_channel("http.request.body?")

    def send():
        layer.send(name, {"content": b"2&b", "more_content": True})
        layer.send(name, {"content": b"=3"})

    thread = threading.Thread(target=send)
    thread.start()
    seen = shown(ask(method="POST", headers=[FORM], body=b"a=1", body_channel=name))
    thread.join()
    assert seen["post"] == {"a": "12", "b": "3"}


@row("Django: 408")
def test_that_a_body_that_comes_too_slowly_is_answered_with_408(ask, layer, monkeypatch):
    monkeypatch.setattr("app.channels.requests.BODY_TIMEOUT", 0)
    is_done = threading.Event()

    def wake():
        while not is_done.wait(0.02):  # so that the test need not wait as long as a receive does
            layer.wake()

    waking = threading.Thread(target=wake)
    waking.start()
    (answer,) = ask(method="POST", headers=[FORM], body=b"a=", body_channel=layer.new_channel("http.request.body?"))
    is_done.set()
    waking.join()
    assert answer["status"] == 408


@row("Django: closed")
def test_that_a_client_that_went_away_gets_no_answer(ask, layer):
    name = layer.new_channel("http.request.body?")
    layer.send(name, {"closed": True})
    assert ask(method="POST", headers=[FORM], body=b"a=", body_channel=name) == []


def test_that_headers_are_lower_case_and_each_cookie_has_its_own(ask):
    (answer,) = ask()
    headers = [tuple(header) for header in answer["headers"]]
    assert all(name == name.lower() for name, _ in headers)
    assert [value.split(b";")[0] for name, value in headers if name == b"set-cookie"] == [b"one=1", b"two=2"]


def test_that_an_answer_to_head_has_no_body(ask):
    (answer,) = ask(method="HEAD")
    assert (answer["status"], answer["content"]) == (200, b"")
    assert any(name == b"content-length" and value != b"0" for name, value in answer["headers"])


@row("Django: chunks")
def test_that_a_big_answer_comes_in_parts(ask):
    answers = ask("/big")
    assert [len(answer["content"]) for answer in answers] == [524288, 524288, 5]
    assert [answer["more_content"] for answer in answers] == [True, True, False]
    assert ["status" in answer for answer in answers] == [True, False, False]
    assert [event.cause for event in ask.told] == ["cause"] * 3


@row("Django: streaming")
def test_that_a_streamed_answer_comes_part_by_part(ask):
    answers = ask("/streamed")
    assert [(answer["content"], answer["more_content"]) for answer in answers] == [
        (b"a", True),
        (b"b", True),
        (b"", False),
    ]
    assert answers[0]["status"] == 200


def test_that_a_broken_view_is_an_internal_server_error(ask):
    (answer,) = ask("/broken")
    assert answer["status"] == 500


def test_that_a_query_that_is_no_text_is_a_bad_request(ask):
    (answer,) = ask(query_string=b"\xff")
    assert answer["status"] == 400


def test_that_what_a_view_sends_leaves_too(ask, layer):
    assert ask("/sends")[0]["content"] == b"sent"
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


def test_that_static_files_are_served_and_others_below_their_address_are_not_found(ask):
    first, *rest = ask("/static/demo/chat.css")
    assert first["status"] == 200
    assert b"--accent" in first["content"]
    assert rest[-1] == {"content": b"", "more_content": False}
    assert ask("/static/demo/../settings.py")[0]["status"] == 404
    assert ask("/static/../../etc/passwd")[0]["status"] == 400  # out of the folder


def test_that_a_full_reply_channel_is_waited_for(ask, layer):
    layer.capacity = 1
    layer.send("server.x!other", {})
    timer = threading.Timer(0.1, lambda: layer.receive(["server.x!"]))
    timer.start()
    (answer,) = ask()
    timer.join()
    assert answer["status"] == 200


def test_that_a_view_may_leave_the_answer_to_somebody_else(ask, layer, caplog):
    from django.http import HttpResponse

    from app.channels import Group
    from app.channels.handler import AsgiHandler

    assert ask("/later") == []
    assert not caplog.records
    assert layer.group_channels("polls") == ["server.x!a"]
    with Outbox(layer):
        for part in AsgiHandler.encode_response(HttpResponse("news", status=201)):
            Group("polls").send(part)
    _, answer = layer.receive(["server.x!"])
    assert (answer["status"], answer["content"]) == (201, b"news")


def test_that_middleware_sees_no_error_in_an_answer_that_comes_later(ask, layer):
    from django.test import override_settings

    from app.channels.handler import DjangoViews
    from tests.channels import watching

    with override_settings(MIDDLEWARE=["tests.channels.watching.Watching"]):
        views = DjangoViews()
        content = {"reply_channel": "server.x!a", "method": "GET", "path": "/later", "headers": []}
        with Outbox(layer):
            views(Message(content, "http.request", layer))
    assert watching.seen == ["request", "response"]


def test_that_the_original_names_answer_too(ask, layer):
    from app.channels.handler import AsgiHandler, ViewConsumer

    content = {"reply_channel": "server.x!a", "http_version": "1.1", "method": "GET", "path": "/", "query_string": b"",
               "headers": [[b"host", b"localhost"]]}  # fmt: skip
    with Outbox(layer):
        ViewConsumer()(Message(content, "http.request", layer))
        assert layer.receive(["server.x!"])[1]["status"] == 200
        (answer,) = AsgiHandler()(Message(content, "http.request", layer))
    assert answer["status"] == 200


def test_that_a_part_of_a_body_is_told_as_taken(ask, layer):
    from app import events as e

    name = layer.new_channel("http.request.body?")
    layer.send(name, {"content": b"2"})
    ask(method="POST", headers=[FORM], body=b"a=1", body_channel=name)
    (taken,) = [event for event in ask.told if isinstance(event, e.MessageReceived)]
    assert (taken.channel, taken.cause) == (name, "cause")


def test_that_a_request_is_finished_also_when_its_answer_finds_no_room(ask, layer, monkeypatch):
    from django.core.signals import request_finished

    from app.layer import ChannelFull

    monkeypatch.setattr("app.channels.handler.PATIENCE", 0.0)
    layer.capacity = 0
    finished = []

    def note(**kwargs):
        finished.append(kwargs["sender"])

    request_finished.connect(note)
    try:
        with pytest.raises(ChannelFull):
            ask()
        assert finished
    finally:
        request_finished.disconnect(note)
