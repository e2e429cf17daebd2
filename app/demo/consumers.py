# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat: what happens when a socket opens, says something, and closes."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings

from app.channels import Channel, Group, Message
from app.channels.sessions import channel_session, http_session
from app.demo.models import ChatMessage
from app.demo.rooms import guest

HISTORY = 50  # lines that a newcomer is shown
TEXT_LIMIT = 2000  # characters


class Unusable(ValueError):
    """A client sent what the chat cannot use; the sentence is for its reader."""


@channel_session
@http_session
def ws_connect(message: Message, room: str) -> None:
    """Let a socket in, tell it who it is and what was said, and tell the room."""
    session = message.http_session or {}
    username = message.channel_session["username"] = session.get("username") or guest()
    message.channel_session.save()  # before the socket is open: its first line may reach another worker at once
    reply = Channel(str(message.reply_channel))
    # Before it is in the group, so that its first frame is the welcome.
    reply.send({"accept": True}, immediately=True)
    reply.send(_text(type="welcome", username=username, room=room, history=_history(room)), immediately=True)
    Group(_group(room)).add(reply)
    Group(_group(room)).send(_text(type="joined", username=username))


@channel_session
def ws_receive(message: Message, room: str) -> None:
    """Keep what was said and send it to everybody in the room; say what is wrong to the one who sent it."""
    username = message.channel_session.get("username", "")
    try:
        text = _said(message)
    except Unusable as problem:
        Channel(str(message.reply_channel)).send(_text(type="error", message=str(problem)))
        return
    time.sleep(settings.CONSUMER_SECONDS)  # stands for work that takes long
    ChatMessage.objects.create(room=room, username=username, text=text)
    Group(_group(room)).send(_text(type="chat", username=username, message=text))


@channel_session
def ws_disconnect(message: Message, room: str) -> None:
    """Take the socket out of the room, and tell the room."""
    Group(_group(room)).discard(str(message.reply_channel))
    Group(_group(room)).send(_text(type="left", username=message.channel_session.get("username", "")))


def _said(message: Message) -> str:
    """Return what a frame says, which is {"type": "chat", "data": TEXT}."""
    if message.get("text") is None:
        raise Unusable("Please send text: this chat does not understand binary messages.")
    try:
        content = json.loads(message["text"])
    except (ValueError, RecursionError) as error:
        raise Unusable(f"This is not JSON: {error}.") from error
    if not isinstance(content, dict) or content.get("type") != "chat":
        raise Unusable('Please send {"type": "chat", "data": "your text"}.')
    text = content.get("data")
    if not isinstance(text, str) or not text.strip():
        raise Unusable('There is nothing to say: "data" must be text that is not empty.')
    if len(text) > TEXT_LIMIT:
        raise Unusable(f"This is too long: {len(text)} characters, at most {TEXT_LIMIT} are sent.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Unusable("This has half a character in it (a lone surrogate), which is no text.")
    return text


def _history(room: str) -> list[dict[str, str]]:
    newest = ChatMessage.objects.filter(room=room).order_by("-id")[:HISTORY]
    return [
        {"username": line.username, "message": line.text, "when": line.created.isoformat()} for line in reversed(newest)
    ]


def _group(room: str) -> str:
    return f"chat-{room}"


def _text(**content: Any) -> dict[str, str]:
    return {"text": json.dumps(content, ensure_ascii=False)}
