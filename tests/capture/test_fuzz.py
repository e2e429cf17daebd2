# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged captures, thousands of them: no crash, no hang, no memory without bound, and always the same answer.

The fuzzer is guided by coverage: a mutant that reaches a line of the reader or the decoder for the first time is kept
and mutated further. CHANNELSCOPE_FUZZ_SECONDS says how long it goes on.
"""

import os
import random
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.capture.contents import check
from app.capture.errors import CaptureError
from app.capture.json_lines import JsonLines
from app.capture.reader import CaptureReader, name_of
from app.wire.connection import Connection

CAPTURES = sorted(
    path for path in (Path(__file__).parent.parent.parent / "captures").glob("*.pcap*")
    if path.stat().st_size < 30_000
)  # fmt: skip
WATCHED = ("app/wire/", "app/capture/")
SECONDS = float(os.environ.get("CHANNELSCOPE_FUZZ_SECONDS", "30"))
PATIENCE = 5.0  # seconds for one file of a few kilobytes, under the tracer
TOKENS = (b"\r\n\r\n", b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n", b"HTTP/1.1 101 \r\n", b"\xff\xff\xff\xff",
          b"\x7f\xff\xff\xff\xff\xff\xff\xff\xff", b"\x81\x00", b"\x88\x02\x03\xe8", bytes(4))  # fmt: skip


def decoded(path):
    """Read a file in every way; returns what it gave."""
    try:
        reader = CaptureReader(path)
    except CaptureError as error:
        return str(error)
    try:
        ends, notes = {}, [note for batch in reader.batches() for note in batch]
        for note in notes:
            ends.setdefault(name_of(note.stream), (note.stream, "client", "server"))
        lines = list(JsonLines(reader.index, reader.agreed, ends).lines(0, len(reader.index)))
        check(reader.index, reader.agreed)
        for row in range(0, len(reader.index), 7):
            assert reader.packets_of(row) is not None
        return lines, reader.warnings
    finally:
        reader.close()


def mutant(draw, corpus):
    data = bytearray(draw.choice(corpus))
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        place = draw.randrange(len(data) + 1) if draw.random() < 0.8 else draw.randrange(min(len(data), 60) + 1)
        match draw.randrange(6):
            case 0 if data:
                data[place % len(data)] = draw.randrange(256)
            case 1 if data:
                data[place % len(data)] ^= 1 << draw.randrange(8)
            case 2:
                del data[place : place + draw.randrange(1, 40)]
            case 3:
                data[place:place] = draw.choice(TOKENS)
            case 4:
                other = draw.choice(corpus)
                start = draw.randrange(len(other))
                data[place:place] = other[start : start + draw.randrange(1, 400)]
            case 5:
                data[place : place + 4] = draw.choice(TOKENS)[:4]
    return bytes(data[:60_000])


class Coverage:
    """The lines of the watched files that were reached so far."""

    def __init__(self):
        self.lines = set()

    def __enter__(self):
        sys.settrace(self._call)

    def __exit__(self, *_):
        sys.settrace(None)

    def _call(self, frame, event, arg):
        return self._line if any(part in frame.f_code.co_filename for part in WATCHED) else None

    def _line(self, frame, event, arg):
        self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 3 + 120)
def test_that_no_damage_to_a_capture_does_harm(tmp_path):
    draw, path, coverage = random.Random(6455), tmp_path / "mutant", Coverage()
    corpus = [capture.read_bytes() for capture in CAPTURES]
    until, runs = time.monotonic() + SECONDS, 0
    tracemalloc.start()
    while time.monotonic() < until:
        data = mutant(draw, corpus) if runs >= len(CAPTURES) else corpus[runs]
        path.write_bytes(data)
        known, began = len(coverage.lines), time.monotonic()
        with coverage:
            found = decoded(path)
        assert time.monotonic() - began < PATIENCE, path
        if len(coverage.lines) > known and runs >= len(CAPTURES):
            corpus.append(data)
        if runs % 20 == 0:
            assert decoded(path) == found
        runs += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 1024 * 1024
    print(f"{runs} files in {SECONDS:.0f} s, {len(coverage.lines)} lines reached, {len(corpus)} files kept")


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.sampled_from(["client", "server", "hole"]), st.one_of(st.binary(max_size=300),
                  st.sampled_from([token * 3 for token in TOKENS]))),
        max_size=30,
    )
)  # fmt: skip
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
def test_that_no_bytes_at_all_make_the_decoder_fail(runs):
    connection = Connection()
    for who, data in runs:
        if who == "hole":
            connection.skip("server", len(data) + 1)
        else:
            connection.receive(who, data)
    connection.eof("client")
    connection.eof("server")
    assert connection.used("client") >= 0


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_that_a_capture_cut_at_any_place_is_read_as_far_as_it_goes(tmp_path, path):
    data, cut = path.read_bytes(), tmp_path / "cut"
    for size in range(0, len(data), max(len(data) // 40, 1)):
        cut.write_bytes(data[:size])
        decoded(cut)
