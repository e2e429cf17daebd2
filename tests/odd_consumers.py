# SPDX-License-Identifier: GPL-3.0-or-later
"""A routing for tests: consumers that print, raise, or take their time, as the text of the message says."""

import time

from app.channels import route


def connect(message):
    message.reply_channel.send({"accept": True})


def obey(message):
    match message.content["text"]:
        case "print":
            print("a consumer printed this")
        case "raise":
            raise RuntimeError("a consumer raised this")
        case "sleep":
            time.sleep(60)
        case text:
            message.reply_channel.send({"text": text})


channel_routing = [
    route("websocket.connect", connect, path=r"^/odd/$"),
    route("websocket.receive", obey, path=r"^/odd/$"),
]
