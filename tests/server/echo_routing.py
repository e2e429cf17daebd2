# SPDX-License-Identifier: GPL-3.0-or-later
"""A routing that echoes: what Autobahn talks with through a worker, and benchmarks/chat.py's two rooms."""

import time

from app.channels import Group, route


def connect(message):
    message.reply_channel.send({"accept": True})
    if message["path"] == "/room/":
        Group("room").add(message.reply_channel)


def receive(message):
    content = {key: message[key] for key in ("text", "bytes") if message.get(key) is not None}
    if message["path"] == "/room/":
        Group("room").send(content)
    else:
        message.reply_channel.send(content)


def disconnect(message):
    Group("room").discard(message.reply_channel)


routing = [
    route("websocket.connect", connect),
    route("websocket.receive", receive),
    route("websocket.disconnect", disconnect),
]


def slow_receive(message):
    """As a consumer that asks a database."""
    time.sleep(0.01)
    receive(message)


slow_routing = [routing[0], route("websocket.receive", slow_receive), routing[2]]
