# SPDX-License-Identifier: GPL-3.0-or-later
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spool import Spool

LIMIT = 64 * 1024
HELLO = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"


@pytest.fixture
def spool():
    spool = Spool(limit=LIMIT)
    yield spool
    spool.close()


def test_that_the_newest_bytes_are_kept_and_the_file_does_not_grow(spool):
    for n in range(1000):
        spool.add("c1", "client", n * 500, bytes([n % 256]) * 500)
    assert os.fstat(spool._fd).st_size == LIMIT
    assert spool.read("c1", "client", 999 * 500, 500) == bytes([999 % 256]) * 500
    assert spool.read("c1", "client", 900 * 500, 50_000) == b"".join(bytes([n % 256]) * 500 for n in range(900, 1000))
    assert spool.read("c1", "client", 0, 500) == b""
    assert len(spool.runs("c1", "client").offsets) < 160


def test_that_a_read_never_joins_what_is_kept_to_what_is_not(spool):
    for n in range(200):
        spool.add("c1", "client", n * 500, bytes([n]) * 500)
    oldest = next(n for n in range(200) if spool.read("c1", "client", n * 500, 500))
    assert spool.read("c1", "client", (oldest - 1) * 500, 1000) == b""


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3000)), max_size=120))
def test_that_what_is_read_is_what_was_written_or_nothing(writes):
    spool, streams = Spool(limit=8 * 1024), {"a": b"", "b": b"", "c": b""}
    for number, (name, size) in enumerate(writes):
        data = bytes([number % 251]) * size
        spool.add(name, "client", len(streams[name]), data)
        streams[name] += data
    for name, stream in streams.items():
        for start in range(0, len(stream), 997):
            read = spool.read(name, "client", start, 1500)
            assert stream[start : start + 1500].startswith(read)
        assert spool.read(name, "client", len(stream) - 1, 1) in (stream[-1:], b"")
    spool.close()


def test_that_the_handshake_of_an_open_connection_stays_and_that_of_a_closed_one_goes(spool):
    for name in ("open", "over"):
        spool.add(name, "client", 0, HELLO)
    spool.close_connection("over")
    for n in range(1000):
        spool.add("busy", "client", n * 500, bytes(500))
        if n % 100 == 99:
            assert spool.read("open", "client", 0, 10_000) == HELLO
    assert spool.read("over", "client", 0, 100) == b""
    assert ("over", "client") not in spool._runs
    spool.add("open", "client", len(HELLO), b"more")
    assert spool.read("open", "client", 0, 10_000) == HELLO + b"more"


def test_that_bytes_nobody_asks_for_any_more_are_forgotten_at_once(spool):
    spool.add("c1", "client", 0, HELLO)
    spool.add("c1", "client", len(HELLO), b"frame")
    spool.add("c2", "client", 0, b"frame")
    spool.close_connection("c2")
    spool.forget_before(spool.end)
    assert spool.read("c1", "client", 0, 1000) == HELLO
    assert spool.read("c1", "client", len(HELLO), 5) == spool.read("c2", "client", 0, 5) == b""
    spool.add("c1", "client", len(HELLO) + 5, b"again")
    assert spool.read("c1", "client", len(HELLO) + 5, 5) == b"again"


def test_that_more_at_once_than_the_limit_is_not_kept(spool):
    spool.add("c1", "client", 0, bytes(LIMIT + 1))
    assert spool.read("c1", "client", 0, 10) == b""
    assert spool.end == 0
