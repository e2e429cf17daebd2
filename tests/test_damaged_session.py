# SPDX-License-Identifier: GPL-3.0-or-later
"""Session files that are cut off or damaged: what is whole is shown, and what is missing is told."""

import gzip
import mmap
import random
import re
import zlib
from itertools import islice
from pathlib import Path

import pytest

from app import blocks
from app import events as e
from app.recording import HEAD, Recorder, RecordingError, read_recording
from app.session import save_session
from app.store import Store
from tests.test_session import failures, opened, talk

LESSON = Path(__file__).parent.parent / "lessons" / "follow-one-message" / "recording.jsonl.gz"


def read(path):
    """Return the events that can be read of a file, what is told in the place of others, and what is said of it all."""
    events, told = [], []
    try:
        for event in read_recording(path):
            is_ours = event.source == path.name
            (told if is_ours else events).append(event)
    except RecordingError as error:
        return events, told, str(error)
    return events, told, ""


def missing_of(said):
    """Return how many events are missing as it is said; None: it does not say."""
    counts = [int(count) for count in re.findall(r"(\d+) events? (?:is|are) missing there", said)]
    return sum(counts) if counts else None


class Saved:
    """A good file, of which damaged ones are made; small blocks let one have many."""

    def __init__(self, path, events):
        self.path = path
        with Recorder(path) as record:
            for event in events:
                record(event)
        self.data = path.read_bytes()
        self.events, told, said = read(path)
        assert (told, said) == ([], "")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            self.blocks = [*blocks.pieces(data)]

    def of_block(self, piece):
        """The numbers of the events in a block: the first line of the file is none."""
        first = max(piece.before - 1, 0)
        return range(first, piece.before - 1 + piece.data.count(b"\n"))

    def read(self, data):
        self.path.write_bytes(data)
        return read(self.path)

    def numbers(self, events):
        """Which of the events these are, in order."""
        rest = iter(enumerate(self.events))
        return [next(number for number, event in rest if event == wanted) for wanted in events]


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", 16 * 1024)
    events = (event for event in read_recording(LESSON) if not isinstance(event, e.Selected))
    return Saved(tmp_path / "real.cscope", islice(events, 250))


@pytest.fixture
def chat():
    return talk(Store())


def test_that_a_session_is_of_blocks_and_other_programs_unpack_it_too(saved):
    assert len(saved.blocks) > 4
    assert gzip.decompress(saved.data).startswith(HEAD)
    assert gzip.decompress(saved.data).count(b"\n") == 251


def test_that_a_wrong_byte_anywhere_costs_some_events_of_its_block_and_no_other(saved):
    rng, lost = random.Random(8), []
    head = range(saved.blocks[2].start, saved.blocks[2].start + blocks.HEAD + 2)
    for place in (*head, *range(4), *sorted(rng.sample(range(len(saved.data)), 250))):
        wrong = bytearray(saved.data)
        wrong[place] ^= rng.randrange(1, 256)
        events, told, said = saved.read(wrong)
        (block,) = [one for one in saved.blocks if one.start <= place < one.end]
        gone = {*range(len(saved.events))} - {*saved.numbers(events)}
        assert gone <= {*saved.of_block(block)}, place
        assert (missing_of(said) or 0) == len(gone), (place, said)
        if gone and min(gone) > 0:
            assert sum(event.count for event in told if isinstance(event, e.EventsDropped)) == len(gone)
        if gone:
            assert f"damaged from byte {block.start} to {block.end}" in said
            lost.append(len(gone) / len(saved.of_block(block)))
    assert lost
    assert sum(lost) / len(lost) < 0.75, "the strips before the damage are there"


def test_that_what_is_before_the_damage_in_its_block_is_there_and_so_is_much_after_it(saved):
    block = saved.blocks[1]
    begin = block.start + blocks.HEAD
    for place in range(begin, block.end, (block.end - begin) // 20):
        wrong = bytearray(saved.data)
        wrong[place] ^= 0x55
        events, _, _ = saved.read(wrong)
        unpacked = zlib.decompressobj(-15).decompress(saved.data[begin:place])
        strip = blocks.SIZE // blocks.STRIPS
        whole = unpacked[: len(unpacked) // strip * strip - 4096].count(b"\n") if len(unpacked) > 4096 else 0
        first = saved.of_block(block)[0]
        assert saved.numbers(events)[: first + whole] == [*range(first + whole)]


def mutilated(rng, data):
    """A file that is damaged in some other way, and the first and the last byte of what is no longer as it was."""
    start = rng.randrange(len(data))
    end = min(start + rng.choice((1, 30, 3000, 20_000)), len(data))
    match rng.randrange(4):
        case 0:
            return data[:start] + bytes(end - start) + data[end:], start, end
        case 1:
            return data[:start] + data[end:], start, end
        case 2:
            return data[:start] + rng.randbytes(end - start) + data[start:], start, start + 1
        case _:
            return data[:start] + data[start:end] + data[start:], start, start + 1


def test_that_whatever_happens_to_a_file_nothing_wrong_is_shown_and_whole_blocks_are(saved):
    rng = random.Random(88)
    for _ in range(150):
        data, start, end = mutilated(rng, saved.data)
        events, _, said = saved.read(data)
        there = [event for event in events if event in saved.events]
        assert there == events, "no event that was not saved"
        if not events:
            assert said
            continue
        numbers = {saved.events.index(event) for event in events}
        for block in saved.blocks:
            if block.end <= start or block.start >= end:
                assert {*saved.of_block(block)} <= numbers, said


def test_that_behind_a_damage_no_other_frame_is_taken_for_the_selected_one(saved):
    events = [*saved.events[:-1], e.Selected(t=saved.events[-1].t, source="window", kind="frame", item="3")]
    hurt = Saved(saved.path, events)
    block = hurt.blocks[1]
    assert hurt.events[-1].item == "3"
    events, _, _ = hurt.read(hurt.data[: block.start] + bytes(block.end - block.start) + hurt.data[block.end :])
    assert events[-1] == hurt.events[-2]


def test_that_two_damages_are_told_in_their_places_and_a_lost_end_too(saved):
    second, fourth, last = saved.blocks[1], saved.blocks[3], saved.blocks[-1]
    wrong = bytearray(saved.data)
    for block in (second, fourth):
        wrong[block.start : block.end] = bytes(block.end - block.start)
    events, told, said = saved.read(wrong)
    assert [event.count for event in told[1::2]] == [len(saved.of_block(one)) for one in (second, fourth)]
    assert [event.level for event in told[::2]] == ["error", "error"]
    assert [told[0].t, told[2].t] == [saved.events[saved.of_block(one)[0] - 1].t for one in (second, fourth)]
    assert f"real.cscope: damaged from byte {second.start} to {second.end}, " in said
    assert f"; damaged from byte {fourth.start} to {fourth.end}, " in said
    assert "what came after" not in said
    events, _, said = saved.read(saved.data[: last.start])
    assert events == saved.events
    assert f"cut off after {last.start} bytes" in said


def test_that_a_damaged_session_adds_up_to_a_state_whichever_blocks_are_missing(saved):
    for block in saved.blocks[:-1]:
        saved.path.write_bytes(saved.data[: block.start] + bytes(block.end - block.start) + saved.data[block.end :])
        store = opened(saved.path)
        gone = len(saved.of_block(block))
        assert store.state.events_dropped == (gone if block.before else 0)
        assert f"{gone} events are missing there" in failures(store)[0]
        assert all(count >= 0 for count in store.state.fates.values())
        store.index.spool.close()


@pytest.mark.parametrize("name", ["talk.cscope", "talk.jsonl"])
def test_that_a_file_cut_off_anywhere_gives_what_is_whole_and_says_where_it_broke(chat, tmp_path, name):
    path = tmp_path / name
    save_session(path, chat.store)
    data, (whole, *_) = path.read_bytes(), read(path)
    most = 0
    for size in sorted({*range(0, len(data), len(data) // 150), *range(len(data) - 12, len(data))}):
        path.write_bytes(data[:size])
        events, _, said = read(path)
        assert events == whole[: len(events)]
        assert len(events) >= most, "more of the file is never less of the session"
        most = len(events)
        if events and said:
            assert f"cut off after {size} bytes. {len(events)} event" in said
            assert "what came after is missing" in said
        elif said:
            assert "nothing of it can be read" in said or "is empty" in said or "0 events are whole" in said
        elif name.endswith("jsonl"):  # cut between two lines
            assert data[size - 1 : size] == b"\n" or data[size : size + 1] == b"\n"
        else:  # cut in the block that says that it is the last
            assert events == whole
    assert most >= len(whole) - 1


def test_that_of_one_long_stream_all_before_a_damage_is_there(saved):
    stream = gzip.compress(gzip.decompress(saved.data), mtime=0)
    for place in range(10, len(stream) - 8, len(stream) // 40):
        before, *_ = saved.read(stream[:place])
        events, _, said = saved.read(stream[:place] + bytes([stream[place] ^ 0xFF]) + stream[place + 1 :])
        assert events[: len(before)] == before
        assert said


def test_that_a_session_cut_off_opens_and_tells_it_as_its_last_moment(chat, tmp_path):
    path = tmp_path / "cut.cscope"
    save_session(path, chat.store)
    path.write_bytes(path.read_bytes()[:-600])
    store = opened(path)
    assert store.end > 5
    assert "cut off after" in failures(store)[0]
    last = store.newest_since(0)[-2:]
    assert last[0].t == last[1].t, "not at the time of the day when it is opened"
