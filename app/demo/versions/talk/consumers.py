# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat in the manner of the 2016 talk: a socket joins the group of its room, and what it says goes to the group.

Nothing is kept and nothing is checked: see what the shipped version adds to it.
"""

import json

from channels import Group
from channels.auth import channel_session_user, channel_session_user_from_http


@channel_session_user_from_http
def ws_connect(message, room):
    # In 2016 the handshake was answered before the consumer ran; since Channels 1.0 the consumer decides.
    message.reply_channel.send({"accept": True})
    username = message.user.username or (message.http_session or {}).get("username", "somebody")
    message.channel_session["username"] = username
    message.reply_channel.send(as_text({"type": "welcome", "username": username, "room": room, "history": []}))
    Group("chat-" + room).add(message.reply_channel)
    Group("chat-" + room).send(as_text({"type": "joined", "username": username}))


@channel_session_user
def ws_receive(message, room):
    said = json.loads(message["text"])
    username = message.channel_session["username"]
    Group("chat-" + room).send(as_text({"type": "chat", "username": username, "message": said["data"]}))


@channel_session_user
def ws_disconnect(message, room):
    Group("chat-" + room).discard(message.reply_channel)
    username = message.channel_session.get("username", "somebody")
    Group("chat-" + room).send(as_text({"type": "left", "username": username}))


def as_text(content):
    return {"text": json.dumps(content)}
