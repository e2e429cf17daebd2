# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.frame_index import ROWS, FrameIndex
from app.spool import Spool

FRAME = b"\x81\x02hi"


@pytest.fixture
def index():
    index = FrameIndex(Spool(limit=64 * 1024), limit=64)
    yield index
    index.spool.close()


def add(index, connection, count, frame=FRAME, direction="server"):
    """Let frames pass, as the decoder does."""
    rows, runs = [], index.spool.runs(connection, direction)
    offset = runs.offsets[-1] + runs.lengths[-1] if runs.offsets else 0
    for _ in range(count):
        index.spool.add(connection, direction, offset, frame)
        size = len(frame)
        row = index.append(float(index.end), connection, direction, frame[0], frame[1], 2, size - 2, offset)
        rows.append(row)
        offset += size
    return rows


def test_that_rows_keep_their_numbers_while_the_oldest_fall_off(index):
    rows = add(index, "c1", 1000)
    assert rows == list(range(1000))
    assert index.end == 1000
    assert 60 <= len(index) <= 64
    assert index.dropped == index.start == 1000 - len(index)
    assert [index.row(row).time for row in range(index.start, 1000)] == [float(row) for row in range(index.start, 1000)]
    assert all(index.raw(row) == FRAME for row in range(index.start, 1000))
    assert index.rows_of("c1", "server") == list(range(index.start, 1000))
    assert index.rows_on("c1", 990, 995) == [990, 991, 992, 993, 994]
    assert index.spool.read("c1", "server", (index.start - 10) * len(FRAME), len(FRAME)) == b"", (
        "nor are its bytes kept"
    )


def test_that_a_row_that_fell_off_is_not_kept_whatever_is_asked(index):
    add(index, "c1", 200)
    for row in (0, -1, 200, 10**9):
        assert index.find(row) is None
        assert index.raw(row) == index.preview(row) == b""
        assert index.time_of(row) == 0.0
        assert row not in index
        with pytest.raises(IndexError):
            index.row(row)


def test_that_what_is_known_of_rows_and_connections_falls_off_with_them(index):
    index.append(0.0, "broken", "client", 0x81, 0x00, 2, 0, 0, ("WS-01",), is_complete=False)
    for number in range(500):
        add(index, f"c{number}", 1)
    kept = {index.row(row).connection for row in range(index.start, index.end)}
    assert kept == {f"c{number}" for number in range(500 - len(index), 500)}
    assert not index.broken_rules()
    assert index.is_complete(0)
    assert len(index._names) == len(index._numbers) == len(kept)
    assert index.rows_of("c3", "server") == []


def test_that_big_frames_fall_off_when_their_bytes_do(index):
    big = b"\x82\x7d" + bytes(125)
    rows = add(index, "c1", 3000, big)
    assert rows[-1] == 2999
    assert index.raw(2999) == big
    small = FrameIndex(Spool(limit=4096), limit=10_000)
    add(small, "c1", 3000, big)
    assert len(small) * len(big) <= 4096 + 2 * len(big)
    assert all(small.raw(row) == big for row in range(small.start + 2, small.end))
    small.spool.close()


def test_that_a_cleared_index_begins_with_the_next_row_and_has_forgotten_bytes(index):
    add(index, "c1", 100)
    index.clear()
    assert (index.start, index.end, len(index), index.dropped) == (100, 100, 0, 0)
    assert index.raw(99) == b""
    assert not index.spool.read("c1", "server", 99 * len(FRAME), len(FRAME))
    assert add(index, "c1", 1) == [100]
    assert index.raw(100) == FRAME
    assert index.dropped == 0


def test_that_of_a_capture_nothing_falls_off():
    index = FrameIndex(Spool(), limit=None)
    side = index.side("c1", "server")
    index.whole.extend(1.0, side, [("server", n, 0x81, 2, 2, 0, (), True) for n in range(2 * ROWS)])
    add(index, "c1", 10)
    assert (index.start, len(index)) == (0, 2 * ROWS + 10)
    index.spool.close()


def test_that_the_rules_that_frames_broke_are_kept_in_little_room(index):
    broken = {}
    for n in range(60):
        rules = (("WS-02",), ("WS-01", "WS-09"), ())[n % 3]
        index.spool.add("c1", "client", 2 * n, b"\x81\x00")
        row = index.append(0.0, "c1", "client", 0x81, 0, 2, 0, 2 * n, rules)
        broken[row] = rules
    assert len(index._parts) > 10
    assert all(not part.violations for part in index._parts[:-1])
    assert {row: index.violations(row) for row in index.rows} == {row: broken[row] for row in index.rows}
    assert [index.row(row).violations for row in index.rows] == [broken[row] for row in index.rows]
    assert index.is_plain(2)
    assert not index.is_plain(0)
    assert index.broken_rules() == {"WS-02": 20, "WS-01": 20, "WS-09": 20}
    index.add_violations(0, ("WS-10",))
    assert index.violations(0) == ("WS-02", "WS-10")
