# SPDX-License-Identifier: GPL-3.0-or-later
"""A routing for the test of fates: a consumer that does as it is told."""

import contextlib
import time

from app.channels import Channel, Group, route


def connect(message):
    message.reply_channel.send({"accept": True})


def obey(message):
    word, _, number = message.content["text"].partition(" ")
    match word:
        case "sleep":
            time.sleep(float(number))
        case "group":
            Group("all").add(message.reply_channel)
        case "copies":
            for _ in range(int(number)):
                Group("all").send({"text": "copy"})
        case "huge":
            with contextlib.suppress(message.channel_layer.MessageTooLarge):
                message.reply_channel.send({"text": "x" * 1_200_000}, immediately=True)
        case "odd":
            Channel("odd").send({"kind": "unknown"})
    message.reply_channel.send({"text": word})


def know(message):
    """Only what is known."""


channel_routing = [
    route("websocket.connect", connect, path=r"^/fate/$"),
    route("websocket.receive", obey, path=r"^/fate/$"),
    route("odd", know, kind="known"),
]
