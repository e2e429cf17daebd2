# SPDX-License-Identifier: GPL-3.0-or-later
"""A child's end of its pipe, in a real process whose pipe is read or not."""

import itertools
import os
import subprocess
import sys

import pytest

from app import box, codec
from app import events as e
from app.tally import Totals
from tests.processes import events_in
from tests.redis_fixture import wait_until

SPEAKER = """
import sys, time
from app.child import Child
from app.events import LogLine

def obey(order):
    raise RuntimeError("an order that fails")

child = Child("speaker", on_order=obey)
for number in range(int(sys.argv[1])):
    child.say(LogLine(t=0.0, source="speaker", text="x" * 1000))
print("said all", file=sys.stderr, flush=True)
time.sleep(60)
"""


@pytest.fixture
def speaker():
    started = []

    def start(count):
        process = subprocess.Popen(
            [sys.executable, "-c", SPEAKER, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def test_that_a_child_whose_pipe_nobody_reads_goes_on_and_later_says_what_it_dropped(speaker):
    process = speaker(20_000)  # 20 MB, of which 8 MB may wait
    assert process.stderr.readline() == b"said all\n"
    kept = dropped = 0
    for event in events_in(process.stdout):
        kept += isinstance(event, e.LogLine)
        dropped += event.count if isinstance(event, e.EventsDropped) else 0
        if isinstance(event, e.CountersSeen) and dropped:
            break
    assert dropped > 10_000
    assert kept + dropped == 20_000
    assert event.dropped == dropped


def test_that_totals_are_told_once_after_something_was_said(speaker):
    process = speaker(3)
    totals, events = Totals(), list(itertools.islice(events_in(process.stdout), 4))
    for event in events[:-1]:
        totals.add(event)
    assert isinstance(events[-1], e.CountersSeen)
    told = totals.of(events[-1])
    assert (told.events, told.dropped) == (3, 0)


def test_that_a_child_leaves_at_the_end_of_its_lifeline_even_after_an_order_that_failed(speaker):
    process = speaker(1)
    assert process.stderr.readline() == b"said all\n"
    process.stdin.write(b'{"type": "Stop"}\nno order at all\n')
    process.stdin.flush()
    wait_until(lambda: b"an order that fails" in process.stderr.readline(), "the failure is told")
    process.stdin.close()
    assert process.wait(10) == -15


KILLED = """
import os
from app.child import Child
from app.events import LogLine

child = Child("speaker")
for number in range(3000):
    child.say(LogLine(t=0.0, source="speaker", text=f"{number} " + "x" * 1000))
os.kill(os.getpid(), 9)
"""


def test_that_what_the_pipe_of_a_killed_child_did_not_carry_is_in_its_box():
    fd = box.new_memory()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[fd],
        env={**os.environ, box.ENVIRONMENT: str(fd)},
    ) as process:
        written = process.stdout.read()
    rest = box.Box(fd).read(len(written))
    os.close(fd)
    assert rest
    said = [codec.event_in(packed).text for packed in codec.Cutter().cut(written + rest)]
    assert [int(text.split()[0]) for text in said] == list(range(3000))


EVENTS = [e.LogLine(t=1.0, source="child", text="x" * size) for size in (0, 40, 300, 7000)]


def test_that_packed_events_are_cut_the_same_however_their_pipe_brings_them():
    data = b"".join(map(codec.pack_event, EVENTS))
    for step in (1, 7, 255, 4096, len(data)):
        cutter = codec.Cutter()
        pieces = [data[place : place + step] for place in range(0, len(data), step)]
        said = [codec.event_in(packed) for piece in pieces for packed in cutter.cut(piece)]
        assert said == EVENTS
        assert not cutter.rest


@pytest.mark.parametrize("damage", [b"\0", b"\xc1", b"\x93\x01\x02\x03", b"text"])
def test_that_what_is_no_event_is_refused_and_what_comes_later_is_heard(damage):
    cutter, packed = codec.Cutter(), codec.pack_event(EVENTS[1])
    assert cutter.cut(packed[:20]) == []
    assert cutter.cut(packed[20:]) == [packed]
    with pytest.raises(ValueError, match="no event"):
        cutter.cut(damage)
    assert cutter.cut(packed) == [packed]
