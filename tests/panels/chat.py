# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat that never happened, told as the events the live system would give: real bytes through the real decoder."""

from __future__ import annotations

import itertools

import msgpack

from app import events as e
from app.sources.decode import WireDecoder
from app.store import Store
from app.wire.handshake import accept_value

KEY = bytes.fromhex("3a5f1cd2")
WEBSOCKET_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


_keys = itertools.count()


def frame(opcode, payload=b"", fin=True, masked=False, key=None, rsv1=False):
    """Return a frame's bytes with the shortest length field; every frame has a masking key of its own."""
    key = key or (int.from_bytes(KEY, "big") + 0x01030709 * next(_keys) & 0xFFFFFFFF).to_bytes(4, "big")
    first = (fin << 7) | (rsv1 << 6) | opcode
    size = len(payload)
    mask = 0x80 if masked else 0
    if size < 126:
        head = bytes((first, mask | size))
    elif size < 65536:
        head = bytes((first, mask | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, mask | 127)) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


class Chat:
    """Writes a story into a store; `t` is its clock."""

    def __init__(self, store=None, t=1_700_000_000.0):
        self.store = store or Store()
        self.decoder = WireDecoder(self.store.index)
        self.t = t
        self.offsets = {}
        self.sent = {}  # data messages so far, by (connection, direction)
        self.keys = 0

    def put(self, *events):
        for event in events:
            self.store.extend(self.decoder.feed(event))

    def begin(self, expiry=60.0, workers=1):
        self.put(e.LabStarted(t=self.t, source="lab", expiry=expiry, capacity=100, prefix="asgi:", workers=workers))
        for n in range(1, workers + 1):
            self.put(
                e.WorkerStarted(t=self.t, source="lab", worker=f"worker-{n}", pid=4311 + n),
                e.WorkerReady(t=self.t, source=f"worker-{n}", worker=f"worker-{n}", channels=("websocket.receive",)),
            )
        return self

    def bytes(self, connection, direction, data):
        offset = self.offsets.get((connection, direction), 0)
        self.offsets[connection, direction] = offset + len(data)
        self.put(
            e.BytesSeen(
                t=self.t, source="server", connection=connection, direction=direction, offset=offset,
                length=len(data), data=data,
            )
        )  # fmt: skip

    def connect(self, connection="c1", name="bob", target="/chat/lobby/", accept=None, version="13", extensions=""):
        port = 50000 + int(connection[1:])
        self.put(
            e.ConnectionOpened(
                t=self.t, source="server", connection=connection, client=f"127.0.0.1:{port}", server="127.0.0.1:8000"
            )
        )
        self.put(e.ReplyChannelOpened(t=self.t, source="server", connection=connection, channel=self.reply(connection)))
        head = (
            f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {WEBSOCKET_KEY}\r\nSec-WebSocket-Version: {version}\r\n"
            "Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: http://127.0.0.1:8000\r\n"
        )
        extension = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        head += f"{extension}\r\n"
        self.bytes(connection, "client", head.encode())
        self.t += 0.0003
        key = self.message("websocket.connect", {"path": target}, connection=connection)
        self.t += 0.0019
        self.take(key, "worker-1")
        self.t += 0.0009
        self.answer(key, connection, {"accept": True})
        answer = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept or accept_value(WEBSOCKET_KEY)}\r\n"
            f"Sec-WebSocket-Protocol: chat\r\n{extension}\r\n"
        )
        self.bytes(connection, "server", answer.encode())
        self.finish(key, "worker-1")
        if name:
            text = f'{{"type": "welcome", "username": "{name}"}}'
            self.frames(connection, "server", frame(1, text.encode()))

    @staticmethod
    def reply(connection):
        return f"daphne.response.kXaPqZ!{connection}"

    def frames(self, connection, direction, *frames, counts=True):
        """Send frames that make one data message (or, with `counts` false, none)."""
        for data in frames:
            self.bytes(connection, direction, data)
            self.t += 0.0001
        if counts:
            self.sent[connection, direction] = self.sent.get((connection, direction), 0) + 1
        return self.sent.get((connection, direction), 0)

    def message(self, channel, content, **more):
        self.keys += 1
        key = f"{self.keys:032x}"[::-1]
        expiry = self.store.state.settings.expiry if self.store.state.settings else 60.0
        self.put(
            e.MessageSent(
                t=self.t, source=more.pop("source", "server"), key=key, channel=channel,
                body=msgpack.packb(content), expiry=expiry, **more,
            )
        )  # fmt: skip
        return key

    def say(self, connection, text, at=None):
        """A client says something: a masked text frame, and the message it becomes; returns its key."""
        content = f'{{"type": "chat", "data": "{text}"}}'
        n = self.frames(connection, "client", frame(1, content.encode(), masked=True))
        self.t += 0.0004
        return self.message(
            "websocket.receive", {"text": content, "reply_channel": self.reply(connection)}, connection=connection, n=n
        )

    def take(self, key, worker="worker-1"):
        channel = self.store.state.messages[key].channel
        self.put(
            e.MessageReceived(t=self.t, source=worker, key=key, channel=channel),
            e.ConsumerStarted(
                t=self.t, source=worker, worker=worker, key=key, channel=channel, consumer="chat.receive"
            ),
        )

    def finish(self, key, worker="worker-1", seconds=0.002):
        self.t += seconds
        self.put(e.ConsumerFinished(t=self.t, source=worker, worker=worker, key=key, seconds=seconds))

    def answer(self, cause, connection, content, n=0):
        """The consumer of `cause` sends to a connection's reply channel and the server takes it."""
        key = self.message(self.reply(connection), content, cause=cause, source="worker-1")
        self.t += 0.0006
        self.put(
            e.MessageReceived(
                t=self.t, source="server", key=key, channel=self.reply(connection), connection=connection, n=n
            )
        )
        return key

    def broadcast(self, cause, text, *connections):
        for connection in connections:
            n = self.sent.get((connection, "server"), 0) + 1
            self.answer(cause, connection, {"text": text}, n=n)
            self.t += 0.0001
            self.frames(connection, "server", frame(1, text.encode()))

    def chat(self, connection, text, *others):
        """A whole round: said, handled by worker-1, and sent to everybody."""
        key = self.say(connection, text)
        self.t += 0.0012
        self.take(key)
        self.t += 0.001
        name = self.store.state.connections[connection].name
        self.broadcast(key, f'{{"type": "chat", "username": "{name}", "message": "{text}"}}', connection, *others)
        self.finish(key)
        return key
