# SPDX-License-Identifier: GPL-3.0-or-later
"""Consumers that answer the frames of a socket in their order."""

from app.channels import route
from app.channels.sessions import enforce_ordering


@enforce_ordering
def let_in(message):
    message.reply_channel.send({"accept": True})


@enforce_ordering
def answer(message):
    message.reply_channel.send({"text": message["text"]})


channel_routing = [route("websocket.connect", let_in), route("websocket.receive", answer)]
