# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture read by another process gives what it gives when read here."""

from pathlib import Path

import msgspec
import pytest

from app.capture.errors import CaptureError
from app.capture.reader import CaptureReader
from app.events import CaptureProgress
from app.sources.capture_events import AT_ONCE, read_capture
from app.sources.remote import RemoteReader
from tests.capture.packets import pcap
from tests.capture.test_reader import TEXT, Talk

CAPTURES = sorted((Path(__file__).parent.parent.parent / "captures").glob("*.pcap*"))


def gathered(reader, batches):
    events = [event for batch in batches for event in batch]
    timeless = [msgspec.structs.replace(e, t=0, seconds=0) if isinstance(e, CaptureProgress) else e for e in events]
    rows = [(reader.index.row(i), reader.index.raw(i), reader.packets_of(i)) for i in reader.index.rows]
    found = timeless, rows, reader.agreed, reader.is_finished
    reader.close()
    return found


def there(*args):
    reader = RemoteReader(*args)
    return gathered(reader, reader.events())


def here(*args):
    reader = CaptureReader(*args)
    return gathered(reader, read_capture(reader))


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_that_another_process_reads_the_same(path):
    assert there(path) == here(path)


def test_that_what_the_user_said_reaches_the_other_process():
    assert there(CAPTURES[0], {0: False}) == here(CAPTURES[0], {0: False})


def test_that_a_rule_found_broken_after_its_row_was_sent_is_sent_too(tmp_path):
    talk = Talk().upgrade()
    for _ in range(2 * AT_ONCE):
        talk.add("s", TEXT)
    talk.add("s", b"\x81\x01\xff")
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(talk.packets))
    _, rows, _, _ = there(path)
    assert rows[-1][0].violations == ("WS-10",)
    assert not any(row.violations for row, _, _ in rows[:-1])


@pytest.fixture
def big(tmp_path):
    talk = Talk().upgrade()
    for _ in range(60_000):
        talk.add("s", TEXT)
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(talk.packets))
    return path


def test_that_reading_can_be_ended_from_outside_and_what_was_read_stays(big):
    reader = RemoteReader(big)
    batches = reader.events()
    next(batches)
    reader.kill()
    assert list(batches) is not None
    assert 0 < len(reader.index) < 60_000
    assert reader.index.raw(len(reader.index) - 1) == TEXT
    reader.close()


def test_that_a_process_that_dies_is_said(big):
    reader = RemoteReader(big)
    batches = reader.events()
    next(batches)
    reader._process.kill()
    with pytest.raises(CaptureError, match="ended early"):
        list(batches)
    reader.close()


def test_that_what_is_no_capture_is_said_before_any_process_is_started(tmp_path):
    with pytest.raises(CaptureError, match="no such file"):
        RemoteReader(tmp_path / "nothing")
