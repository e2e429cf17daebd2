# SPDX-License-Identifier: GPL-3.0-or-later
"""Consumers of a WebSocket as classes: raw, JSON, and several streams on one socket (asgi1_checklist §12)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder

from app.channels.channel import Channel, Group
from app.channels.exceptions import SendNotAvailableOnDemultiplexer
from app.channels.generic.base import BaseConsumer
from app.channels.message import Message

__all__ = [
    "JsonWebsocketConsumer",
    "WebsocketConsumer",
    "WebsocketConsumerDemultiplexer",
    "WebsocketDemultiplexer",
    "WebsocketMultiplexer",
]


class WebsocketConsumer(BaseConsumer):
    """Handles a socket: override `connect`, `receive` and `disconnect`.

    Flags: `http_user` has the browser's user on every frame, `http_user_and_session` its session too, and
    `strict_ordering` handles frames one after the other. `slight_ordering` is accepted as in 2016.
    """

    method_mapping: ClassVar[Mapping[str, str]] = {
        "websocket.connect": "raw_connect",
        "websocket.receive": "raw_receive",
        "websocket.disconnect": "raw_disconnect",
    }
    http_user = False
    http_user_and_session = False
    strict_ordering = False
    slight_ordering = False
    groups: ClassVar[Iterable[str] | None] = None

    def get_handler(self, message: Message, **kwargs: Any) -> Callable[..., Any]:
        """Return the method for the message's channel with the decorators that the flags ask for."""
        from app.channels import auth
        from app.channels.ordering import enforce_ordering

        self.path = message.get("path")
        handler = super().get_handler(message, **kwargs)
        if self.http_user_and_session:
            handler = auth.channel_and_http_session_user_from_http(handler)
        elif self.http_user:
            is_first = message.channel.name == "websocket.connect"
            handler = (auth.channel_session_user_from_http if is_first else auth.channel_session_user)(handler)
        if self.strict_ordering or self.slight_ordering:
            handler = enforce_ordering(handler, slight=not self.strict_ordering)
        return handler

    def connection_groups(self, **kwargs: Any) -> Iterable[str]:
        """Return the groups that a socket is in while it is open."""
        return self.groups or ()

    def raw_connect(self, message: Message, **kwargs: Any) -> None:
        """Put the socket into its groups, then call `connect`."""
        for name in self.connection_groups(**kwargs):
            Group(name, channel_layer=message.channel_layer).add(self._reply_channel)
        self.connect(message, **kwargs)

    def connect(self, message: Message, **kwargs: Any) -> None:
        """Let the socket in."""
        self._reply_channel.send({"accept": True})

    def raw_receive(self, message: Message, **kwargs: Any) -> None:
        """Call `receive` with what came."""
        if "text" in message and message["text"] is not None:
            self.receive(text=message["text"], **kwargs)
        else:
            self.receive(bytes=message["bytes"], **kwargs)

    def receive(self, text: str | None = None, bytes: bytes | None = None, **kwargs: Any) -> None:
        """Handle what the client said."""

    def send(self, text: str | None = None, bytes: bytes | None = None, close: bool | int = False) -> None:
        """Send to the client, and close the socket after it if asked to.

        Raises:
            ValueError: there is neither text nor bytes.
        """
        self._reply_channel.send(_reply(text, bytes, close))

    @classmethod
    def group_send(
        cls, name: str, text: str | None = None, bytes: bytes | None = None, close: bool | int = False
    ) -> None:
        """Send to all sockets of a group; the same is raised."""
        Group(name).send(_reply(text, bytes, close))

    def close(self, status: bool | int = True) -> None:
        """Close the socket; `status` may be a close code."""
        self._reply_channel.send({"close": status})

    def raw_disconnect(self, message: Message, **kwargs: Any) -> None:
        """Take the socket out of its groups, then call `disconnect`."""
        for name in self.connection_groups(**kwargs):
            Group(name, channel_layer=message.channel_layer).discard(self._reply_channel)
        self.disconnect(message, **kwargs)

    def disconnect(self, message: Message, **kwargs: Any) -> None:
        """Handle the end of the socket."""

    @property
    def _reply_channel(self) -> Channel:
        if self.message.reply_channel is None:
            raise ValueError("A WebSocket's message needs a reply_channel.")
        return self.message.reply_channel


class JsonWebsocketConsumer(WebsocketConsumer):
    """The same with JSON in both directions; bytes raise ValueError."""

    def raw_receive(self, message: Message, **kwargs: Any) -> None:
        """Call `receive` with what the text means."""
        if message.get("text") is None:
            raise ValueError("A JSON consumer got a frame without text.")
        self.receive(self.decode_json(message["text"]), **kwargs)

    def receive(self, content: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as in Channels 1.x
        """Handle what the client said."""

    def send(self, content: Any, close: bool | int = False) -> None:  # type: ignore[override]
        """Send content as JSON."""
        super().send(text=self.encode_json(content), close=close)

    @classmethod
    def group_send(cls, name: str, content: Any, close: bool | int = False) -> None:  # type: ignore[override]
        """Send content as JSON to all sockets of a group."""
        WebsocketConsumer.group_send(name, text=cls.encode_json(content), close=close)

    @classmethod
    def decode_json(cls, text: str) -> Any:
        """Return what JSON means; override it for another dialect."""
        return json.loads(text)

    @classmethod
    def encode_json(cls, content: Any) -> str:
        """Return content as JSON; override it for another dialect."""
        return json.dumps(content)


class WebsocketMultiplexer:
    """What a consumer behind a demultiplexer sends with: its stream on the shared socket."""

    def __init__(self, stream: str, reply_channel: Channel) -> None:
        self.stream, self.reply_channel = stream, reply_channel

    def send(self, payload: Any) -> None:
        """Send on the stream."""
        self.reply_channel.send(self.encode(self.stream, payload))

    @classmethod
    def encode_json(cls, content: Any) -> str:
        """Return content as JSON, dates and decimals included."""
        return json.dumps(content, cls=DjangoJSONEncoder)

    @classmethod
    def encode(cls, stream: str, payload: Any) -> dict[str, Any]:
        """Return the message that carries a payload on a stream."""
        return {"text": cls.encode_json({"stream": stream, "payload": payload})}

    @classmethod
    def group_send(cls, name: str, stream: str, payload: Any, close: bool | int = False) -> None:
        """Send on a stream of all sockets of a group."""
        message = cls.encode(stream, payload)
        Group(name).send({**message, "close": close} if close else message)


class WebsocketDemultiplexer(JsonWebsocketConsumer):
    """Several streams on one socket: frames are {"stream": name, "payload": dict}.

    `consumers` has a JSON consumer class for each stream. Connect and disconnect go to all of them.
    """

    consumers: ClassVar[Mapping[str, type[WebsocketConsumer]]] = {}
    multiplexer_class = WebsocketMultiplexer

    def receive(self, content: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Hand a frame's payload to the consumer of its stream.

        Raises:
            ValueError: the frame does not say which stream, or nobody has it.
        """
        if not isinstance(content, dict) or not {"stream", "payload"} <= content.keys():
            raise ValueError('A multiplexed frame needs "stream" and "payload".')
        stream, payload = content["stream"], content["payload"]
        if stream not in self.consumers:
            raise ValueError(f"No consumer has the stream {stream!r}.")
        if not isinstance(payload, dict):
            raise ValueError(f"A payload must be a dict, not {type(payload).__name__}.")
        message = self.message.copy()
        for name in ("channel_session", "http_session", "user"):
            if hasattr(self.message, name):
                setattr(message, name, getattr(self.message, name))
        message.content["text"] = self.encode_json(payload)
        self._hand(stream, message, kwargs)

    def connect(self, message: Message, **kwargs: Any) -> None:
        """Let the socket in, and tell every stream's consumer."""
        self._reply_channel.send({"accept": True})
        for stream in self.consumers:
            self._hand(stream, message, kwargs)

    def disconnect(self, message: Message, **kwargs: Any) -> None:
        """Tell every stream's consumer."""
        for stream in self.consumers:
            self._hand(stream, message, kwargs)

    def send(self, *args: Any, **kwargs: Any) -> None:
        """Raise SendNotAvailableOnDemultiplexer: it has no stream of its own."""
        raise SendNotAvailableOnDemultiplexer

    @classmethod
    def group_send(cls, name: str, stream: str, payload: Any, close: bool | int = False) -> None:  # type: ignore[override]
        """Raise SendNotAvailableOnDemultiplexer: a multiplexer sends to groups."""
        raise SendNotAvailableOnDemultiplexer("Use the group_send of a multiplexer.")

    def _hand(self, stream: str, message: Message, kwargs: Mapping[str, Any]) -> None:
        multiplexer = self.multiplexer_class(stream, self._reply_channel)
        consumer = self.consumers[stream]
        consumer(message, **{**kwargs, "multiplexer": multiplexer})


WebsocketConsumerDemultiplexer = WebsocketDemultiplexer  # its name in Channels 1.0


def _reply(text: str | None, data: bytes | None, close: bool | int) -> dict[str, Any]:
    if text is None and data is None:
        raise ValueError("There is neither text nor bytes to send.")
    message: dict[str, Any] = {"text": text} if text is not None else {"bytes": data}
    return {**message, "close": close} if close else message
