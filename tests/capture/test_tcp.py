# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting one direction of a connection in order."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from app.capture.tcp import Direction

STREAM = bytes(range(256)) * 4


def given_out(direction, segments):
    """Feed (offset, bytes) segments whose position is their offset plus 1000; returns the pieces."""
    pieces = []
    for time, (sequence, length) in enumerate(segments):
        pieces += direction.add(sequence, length, length, sequence % 2**32 + 1000, float(time))
    return pieces


def begun(at=0):
    direction = Direction()
    direction.synchronise(at - 1)
    return direction


def test_that_bytes_in_order_come_out_at_once():
    pieces = given_out(begun(), [(0, 5), (5, 3)])
    assert [(p.offset, p.length, p.position, p.time) for p in pieces] == [(0, 5, 1000, 0.0), (5, 3, 1005, 1.0)]


def test_that_what_comes_early_waits_and_takes_the_time_of_what_was_missing():
    pieces = given_out(begun(), [(5, 3), (8, 2), (0, 5)])
    assert [(p.offset, p.length, p.position, p.time) for p in pieces] == [
        (0, 5, 1000, 2.0), (5, 3, 1005, 2.0), (8, 2, 1008, 2.0),
    ]  # fmt: skip


def test_that_what_came_already_is_trimmed():
    pieces = given_out(begun(), [(0, 5), (0, 5), (3, 4), (1, 2), (6, 4)])
    assert [(p.offset, p.length, p.position) for p in pieces] == [(0, 5, 1000), (5, 2, 1005), (7, 3, 1007)]


def test_that_a_hole_that_is_never_filled_is_an_explicit_piece_at_the_end():
    direction = begun()
    assert len(given_out(direction, [(0, 5), (9, 3)])) == 1
    pieces = list(direction.flush(9.0))
    assert [(p.offset, p.length, p.position, p.time) for p in pieces] == [(5, 4, -1, 1.0), (9, 3, 1009, 1.0)]


def test_that_bytes_the_capture_did_not_keep_are_a_hole():
    direction = begun()
    pieces = list(direction.add(0, 10, 4, 1000, 0.0)) + list(direction.add(10, 2, 2, 2000, 1.0))
    assert [(p.offset, p.length, p.position) for p in pieces] == [(0, 4, 1000), (4, 6, -1), (10, 2, 2000)]


def test_that_sequence_numbers_wrap():
    start = 2**32 - 3
    pieces = given_out(begun(start), [(start, 5), (2, 4), (start, 5), (6, 1)])
    assert [(p.offset, p.length) for p in pieces] == [(0, 5), (5, 4), (9, 1)]


def test_that_a_stray_segment_from_far_away_is_ignored():
    direction = begun()
    assert given_out(direction, [(0, 5), (2**30, 5), (5, 5)])[-1].offset == 5
    assert list(direction.flush(9.0)) == []


def test_that_the_end_is_known_when_everything_before_it_came():
    direction = begun()
    direction.finish(5)
    assert not direction.is_done
    given_out(direction, [(0, 5)])
    assert direction.is_done


@given(seed=st.integers(0, 10**6), start=st.integers(0, 2**32 - 1), copies=st.integers(1, 3))
def test_that_any_order_with_repeats_and_overlaps_gives_the_stream(seed, start, copies):
    draw = random.Random(seed)
    places = sorted({0, len(STREAM), *(draw.randrange(len(STREAM)) for _ in range(20))})
    segments = [(a, b - a) for a, b in itertools.pairwise(places)]
    segments = [(a, min(n + draw.randrange(30), len(STREAM) - a)) for a, n in segments] * copies
    draw.shuffle(segments)
    direction, out = begun(start), b""
    for offset, length in segments:
        for piece in direction.add((start + offset) % 2**32, length, length, offset, 0.0):
            assert piece.offset == len(out)
            out += STREAM[piece.position : piece.position + piece.length]
    assert out == STREAM
