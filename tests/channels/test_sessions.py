# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.channels import Message
from app.channels.sessions import channel_session, http_session, session_key

pytestmark = pytest.mark.usefixtures("database")


def message(reply="daphne.response.a!b", headers=()):
    return Message({"reply_channel": reply, "headers": list(headers)}, "websocket.receive")


def test_that_a_sockets_key_is_that_of_channels_1():
    key = session_key("daphne.response.AbCdEfGhIj!KlMnOpQrSt")
    assert key == "chn3be2a8c5fbef5f6c59386e948e977"


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
