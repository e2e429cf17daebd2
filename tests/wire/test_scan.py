# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick way of Scan to rows says the same as the one that looks at every frame."""

from __future__ import annotations

import random

import pytest

from app.wire.scan import Scan

KEYS = (b"AAAA", b"BBBB")


def frame(first: int, payload: bytes, key: bytes) -> bytes:
    """Return a frame; its payload is not masked, nobody looks."""
    short = len(payload) if len(payload) < 126 else 126
    extended = len(payload).to_bytes(2, "big") if short == 126 else b""
    return bytes((first, short | (0x80 if key else 0))) + extended + key + payload


def taken(direction: str, data: bytes, step: int, is_quick: bool) -> list[tuple[object, ...]]:
    """Return first byte, second byte, length, offset and broken rules of each frame."""
    scan, rows = Scan(direction, False), []
    columns = tuple([] for _ in range(6))
    for start in range(0, len(data), step):
        end = min(start + step, len(data))
        if is_quick:
            outlines = scan.rows(data, start, end, start, 0.0, 0, tuple(column.append for column in columns))
            rows += [(*row, ()) for row in zip(*columns[2:], strict=True)]
            for column in columns:
                column.clear()
        else:
            outlines = scan.take(data, start, end, start)
        rows += [(one.first, one.second, one.length, one.offset, one.violations) for one in outlines]
    return rows


@pytest.mark.parametrize("direction", ["client", "server"])
@pytest.mark.parametrize("seed", range(30))
def test_that_rows_are_those_that_every_frame_looked_at_gives(direction, seed):
    chance = random.Random(seed)
    data = b"".join(
        frame(
            chance.choice((0x81, 0x82, 0x82, 0x01, 0x80, 0x89, 0xC1)),
            bytes(chance.choice((0, 3, 125, 126, 300))),
            chance.choice(KEYS) if chance.random() < (0.9 if direction == "client" else 0.3) else b"",
        )
        for _ in range(60)
    )
    for step in (len(data), 1000, 7, 1):
        assert taken(direction, data, step, is_quick=True) == taken(direction, data, step, is_quick=False)


def test_that_keys_with_an_unmasked_frame_between_are_no_run():
    key = KEYS[0]
    data = frame(0x82, b"", key) + frame(0x82, b"", b"") + frame(0x82, b"", key) + frame(0x82, b"", key)
    assert taken("server", data, len(data), is_quick=True) == taken("server", data, len(data), is_quick=False)
    # each frame a segment of its own, so that the quick way begins anew at every one of them
    for step in (2, 6):
        assert taken("server", data, step, is_quick=True) == taken("server", data, step, is_quick=False)
