# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture read by another process gives what it gives when read here."""

from pathlib import Path

import pytest

from app.capture.errors import CaptureError
from app.capture.reader import CaptureReader
from app.capture.remote import RemoteReader
from tests.capture.packets import pcap
from tests.capture.test_reader import TEXT, Talk

CAPTURES = sorted((Path(__file__).parent.parent.parent / "captures").glob("*.pcap*"))


def gathered(reader):
    notes = [note for batch in reader.batches() for note in batch]
    rows = [(reader.index.row(i), reader.index.raw(i), reader.packets_of(i)) for i in range(len(reader.index))]
    found = notes, rows, reader.agreed, reader.packets, reader.connections, reader.warnings, reader.is_finished
    reader.close()
    return found


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_that_another_process_reads_the_same(path):
    assert gathered(RemoteReader(path)) == gathered(CaptureReader(path))


def test_that_what_the_user_said_reaches_the_other_process():
    assert gathered(RemoteReader(CAPTURES[0], {0: False})) == gathered(CaptureReader(CAPTURES[0], {0: False}))


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
    batches = reader.batches()
    next(batches)
    reader.kill()
    assert list(batches) is not None
    assert 0 < len(reader.index) < 60_000
    assert reader.index.raw(len(reader.index) - 1) == TEXT
    reader.close()


def test_that_a_process_that_dies_is_said(big):
    reader = RemoteReader(big)
    batches = reader.batches()
    next(batches)
    reader._process.kill()
    with pytest.raises(CaptureError, match="ended early"):
        list(batches)
    reader.close()


def test_that_what_is_no_capture_is_said_before_any_process_is_started(tmp_path):
    with pytest.raises(CaptureError, match="no such file"):
        RemoteReader(tmp_path / "nothing")
