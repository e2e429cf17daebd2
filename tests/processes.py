# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes for tests: a module as the lab would start it, its events in a list; `main.py`, its lines in one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading

from app import codec, orders
from tests.own_project import MAIN
from tests.redis_fixture import wait_until


def events_in(pipe):
    """Yield the events that come out of a child's pipe; one that is killed may leave half of one."""
    cutter = codec.Cutter()
    while data := pipe.read1(65536):
        yield from map(codec.event_in, cutter.cut(data))


class TestChild:
    """`python -m <module> … --child`, heard by a thread; use it as a context manager."""

    __test__ = False

    def __init__(self, module: str, *args: object) -> None:
        command = [sys.executable, "-m", module, *map(str, args), "--child"]
        self.events: list = []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def _hear(self) -> None:
        self.events.extend(events_in(self.process.stdout))

    def order(self, order) -> None:
        self.process.stdin.write(orders.encode(order))
        self.process.stdin.flush()

    def of(self, *kinds: type) -> list:
        return [event for event in list(self.events) if isinstance(event, kinds)]

    def until(self, kind: type, count: int = 1, **fields):
        """Wait for the count-th event of a kind with these fields; returns it."""

        def found():
            hits = [e for e in self.of(kind) if all(getattr(e, name) == value for name, value in fields.items())]
            return hits[count - 1] if len(hits) >= count else None

        return wait_until(found, f"{kind.__name__} {fields}, saw {self.events[-3:]}")

    def leave(self) -> int:
        """End its lifeline; returns its exit status."""
        self.process.stdin.close()
        status = self.process.wait(10)
        self._thread.join(10)
        self.process.stdout.close()
        return status

    def __enter__(self) -> TestChild:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self._thread.join(10)
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()


class Served:
    """`main.py …` in a folder, without a display unless one is given: what it prints."""

    def __init__(self, folder, *words, **environment):
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DJANGO_SETTINGS_MODULE")  # other tests name theirs
        self.popen = subprocess.Popen(
            [sys.executable, "-u", str(MAIN), *words],
            cwd=folder,
            env={**{name: value for name, value in os.environ.items() if name not in hidden}, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.append(line)

    def found(self, pattern, count=1, seconds=30.0):
        """Wait until so many lines match; returns the last match."""

        def matches():
            return [match for line in list(self.lines) if (match := re.search(pattern, line))][count - 1 :]

        return wait_until(matches, f"{pattern} in {self.lines}", seconds)[0]

    def end(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(20)
        finally:
            self.popen.kill()
            self.popen.wait()
            self._reader.join()
            self.popen.stdout.close()
