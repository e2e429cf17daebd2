# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose turn is it? Three rooms that differ only in how they keep the messages of one socket in order.

Workers race for them: in `unordered` anything may overtake anything, in `slight` nothing overtakes the connect, in
`strict` nothing overtakes anything. To let that be seen, a line with "slow" in it takes a while, and so does the coming
of somebody whose name has it; the socket is open meanwhile, as it was at once in 2016.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings

from app.channels import Channel, Message
from app.channels.sessions import channel_session, enforce_ordering, http_session
from app.demo.origins import same_site
from app.demo.speech import explained, line_in, name_of, said, text

SLOW = "slow"
EXAMPLE = '{"type": "chat", "data": "your text"}'


@channel_session
@http_session
def _connect(message: Message) -> None:
    reply, username = Channel(str(message.reply_channel)), name_of(message)
    reply.send({"accept": True}, immediately=True)
    _work_on(username)
    message.channel_session["username"] = username
    reply.send(text(type="welcome", username=username, room="", history=[]))


@explained
@channel_session
def _receive(message: Message) -> None:
    username = message.channel_session["username"]  # a KeyError, where this frame has overtaken the connect
    line = line_in(said(message, "chat", example=EXAMPLE))
    _work_on(line)
    Channel(str(message.reply_channel)).send(text(type="chat", username=username, message=line, order=message["order"]))


def _work_on(words: str) -> None:
    time.sleep(settings.CONSUMER_SECONDS if SLOW in words.lower() else 0)


ROOMS: dict[str, tuple[Any, Any]] = {
    "unordered": (_connect, _receive),
    "slight": (enforce_ordering(slight=True)(_connect), enforce_ordering(slight=True)(_receive)),
    "strict": (enforce_ordering(_connect), enforce_ordering(_receive)),
}


@same_site
def ws_connect(message: Message, room: str) -> None:
    """Let a socket in, find out who it is, and remember that in the session of the socket."""
    ROOMS[room][0](message)


def ws_receive(message: Message, room: str) -> None:
    """Say to the socket again what it said, with its number."""
    ROOMS[room][1](message)
