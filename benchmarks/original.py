# SPDX-License-Identifier: GPL-3.0-or-later
"""The original of 2016 for benchmarks/chat.py: channels 1.1.8 and asgi_redis 1.4.3 on Django 1.11, under daphne 1.4.2.

`main` runs daphne ("server PORT [--force-sync]") or Channels' runworker ("worker"), by the Python of an environment of
their own; REDIS_URL says where Redis is. No package is changed: what newer Pythons and msgpack dropped is put back
first.
"""

import collections
import collections.abc
import logging
import os
import sys

import msgpack

# Django 1.11 looks for Iterator, Mapping … where they were until Python 3.10.
vars(collections).update({name: getattr(collections.abc, name) for name in collections.abc.__all__})
decode = msgpack.unpackb
msgpack.unpackb = lambda body, encoding="utf8": decode(body, raw=False)  # msgpack 0.5's spelling

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    ROOT_URLCONF="original",
    DATABASES={},
    LOGGING_CONFIG=None,
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "asgi_redis.RedisChannelLayer",
            "ROUTING": "original.routing",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "capacity": 10_000},
        }
    },
)
django.setup()

from channels import Group, route  # noqa: E402
from channels.asgi import get_channel_layer  # noqa: E402


def connect(message):
    message.reply_channel.send({"accept": True})
    if message["path"] == "/room/":
        Group("room").add(message.reply_channel)


def receive(message):
    room = Group("room") if message["path"] == "/room/" else message.reply_channel
    room.send({"text": message["text"]})


def disconnect(message):
    Group("room").discard(message.reply_channel)


routing = [
    route("websocket.connect", connect),
    route("websocket.receive", receive),
    route("websocket.disconnect", disconnect),
]
urlpatterns = []
channel_layer = get_channel_layer()


def main() -> None:
    """Do what the command line says."""
    logging.disable(logging.INFO)
    if sys.argv[1] == "server":
        from daphne.cli import CommandLineInterface

        CommandLineInterface().run(
            ["--port", sys.argv[2], "--verbosity", "0", *filter(None, sys.argv[3:]), "original:channel_layer"]
        )
    else:
        from django.core.management import call_command

        call_command("runworker", verbosity=0)
