# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat: what happens when a socket opens, says something, and closes."""

from __future__ import annotations

import time

from django.conf import settings

from app.channels import Channel, Group, Message
from app.channels.sessions import channel_session, http_session
from app.demo.models import ChatMessage
from app.demo.origins import same_site
from app.demo.speech import explained, line_in, name_of, said, text

HISTORY = 50  # lines that a newcomer is shown
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


@explained
@channel_session
def ws_receive(message: Message, room: str) -> None:
    """Keep what was said and send it to everybody in the room; say what is wrong to the one who sent it."""
    line = _line(message)
    _work()
    _save(room, message.channel_session.get("username", ""), line)


@explained
@channel_session
def ws_receive_and_pass_on(message: Message, room: str) -> None:
    """In the place of `ws_receive`: only pass on what was said, so that one channel takes lines from anywhere."""
    username = message.channel_session.get("username", "")
    Channel(CHAT_MESSAGES).send({"room": room, "username": username, "message": _line(message)})


def save_and_broadcast(message: Message) -> None:
    """Keep a line of the channel `chat-messages`, then send it to its room; whoever may send there may speak."""
    room, username, line = message["room"], message["username"], message["message"]
    ChatMessage.objects.create(room=room, username=username, text=line)
    _work()  # who is killed here has saved what nobody heard
    Group(_group(room)).send(text(type="chat", username=username, message=line))


@explained
def ws_receive_away(message: Message, room: str) -> None:
    """In the place of `ws_receive` on another machine, without a database: do the work and hand on the rest."""
    line = _line(message)
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


def _work() -> None:
    time.sleep(settings.CONSUMER_SECONDS)  # stands for work that takes long


def _save(room: str, username: str, line: str) -> None:
    ChatMessage.objects.create(room=room, username=username, text=line)
    Group(_group(room)).send(text(type="chat", username=username, message=line))


def _line(message: Message) -> str:
    return line_in(said(message, "chat", example=EXAMPLE))


def _history(room: str) -> list[dict[str, str]]:
    newest = ChatMessage.objects.filter(room=room).order_by("-id")[:HISTORY]
    return [
        {"id": line.pk, "username": line.username, "message": line.text, "when": line.created.isoformat()}
        for line in reversed(newest)
    ]


def _group(room: str) -> str:
    return f"chat-{room}"
