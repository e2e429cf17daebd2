# SPDX-License-Identifier: GPL-3.0-or-later
"""A child's end of its pipe: events out, orders in, counters, and the lifeline.

A child started by the lab speaks in frames (app/codec.py) on a private duplicate of fd 1; fd 1 itself then leads to
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
from app.tally import LEAST_SHARE, Tally, share_of

PATIENT_BYTES = 64 * 1024  # said and not flushed, before it is written all the same
MOMENT = 0.03  # seconds after which it is written all the same, and between two writes of a child with a shared box
REPORT = 1.0  # seconds between two reports of the totals, at least
PATIENCE = 2.0  # seconds between the polite end and the hard one, once stdin has ended
FILES = 4096  # open files that a process with many sockets may want
_PR_SET_PDEATHSIG = 1


class Child:
    """The pipe of this process to the lab; make one before anything prints.

    `is_patient`: what is said is kept until `flush`, or for a moment, and then written at once: a write for each event
    would cost a worker more than the event itself. Whoever is patient flushes before it does what may be its end. Where
    the lab shares the box, nothing is lost even so, and flushing again within a moment is put off.
    """

    def __init__(self, source: str, on_order: Callable[[orders.AnyOrder], None] | None = None) -> None:
        self.source = source
        self._on_order = on_order
        self._patience = 1  # bytes that may wait to be written together with others
        self._is_stuck = False  # the pipe took less than there was
        self._out = os.dup(1)
        os.set_blocking(self._out, False)
        os.dup2(2, 1)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        self._pending = box.inherited()
        self._frame_of, self._calm = codec.frame, int(self._pending.limit * LEAST_SHARE)
        self._flush_from = 0.0  # monotonic time before which a flush is put off
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._tally, self._untold, self._reported = Tally(), 0, 0
        self._report_due = time.monotonic() + REPORT
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

    @property
    def is_patient(self) -> bool:
        """Whether what is said may wait for a `flush`."""
        return self._patience > 1

    @is_patient.setter
    def is_patient(self, is_patient: bool) -> None:
        self._patience = PATIENT_BYTES if is_patient else 1

    def say(self, event: Event) -> None:
        """Send an event to the lab; returns at once, whoever reads or does not."""
        frame = self._frame_of(event)
        with self._lock:
            waiting = self._put(event, frame)
        # Stuck, the thread writes when the pipe takes more; to try here for each event would cost more than it gains.
        if waiting >= self._patience and not self._is_stuck:
            self._write_now()

    def _put(self, event: Event, frame: bytes) -> int:
        """Count an event and keep it, if there is room; the lock is held."""
        self._tally.add(event)
        waiting = self._pending.put(frame, self._calm)
        if not waiting:
            waiting = self._pending.put(frame, int(self._pending.limit * share_of(event)))
            if not waiting:
                self._tally.drop(event)
                self._untold += 1
        return waiting

    def flush(self) -> None:
        """Write what was said, as far as the pipe takes it; the rest follows when it takes more."""
        if self.is_due and self._pending.waiting:
            self._write_now()

    @property
    def is_due(self) -> bool:
        """Whether to flush now would write; otherwise the thread does so in a moment."""
        return time.monotonic() >= self._flush_from

    def _write_now(self) -> None:
        with self._lock:
            self._flush()
        if self._is_stuck:
            with contextlib.suppress(BlockingIOError):  # woken often enough
                os.write(self._wake_write, b"w")

    def drain(self, seconds: float = 1.0) -> None:
        """Wait until all that was said is written, at most this long; for the end of a process."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                self._flush()
                if not self._pending.waiting:
                    return
            select.select([], [self._out], [], 0.05)

    def _flush(self) -> None:
        """Write what the pipe takes; the lock is held."""
        self._is_stuck = False
        if self._pending.is_shared:
            self._flush_from = time.monotonic() + MOMENT
        while self._pending.waiting:
            try:
                written = os.write(self._out, self._pending.first(65536))
            except BlockingIOError:
                self._is_stuck = True
                return
            except BrokenPipeError:
                written = self._pending.waiting
            self._pending.drop(written)

    def _serve_pipe(self) -> None:
        lines = b""
        while True:
            with self._lock:
                self._flush()
            wait = MOMENT if self.is_patient else 1.0
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
        """Tell what was dropped, and once in a while the totals."""
        now, tally = time.time(), self._tally
        is_due = tally.events > self._reported and time.monotonic() >= self._report_due
        with self._lock:
            if self._untold and (is_due or not self._pending.waiting):
                untold, self._untold = self._untold, 0
                self._tell(EventsDropped(t=now, source=self.source, count=untold))
            if is_due:
                self._report_due = time.monotonic() + REPORT
                self._tell(tally.report(now, self.source))
                self._reported = tally.events

    def _tell(self, event: Event) -> None:
        self._put(event, codec.frame(event))

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
