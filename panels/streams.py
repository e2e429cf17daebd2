# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection read once more from its bytes, for what the columns of the frame index do not have."""

from __future__ import annotations

from app.frame_index import FrameIndex
from app.wire.connection import Connection, Value
from app.wire.frames import Frame, parse_frame
from app.wire.handshake import Handshake
from app.wire.messages import WebSocketMessage

MOST = 4 * 1024 * 1024  # bytes of a direction that are read again; what lies beyond is not looked for
FRAME = 1024 * 1024  # bytes of one frame that are looked at
HEADS = (2048, 65536)  # bytes in which a handshake is looked for: most are short, and frames after it take time


def frame_at(index: FrameIndex, row: int) -> Frame | None:
    """Return the frame of a row, its payload cut short when it is very long or was not captured."""
    columns = index.find(row)
    if columns is None:
        return None
    data = index.spool.read(columns.connection, columns.direction, columns.offset, min(columns.size, FRAME))
    return parse_frame(data, columns.direction, columns.offset, columns.violations)


def handshake_at(index: FrameIndex, connection: str) -> Handshake | None:
    """Return the opening handshake of a connection, None when it was not seen."""
    values = (value for most in HEADS for value in _read(index, connection, most, most))
    return next((value for value in values if isinstance(value, Handshake)), None)


def message_at(index: FrameIndex, row: int, origin: tuple[str, str, int]) -> WebSocketMessage | None:
    """Return the WebSocket message that ends with (or lies around) a frame, put together and inflated."""
    connection, direction, n = origin
    last = index.find(row)
    end = last.offset + last.size if last else 0
    if not last or end > MOST:
        return None
    client, server = (end, HEADS[-1]) if direction == "client" else (HEADS[-1], end)
    for value in _read(index, connection, client, server):
        if isinstance(value, WebSocketMessage) and (value.direction, value.n) == (direction, n):
            return value
    return None


def _read(index: FrameIndex, connection: str, client: int, server: int) -> list[Value]:
    decoder = Connection()
    spool = index.spool
    values = decoder.receive("client", spool.read(connection, "client", 0, client))
    return values + decoder.receive("server", spool.read(connection, "server", 0, server))
