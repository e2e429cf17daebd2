# SPDX-License-Identifier: GPL-3.0-or-later
"""One bot's socket: as little work for each frame as can be, so that the bots are not what is measured."""

from __future__ import annotations

import asyncio
import json
import os
import struct
import time
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from app.bots.figures import Figures
from app.bots.script import Said

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A  # FIN and the opcode


class Bot(asyncio.Protocol):
    """A socket that says what its script has; `opened` gets the status of its handshake, 0 when there was none."""

    def __init__(self, name: str, address: str, path: str, script: Iterator[Said], figures: Figures) -> None:
        self.opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()  # gets the close code
        self.script = script
        self._name, self._address, self._path, self._figures = name, address, path, figures
        self._rest = b""
        self._code = 1006
        self._own = b'"welcome"'  # what marks a message that is to be read: after the welcome, one's own
        self._waiting: dict[str, float] = {}  # lines said and not heard again: when

    @property
    def is_open(self) -> bool:
        """Whether it may speak."""
        return self.opened.done() and self.opened.result() == 101 and not self.closed.done()

    def say(self, said: Said, began: float) -> None:
        """Send a message of a script that began at that time.monotonic()."""
        text, begins = said.text, began + said.begins
        if text.endswith("null}"):
            text = f"{text[:-5]}{begins * 1000:.3f}}}"
        else:
            self._waiting[json.loads(text)["data"]] = begins
        self._figures.say(self._send(TEXT, text.encode()))

    def leave(self) -> None:
        """Begin the closing handshake."""
        if self.is_open:
            self._code = 1000
            self._send(CLOSE, struct.pack("!H", 1000))

    def abort(self) -> None:
        """Hang up."""
        self._transport.abort()

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path}?name={quote(self._name)} HTTP/1.1\r\n"
            f"Host: {urlsplit(self._address).netloc}\r\nOrigin: {self._address}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "User-Agent: Channelscope bot\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Read the answer to the handshake, then frames."""
        data = self._rest + data
        if not self.opened.done():
            head, end, rest = data.partition(b"\r\n\r\n")
            self._rest = data
            if not end:
                return
            words = head.split(None, 2)
            self.opened.set_result(int(words[1]) if len(words) > 1 and words[1].isdigit() else 0)
            if self.opened.result() != 101:
                return self._transport.close()
            data = rest
        self._rest = self._take_frames(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if not self.opened.done():
            self.opened.set_result(0)
        if not self.closed.done():
            self.closed.set_result(self._code)

    # --- inside ---

    def _take_frames(self, data: bytes) -> bytes:
        """Take every whole frame of the server, which masks none (RFC 6455 §5.2); returns the rest."""
        at, end = 0, len(data)
        while end - at >= 2:
            size, head = data[at + 1], 2
            if size > 125:
                head = 4 if size == 126 else 10
                if end - at < head:
                    break
                size = int.from_bytes(data[at + 2 : at + head], "big")
            if end - at < head + size:
                break
            if data[at] == TEXT:
                self._figures.hear(head + size)
                if data.find(self._own, at, at + head + size) >= 0:
                    self._hear_again(data[at + head : at + head + size])
            else:
                self._control(data[at], data[at + head : at + head + size])
            at += head + size
        return data[at:]

    def _hear_again(self, payload: bytes) -> None:
        content, now = json.loads(payload), time.monotonic()
        match content["type"]:
            case "welcome":
                mark = {"id": content["id"]} if "id" in content else {"username": content["username"]}
                self._own = json.dumps(mark, ensure_ascii=False)[1:-1].encode()
            case "draw":
                self._figures.delays.append(now - content["sent"] / 1000)
            case "chat" if (when := self._waiting.pop(content["message"], None)) is not None:
                self._figures.delays.append(now - when)
            case "error":
                self._figures.errors += 1

    def _control(self, first: int, payload: bytes) -> None:
        if first == PING:
            self._send(PONG, payload)
        elif first == CLOSE:
            if self._code != 1000:
                self._code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
                self._send(CLOSE, payload[:2])
            self._transport.close()

    def _send(self, first: int, payload: bytes) -> int:
        """Send a frame; returns its bytes."""
        size, key = len(payload), os.urandom(4)
        length = bytes((0x80 | size,)) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
        mask = (key * (size // 4 + 1))[:size]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
        self._transport.write(bytes((first,)) + length + key + masked)
        return 1 + len(length) + 4 + size
