# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that peers send: frames, and the opening handshake with the RFC's own key."""

from app.wire.connection import Connection
from app.wire.frames import Frame
from app.wire.handshake import accept_value
from app.wire.messages import WebSocketMessage

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def frame(first, payload=b"", key=b"", length=None):
    """Return a frame from its first byte; `length` overrides the length bytes."""
    size, masked = len(payload), 0x80 if key else 0
    if length is None:
        if size < 126:
            length = bytes([size])
        elif size < 0x10000:
            length = b"\x7e" + size.to_bytes(2, "big")
        else:
            length = b"\x7f" + size.to_bytes(8, "big")
    length = bytes([length[0] | masked]) + length[1:]
    data = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload)) if key else payload
    return bytes([first]) + length + key + data


def request(extra="", key=KEY, version="13", connection="keep-alive, Upgrade"):
    return (
        f"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: {connection}\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: {version}\r\n{extra}\r\n"
    ).encode()


def response(extra="", accept=None):
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept or accept_value(KEY)}\r\n{extra}\r\n"
    ).encode()


def opened(extra=""):
    """Return a connection whose handshake is over."""
    connection = Connection()
    connection.receive("client", request(extra))
    connection.receive("server", response(extra))
    return connection


def frames(values):
    return [value for value in values if isinstance(value, Frame)]


def messages(values):
    return [value for value in values if isinstance(value, WebSocketMessage)]


def rules(values):
    return [[violation.rule for violation in value.violations] for value in frames(values)]
