# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory in which a child keeps what its pipe has not carried."""

import os
import random
import sys
import threading

import pytest

from app import box, codec
from app.events import LogLine


@pytest.fixture
def both_ends(monkeypatch):
    monkeypatch.setattr(box, "LIMIT", 200)
    fd = box.new_memory()
    yield box.Box(fd), box.Box(fd)
    os.close(fd)


def test_that_whatever_is_put_and_dropped_the_other_end_finds_what_waits(both_ends):
    child, parent = both_ends
    dice, said, dropped, refused = random.Random(1), b"", 0, 0
    for n in range(3000):
        line = b"%d" % n * dice.randrange(1, 9) + b"\n"
        if child.put(line):
            said += line
        else:
            refused += 1
        if dice.random() < 0.6:
            some = bytes(child.first(dice.randrange(1, 80)))
            assert said[dropped:].startswith(some)
            child.drop(len(some))
            dropped += len(some)
        assert child.waiting == len(said) - dropped <= 200
        assert parent.read(dropped) == said[dropped:]
        earlier = parent.read(dropped - 30)  # kept until all is dropped
        assert earlier in (None, said[dropped - 30 :])
    assert dropped > 10_000  # so what waits was moved to the front many times
    assert refused


def test_that_what_threads_say_at_once_is_there_whole_and_in_the_order_of_each(monkeypatch):
    monkeypatch.setattr(box, "_WINDOW", 2000)  # so that it is closed and opened all the time
    fd = box.new_memory()
    child, parent, lock, heard = box.Box(fd), box.Box(fd), threading.Lock(), bytearray()

    def carry():
        heard.extend(some := child.first(700))
        child.drop(len(some))

    def full(_, packed):
        with lock:
            child.put(packed)
            carry()

    def speak(name):
        for n in range(4000):
            child.say(LogLine(t=float(n), source=name, text="x" * (n % 50)))

    child.on_full = full
    threads = [threading.Thread(target=speak, args=name) for name in "abc"]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            with lock:
                carry()
    finally:
        sys.setswitchinterval(interval)
    said = [codec.event_in(packed) for packed in codec.Cutter().cut(bytes(heard) + parent.read(len(heard)))]
    assert len(heard) > 100_000
    for name in "abc":
        assert [event.t for event in said if event.source == name] == list(range(4000))
    os.close(fd)


def test_that_the_rest_of_an_event_that_was_carried_in_part_is_found():
    fd = box.new_memory()
    child, parent = box.Box(fd), box.Box(fd)
    packed = codec.pack_event(event := LogLine(t=1.0, source="child", text="x"))
    child.put(packed)
    child.drop(len(packed))  # from here on there is room in the window
    child.on_full = None
    child.say(event)
    child.say(event)
    child.drop(5)
    assert parent.read(len(packed) + 5) == packed[5:] + packed
    os.close(fd)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="memory is given back where the system can")
def test_that_what_a_burst_took_is_given_back():
    fd = box.new_memory()
    child, parent = box.Box(fd), box.Box(fd)
    while child.put(b"x" * 999 + b"\n"):
        pass
    taken = os.fstat(fd).st_blocks * 512
    child.drop(said := child.waiting)
    assert os.fstat(fd).st_blocks * 512 < taken / 8
    child.put(b"after\n")
    assert parent.read(said) == b"after\n"
    os.close(fd)


def test_that_a_box_of_its_own_is_used_where_none_was_given(monkeypatch):
    monkeypatch.delenv(box.ENVIRONMENT, raising=False)
    assert not box.inherited().is_shared
