# SPDX-License-Identifier: GPL-3.0-or-later
"""A child's end of its pipe: events out, orders in, counters, and the lifeline.

A child started by the lab speaks in packed events (app/codec.py) on a private duplicate of fd 1; fd 1 itself leads to
stderr, so that a `print` in a consumer becomes a log line. Its stdin brings orders and is its lifeline: when it ends,
the child leaves. Observing never slows the observed: when the pipe is full, observations are dropped and counted,
messages are not; first the bytes on the wire, whose frames are the dearest to read, then what becomes of messages
(app/tally.py). What waits to be written lies in a box that the lab can read when the child was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable

from app import box, codec, orders
from app.events import Event, EventsDropped
from app.tally import Tally, share_of

MOMENT = 0.03  # seconds after which it is written
AT_ONCE = 256 * 1024  # bytes written at once
REPORT = 1.0  # seconds between two reports of the totals, at least
PATIENCE = 2.0  # seconds between the polite end and the hard one, once stdin has ended
FILES = 4096  # open files that a process with many sockets may want
_PR_SET_PDEATHSIG = 1


class Child:
    """The pipe of this process to the lab; make one before anything prints.

    Where the lab shares the box, what is said waits there for a moment and is then written by a thread: a write for
    each event would cost more than the event, and a kill loses nothing. Where it does not, an event is written at once.

    Attributes:
        say: sends an event to the lab; returns at once, whoever reads or does not. Any thread may call it.
    """

    def __init__(self, source: str, on_order: Callable[[orders.AnyOrder], None] | None = None) -> None:
        self.source = source
        self._on_order = on_order
        self._is_stuck = False  # the pipe took less than there was
        self._out = os.dup(1)
        os.set_blocking(self._out, False)
        os.dup2(2, 1)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        self._box = box.inherited()
        self._box.on_full = self._make_room
        self.say = self._box.say
        self._lock = threading.Lock()  # of whoever writes
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._tally, self._untold = Tally(), 0
        self._reported, self._report_due = self._box.said, time.monotonic() + REPORT
        self._thread = threading.Thread(target=self._serve_pipe, name="pipe", daemon=True)
        self._thread.start()

    @property
    def on_order(self) -> Callable[[orders.AnyOrder], None] | None:
        """Takes orders; those that came before there was one are kept for it."""
        return self._on_order

    @on_order.setter
    def on_order(self, on_order: Callable[[orders.AnyOrder], None]) -> None:
        self._on_order = on_order
        with contextlib.suppress(BlockingIOError):  # woken often enough
            os.write(self._wake_write, b"w")

    def _make_room(self, event: Event, packed: bytes) -> None:
        """Keep an event although much waits, if its kind may, and write what waits."""
        with self._lock:
            self._put(event, packed)
            # Stuck, the thread writes when the pipe takes more; to try here would cost more than it gains.
            if not self._is_stuck:
                self._flush()
        if self._is_stuck:
            with contextlib.suppress(BlockingIOError):  # woken often enough
                os.write(self._wake_write, b"w")

    def _put(self, event: Event, packed: bytes) -> None:
        """Keep an event if there is room, or count it; the lock is held."""
        if not self._box.put(packed, int(self._box.limit * share_of(event))):
            self._tally.drop(event)
            self._untold += 1

    def drain(self, seconds: float = 1.0) -> None:
        """Wait until all that was said is written, at most this long; for the end of a process."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                self._flush()
                if not self._box.waiting:
                    return
            select.select([], [self._out], [], 0.05)

    def _flush(self) -> None:
        """Write what the pipe takes; the lock is held."""
        self._is_stuck = False
        while not self._is_stuck and self._box.waiting:
            try:
                written = os.write(self._out, self._box.first(AT_ONCE))
            except BlockingIOError:
                self._is_stuck, written = True, 0
            except BrokenPipeError:
                written = self._box.waiting
            self._box.drop(written)

    def _serve_pipe(self) -> None:
        lines = b""
        while True:
            with self._lock:
                self._flush()
            wait = MOMENT if self._box.is_shared else 1.0
            readable, _, _ = select.select([0, self._wake_read], [self._out] if self._is_stuck else [], [], wait)
            if self._wake_read in readable:
                os.read(self._wake_read, 4096)
            if 0 in readable:
                data = os.read(0, 65536)
                if not data:
                    return self._leave()
                lines += data
            if lines and self._on_order is not None:
                lines = self._obey(lines, self._on_order)
            self._report()

    @staticmethod
    def _obey(data: bytes, on_order: Callable[[orders.AnyOrder], None]) -> bytes:
        *lines, rest = data.split(b"\n")
        for line in lines:
            try:
                on_order(orders.decode(line))
            except Exception:  # the edge: this thread holds the lifeline, no order may end it
                traceback.print_exc()
        return rest

    def _report(self) -> None:
        """Tell what was dropped, and once in a while all that was."""
        now = time.time()
        is_due = self._box.said > self._reported and time.monotonic() >= self._report_due
        with self._lock:
            if self._untold and (is_due or not self._box.waiting):
                untold, self._untold = self._untold, 0
                self._tell(EventsDropped(t=now, source=self.source, count=untold))
            if is_due:
                self._report_due = time.monotonic() + REPORT
                self._tell(self._tally.report(now, self.source))
                self._reported = self._box.said

    def _tell(self, event: Event) -> None:
        self._put(event, codec.pack_event(event))

    def _leave(self) -> None:
        """The lab is gone: end politely, then for sure."""
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(0)


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask Linux to send this signal when the parent ends: a stopped process never sees its stdin end (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def raise_file_limit() -> None:
    """Let this process have as many sockets as the system allows: the usual limit is 1024, on macOS 256."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        if soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
