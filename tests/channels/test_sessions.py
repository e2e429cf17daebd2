# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.channels import Message
from app.channels.sessions import channel_and_http_session, channel_session, http_session, session_key
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")


def message(reply="daphne.response.a!b", headers=()):
    return Message({"reply_channel": reply, "headers": list(headers)}, "websocket.receive")


@row("session: channel_session")
def test_that_a_sockets_key_is_that_of_channels_1():
    key = session_key("daphne.response.AbCdEfGhIj!KlMnOpQrSt")
    assert key == "chn3be2a8c5fbef5f6c59386e948e977"


@row("session: channel_session")
def test_that_a_channel_session_lasts_from_message_to_message_of_one_socket():
    @channel_session
    def first(message):
        message.channel_session["name"] = "bob"

    @channel_session
    def second(message):
        return message.channel_session.get("name")

    first(message())
    assert second(message()) == "bob"
    assert second(message("daphne.response.a!other")) is None


def test_that_what_a_failing_consumer_put_into_the_session_stays():
    @channel_session
    def broken(message):
        message.channel_session["name"] = "bob"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        broken(message())
    assert channel_session(lambda m: m.channel_session["name"])(message()) == "bob"


def test_that_a_channel_session_needs_a_reply_channel():
    with pytest.raises(ValueError, match="reply_channel"):
        channel_session(lambda m: None)(Message({}, "x"))


@row("session: http_session")
def test_that_the_http_session_comes_from_the_cookie_and_is_never_made():
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    session = SessionStore()
    session["username"] = "bob"
    session.save()
    read = http_session(lambda m: m.http_session and m.http_session["username"])
    cookie = f"a=b; channelscope_session={session.session_key}".encode()
    assert read(message(headers=[[b"cookie", cookie]])) == "bob"
    assert read(message(headers=[[b"cookie", b"x=y"], [b"cookie", cookie]])) == "bob"
    assert read(message()) is None
    assert read(message(headers=[[b"cookie", b"channelscope_session=nobody-knows-this-one"]])) is None
    assert Session.objects.count() == 1


def test_that_the_http_session_may_be_named_by_a_parameter_and_is_saved_when_it_was_changed():
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session["visits"] = 1
    session.save()
    asked = message()
    asked["query_string"] = f"a=b&session_key={session.session_key}"

    @http_session
    def visit(message):
        message.http_session["visits"] += 1

    visit(asked)
    assert SessionStore(session.session_key)["visits"] == 2


@row("session: channel_and_http_session")
def test_that_the_browsers_session_is_known_on_frames_too():
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session["username"] = "bob"
    session.save()
    read = channel_and_http_session(lambda m: m.http_session and m.http_session["username"])
    assert read(message()) is None
    cookie = f"channelscope_session={session.session_key}".encode()
    assert read(message(headers=[[b"cookie", cookie]])) == "bob"
    assert read(message()) == "bob"


def test_that_a_channel_session_that_another_worker_is_making_is_waited_for(monkeypatch):
    from django.contrib.sessions.backends.db import SessionStore

    from app.channels.exceptions import ConsumeLater

    channel_session(lambda m: None)(message())
    monkeypatch.setattr(SessionStore, "exists", lambda self, key: False)  # it looked a moment before
    with pytest.raises(ConsumeLater):
        channel_session(lambda m: None)(message())


def test_that_sessions_in_signed_cookies_are_refused():
    from django.test import override_settings

    engine = "django.contrib.sessions.backends.signed_cookies"
    with override_settings(SESSION_ENGINE=engine), pytest.raises(ValueError, match="server"):
        channel_session(lambda m: None)(message())
