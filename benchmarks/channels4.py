# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat of benchmarks/chat.py on Channels 4, for uvicorn: /echo/ and /room/, each message through the channel layer.

Environment: REDIS_URL, and LAYER, which is "core" or "pubsub". Run by the interpreter of that peer.
"""

import os

import django
from django.conf import settings

KIND = {"core": "core.RedisChannelLayer", "pubsub": "pubsub.RedisPubSubChannelLayer"}[os.environ["LAYER"]]
# socket_timeout: redis-py 8 would end a wait of the core layer; max_connections: its pool would end at 100.
HOST = {"address": os.environ["REDIS_URL"], "max_connections": 5000, "socket_timeout": None}
settings.configure(
    SECRET_KEY="benchmark",
    DATABASES={},
    CHANNEL_LAYERS={
        "default": {"BACKEND": f"channels_redis.{KIND}", "CONFIG": {"hosts": [HOST], "capacity": 10_000}},
    },
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402


class Echo(AsyncWebsocketConsumer):
    """Sends each text to itself through the layer."""

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.send(self.channel_name, {"type": "say", "text": text_data})

    async def say(self, event):
        await self.send(text_data=event["text"])


class Room(Echo):
    """Sends each text to all."""

    groups = ["room"]

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("room", {"type": "say", "text": text_data})


routes = [path("echo/", Echo.as_asgi()), path("room/", Room.as_asgi())]
application = ProtocolTypeRouter({"websocket": URLRouter(routes)})
