# SPDX-License-Identifier: GPL-3.0-or-later
"""Consumers that do what tests need."""

import subprocess
import sys
import time

from app.channels import Channel, route
from app.channels.exceptions import ChannelSocketException, ConsumeLater, DenyConnection, WebsocketCloseException


def answer(message):
    """Send the content back."""
    print("a consumer prints")
    Channel("answers").send({"n": message["n"]})


def broken(message):
    """Send something, then fail."""
    Channel("answers").send({"n": "sent before it broke"})
    raise RuntimeError("broken on purpose")


def leaves(message):
    """Try to end the process."""
    sys.exit(3)


def slow(message):
    """Say that it has begun, and take its time."""
    Channel("begun").send({"seconds": message["seconds"]}, immediately=True)
    time.sleep(message["seconds"])
    Channel("answers").send({"n": "slow"})


def spawn(message):
    """Leave a process behind that has inherited this one's stderr."""
    other = subprocess.Popen(["sleep", str(message["seconds"])])
    Channel("answers").send({"pid": other.pid})


def later(message):
    """Never be ready, and say so once it is hopeless."""
    if message.__doomed__:
        Channel("answers").send({"n": message["__retries__"]})
    raise ConsumeLater


def deny(message):
    """Refuse."""
    raise DenyConnection


def close(message):
    """End the socket with a code, or without one."""
    raise WebsocketCloseException(message["code"])


class Elsewhere(ChannelSocketException):
    """Send the message on."""

    def run(self, message):
        Channel("answers").send({"n": "elsewhere"})


def elsewhere(message):
    """Do something else than go on."""
    raise Elsewhere


routing = [
    route("answer", answer),
    route("broken", broken),
    route("leaves", leaves),
    route("slow", slow),
    route("spawn", spawn),
    route("later", later),
    route("websocket.connect", deny, path="^/deny/"),
    route("denied", deny),
    route("websocket.receive", close, path="^/close/"),
    route("closed", close),
    route("elsewhere", elsewhere),
    route("filtered", answer, path="^/never/"),
]
