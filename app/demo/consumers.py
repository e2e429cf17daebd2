# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat: what happens when a socket opens, says something, and closes."""

from __future__ import annotations

import time

from django.conf import settings

from app.channels import Channel, Group, Message
from app.channels.sessions import channel_session, http_session
from app.demo.models import ChatMessage
from app.demo.origins import same_site
from app.demo.speech import Unusable, name_of, said, text

HISTORY = 50  # lines that a newcomer is shown
TEXT_LIMIT = 2000  # characters
CHAT_MESSAGES = "chat-messages"
LINES = "chat.line"  # brings lines from invited workers
EXAMPLE = '{"type": "chat", "data": "your text"}'


@same_site
@channel_session
@http_session
def ws_connect(message: Message, room: str) -> None:
    """Let a socket in, tell it who it is and what was said, and tell the room."""
    username = message.channel_session["username"] = name_of(message)
    message.channel_session.save()  # before the socket is open: its first line may reach another worker at once
    reply = Channel(str(message.reply_channel))
    # Before it is in the group, so that its first frame is the welcome.
    reply.send({"accept": True}, immediately=True)
    reply.send(text(type="welcome", username=username, room=room, history=_history(room)), immediately=True)
    Group(_group(room)).add(reply)
    Group(_group(room)).send(text(type="joined", username=username))


@channel_session
def ws_receive(message: Message, room: str) -> None:
    """Keep what was said and send it to everybody in the room; say what is wrong to the one who sent it."""
    if (line := _line(message)) is not None:
        _keep(room, message.channel_session.get("username", ""), line)


@channel_session
def ws_receive_and_pass_on(message: Message, room: str) -> None:
    """In the place of `ws_receive`: only pass on what was said, so that one channel takes lines from anywhere."""
    if (line := _line(message)) is not None:
        username = message.channel_session.get("username", "")
        Channel(CHAT_MESSAGES).send({"room": room, "username": username, "message": line})


def save_and_broadcast(message: Message) -> None:
    """Keep a line of the channel `chat-messages`, then send it to its room; whoever may send there may speak."""
    room, username, line = message["room"], message["username"], message["message"]
    ChatMessage.objects.create(room=room, username=username, text=line)
    _work()  # who is killed here has saved what nobody heard
    Group(_group(room)).send(text(type="chat", username=username, message=line))


def ws_receive_away(message: Message, room: str) -> None:
    """In the place of `ws_receive` on another machine, without a database: do the work and hand on the rest."""
    if (line := _line(message)) is not None:
        _work()
        Channel(LINES).send({"reply_channel": str(message.reply_channel), "path": message["path"], "line": line})


@channel_session
def take_line(message: Message, room: str) -> None:
    """Keep and broadcast a line that somebody elsewhere has worked on."""
    _save(room, message.channel_session.get("username", ""), message["line"])


@channel_session
def ws_disconnect(message: Message, room: str) -> None:
    """Take the socket out of the room, and tell the room."""
    Group(_group(room)).discard(str(message.reply_channel))
    Group(_group(room)).send(text(type="left", username=message.channel_session.get("username", "")))


def _keep(room: str, username: str, line: str) -> None:
    _work()
    _save(room, username, line)


def _work() -> None:
    time.sleep(settings.CONSUMER_SECONDS)  # stands for work that takes long


def _save(room: str, username: str, line: str) -> None:
    ChatMessage.objects.create(room=room, username=username, text=line)
    Group(_group(room)).send(text(type="chat", username=username, message=line))


def _line(message: Message) -> str | None:
    """Return what a frame says; None where it cannot be used, which is explained to its sender."""
    try:
        return _said(message)
    except Unusable as problem:
        Channel(str(message.reply_channel)).send(text(type="error", message=str(problem)))
        return None


def _said(message: Message) -> str:
    line = said(message, "chat", example=EXAMPLE).get("data")
    if not isinstance(line, str) or not line.strip():
        raise Unusable('There is nothing to say: "data" must be text that is not empty.')
    if len(line) > TEXT_LIMIT:
        raise Unusable(f"This is too long: {len(line)} characters, at most {TEXT_LIMIT} are sent.")
    if any("\ud800" <= character <= "\udfff" for character in line):
        raise Unusable("This has half a character in it (a lone surrogate), which is no text.")
    return line


def _history(room: str) -> list[dict[str, str]]:
    newest = ChatMessage.objects.filter(room=room).order_by("-id")[:HISTORY]
    return [
        {"id": line.pk, "username": line.username, "message": line.text, "when": line.created.isoformat()}
        for line in reversed(newest)
    ]


def _group(room: str) -> str:
    return f"chat-{room}"
