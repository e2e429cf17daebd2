# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in a room of the drawing and the game: told when a socket comes and goes, by an id and a name."""

from __future__ import annotations

import hashlib

from app.channels import Channel, Group, Message
from app.channels.sessions import channel_session, http_session
from app.demo.speech import name_of, text


@channel_session
@http_session
def enter(message: Message, group: str) -> None:
    """Let a socket in, tell it who it is, and tell the others."""
    username = message.channel_session["username"] = name_of(message)
    message.channel_session.save()
    reply, who = Channel(str(message.reply_channel)), id_of(message)
    reply.send({"accept": True}, immediately=True)
    reply.send(text(type="welcome", username=username, id=who), immediately=True)
    Group(group).add(reply)
    Group(group).send(text(type="joined", username=username, id=who))


def leave(message: Message, group: str) -> None:
    """Take a socket out, and tell the others."""
    Group(group).discard(str(message.reply_channel))
    Group(group).send(text(type="left", username=username_of(message), id=id_of(message)))


@channel_session
def username_of(message: Message) -> str:
    """Return the name of a socket's owner: a look into the database."""
    name: str = message.channel_session.get("username", "")
    return name


def id_of(message: Message) -> str:
    """Return what a socket is called in all it sends; nobody can work out its reply channel from it."""
    return hashlib.blake2s(str(message.reply_channel).encode(), digest_size=5).hexdigest()
