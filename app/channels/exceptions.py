# SPDX-License-Identifier: GPL-3.0-or-later
"""What a consumer may raise to say something to its worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.channels.message import Message

OWN_CODES = range(3000, 5000)  # close codes that are an application's own (RFC 6455 §7.4.2)


class ConsumeLater(Exception):
    """Put the message back at the end of its channel: it cannot be consumed yet."""


class ResponseLater(Exception):
    """Send no answer now: somebody else will send one to the request's reply channel (long polling)."""


class DenyConnection(Exception):
    """Refuse the opening handshake; only in a consumer of `websocket.connect`."""


class ChannelSocketException(Exception):
    """Do something to the message instead of going on: the worker calls `run` (asgi1_checklist W-07)."""

    def run(self, message: Message) -> None:
        """Do it; subclasses say what."""
        raise NotImplementedError


class WebsocketCloseException(ChannelSocketException):
    """Close the socket, in any consumer of a `websocket.` channel.

    Args:
        code: the close code, 1000 or one of the application's own; None: 1000.

    Raises:
        ValueError: another code.
    """

    def __init__(self, code: int | None = None) -> None:
        if code is not None and code != 1000 and code not in OWN_CODES:
            raise ValueError(f"Close code {code}: expected 1000, or 3000 to 4999.")
        super().__init__(code)
        self.code = code

    def run(self, message: Message) -> None:
        """Send the close. Channels 1.1.8 looks at the reply channel's name, and so fails with daphne 1.2 and later."""
        if message.reply_channel is None or not message.channel.name.startswith("websocket."):
            raise ValueError(f"WebsocketCloseException is only for consumers of WebSockets, not of {message.channel}.")
        message.reply_channel.send({"close": self.code or True})


class RequestTimeout(Exception):
    """The rest of a request's body did not come in time."""


class RequestAborted(Exception):
    """The client went away before its request was complete."""


class SendNotAvailableOnDemultiplexer(Exception):
    """A demultiplexer itself has no stream to send on."""

    def __init__(self, message: str = "A demultiplexer has no stream: use the multiplexer of a consumer.") -> None:
        super().__init__(message)
