# SPDX-License-Identifier: GPL-3.0-or-later
"""One WebSocket: connect, receive and disconnect messages out, Send / Close / Accept messages in (checklist §7)."""

from __future__ import annotations

import time
from types import NoneType
from typing import TYPE_CHECKING, Any

from websockets.frames import EXTERNAL_CLOSE_CODES

from app.events import ReplyChannelOpened
from app.layer.refused import Refused
from app.server.post import Failure, Letter
from app.server.running import Later
from app.server.scope import Scope, request_of

if TYPE_CHECKING:
    from app.layer.receipts import Taken
    from app.server.bridge import Bridge
    from app.server.connection import WebSocketConnection

MESSAGE_TOO_BIG, SERVICE_RESTART, TRY_AGAIN_LATER, DENIED = 1009, 1012, 1013, 4403
UNSENT_LIMIT = 100  # messages on their way to Redis before we read no more from the client
REPLY_KEYS: dict[str, tuple[type, ...]] = {
    "text": (str, NoneType),
    "bytes": (bytes, NoneType),
    "close": (int, NoneType),  # a bool, or a close code
    "accept": (bool, NoneType),
}
DATA = {"text": str, "bytes": bytes}  # a reply of one of these and nothing else is a message for the client


class Socket:
    """A WebSocket between its handshake and its end; counts data messages of both directions from 1."""

    def __init__(self, bridge: Bridge, connection: WebSocketConnection, scope: Scope) -> None:
        self._bridge, self._socket, self._options = bridge, connection, bridge.options
        self.message_limit = bridge.options.message_limit
        self._post, self._replies = bridge.post, bridge.replies
        self._request = request_of(scope, bridge.options)
        self._path = self._request["path"]
        self.connection = connection.tap.connection
        self._channel = ""
        self._limit: Later | None = None  # ends a handshake that no consumer has decided on in time
        self._is_accepted = self._has_ended = False
        self._received = self._sent = self._unsent = 0

    # --- from the connection ---

    def opened(self) -> None:
        """Ask a consumer what to do with the handshake; answer it now where that is wished."""
        self._channel = self._replies.open(self)
        opened = {"connection": self.connection, "channel": self._channel}
        self._bridge.say(ReplyChannelOpened(t=time.time(), source="server", **opened))
        self._log("WSCONNECTING")
        connect = {"reply_channel": self._channel, **self._request, "order": 0}
        self._post.put(Letter("websocket.connect", connect, self.connection, 0, self._announced))
        self._limit = self._bridge.gates.time.later(self._options.websocket_connect_timeout, self._end)
        if self._options.accepts_first:
            self._socket.accept(is_read=False)

    def received(self, data: str | bytes) -> None:
        """Send a client's message on."""
        if self._has_ended:
            return
        self._received += 1
        kind = "text" if isinstance(data, str) else "bytes"
        self._unsent += 1
        if self._unsent == UNSENT_LIMIT:
            self._socket.pause_reading()
        message = {"reply_channel": self._channel, "path": self._path, "order": self._received, kind: data}
        self._post.put(Letter("websocket.receive", message, self.connection, self._received, self._posted))

    def slowed(self, is_slow: bool) -> None:
        """What is written waits; the connection ends it when it is too much."""

    def closed(self, code: int) -> None:
        """Tell the consumer; where the layer does not take it, give up silently (checklist §4)."""
        self._has_ended = True
        if self._limit:
            self._limit.cancel()
        if self._channel:
            self._log("WSDISCONNECT")
            order = self._received + 1
            message = {"reply_channel": self._channel, "path": self._path, "order": order, "code": code}
            self._post.put(Letter("websocket.disconnect", message, self.connection))
            self._forget()

    # --- from the channel layer ---

    def take(self, taken: Taken) -> None:
        """Obey a reply; after the end it is lost."""
        if self._has_ended:
            return self._replies.lose(taken, "socket closed")
        reply = taken.message or {}
        if self._is_accepted and len(reply) == 1:
            ((key, data),) = reply.items()
            if DATA.get(key) is type(data):  # as nearly always
                self._sent += 1
                self._replies.took(taken, self.connection, self._sent)
                return self._socket.send(data)
        self._weigh(taken, reply)

    def wipe(self) -> None:
        """The groups are gone: the socket would be deaf."""
        self._end(SERVICE_RESTART, "the channel layer lost its data")

    # --- inside ---

    def _weigh(self, taken: Taken, reply: dict[str, Any]) -> None:
        """Obey a reply that may say anything."""
        problem = problem_of(reply)
        if problem:
            self._replies.log(f"A reply to {self._channel} was ignored: {problem}.", "error")
        data = None if problem else self._data_of(reply)
        if data is not None:
            self._sent += 1
        self._replies.took(taken, self.connection, 0 if data is None else self._sent)
        if not problem:
            self._obey(reply, data)

    def _announced(self, failure: Failure | None) -> None:
        if failure is not None:
            self._forget()  # nobody knows of it, so nobody is told of its end
            self._fail(failure)

    def _posted(self, failure: Failure | None) -> None:
        if self._unsent == UNSENT_LIMIT:
            self._socket.resume_reading()
        self._unsent -= 1
        if failure is not None:
            self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        if not isinstance(failure, Refused):
            self._end(TRY_AGAIN_LATER, "the channel layer does not answer")
        elif failure.reason == "too large":
            self._end(MESSAGE_TOO_BIG, str(failure))
        else:
            self._end(TRY_AGAIN_LATER, str(failure))

    def _forget(self) -> None:
        self._replies.close(self._channel)
        self._channel = ""

    def _data_of(self, reply: dict[str, Any]) -> str | bytes | None:
        """Return what is to be sent; an empty message does not accept a handshake by itself, but may come after."""
        data: str | bytes | None = reply.get("text")
        data = reply.get("bytes") if data is None else data
        accept = reply.get("accept")
        return data if self._is_accepted or accept or (data and accept is None) else None

    def _obey(self, reply: dict[str, Any], data: str | bytes | None) -> None:
        """The decision table of checklist §7."""
        accept, close = reply.get("accept"), reply.get("close")
        if not self._is_accepted:
            if accept is False or (close and data is None and not accept):
                return self._end()
            if accept or data is not None:
                self._accept()
        if data is not None:
            self._socket.send(data)
        if close:
            self._end(1000 if close is True else int(close))

    def _accept(self) -> None:
        self._is_accepted = True
        if self._limit:
            self._limit.cancel()
        self._log("WSCONNECT")
        if self._options.accepts_first:
            self._socket.read()
        else:
            self._socket.accept()

    def _end(self, code: int = 1000, reason: str = "") -> None:
        """Close; before the handshake is done that is a refusal: 503 where the layer is at fault, else 403."""
        if self._has_ended:
            return
        self._has_ended = True
        if not self._is_accepted:
            self._log("WSREJECT")
        if self._is_accepted:
            self._socket.close(code, reason)
        elif self._options.accepts_first:
            self._socket.close(code if reason else DENIED, reason)
        elif code == 1000:
            self._socket.refuse(403, "Access denied\n")
        else:
            self._socket.refuse(503, f"{reason}\n")

    def _log(self, action: str) -> None:
        self._bridge.access.write(self._request, action)


def problem_of(reply: dict[str, Any]) -> str:
    """Return what is wrong with a reply to a socket, "" if nothing is."""
    for key, value in reply.items():
        if key not in REPLY_KEYS:
            return f"unknown key {key}; expected text, bytes, close or accept"
        if not isinstance(value, REPLY_KEYS[key]):
            return f"{key} is {value!r:.80}"
    if reply.get("text") is not None and reply.get("bytes") is not None:
        return "both text and bytes are set; at most one may be"
    close = reply.get("close")
    if close and close is not True and close not in EXTERNAL_CLOSE_CODES and not 3000 <= close < 5000:
        return f"close code {close} may not be sent (RFC 6455 §7.4)"
    return ""
