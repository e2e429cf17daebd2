# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes as a source: their events, their log lines, their end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app import box, codec, orders
from app.events import CountersSeen, Event, EventsDropped, GroupSent, LogLine
from app.layer.told import one_by_one
from app.tally import Totals

LIMIT = 8 * 1024 * 1024  # bytes of one line of its log; twice as many of its events wait here before its pipe fills
AT_ONCE = 256 * 1024  # bytes of its events read at once
PIPE = 1024 * 1024  # bytes its pipe of events may hold, where the system lets us choose
LAST_WORDS = 1.0  # seconds to read what a process that has ended had said; its own children may hold the pipes open
ROOT = Path(__file__).parent.parent.parent


class ChildProcess:
    """A module of ours in a process of its own: `python -m <module> <args> --child`.

    Its fd 1 brings events, its stderr log lines, and its stdin is its lifeline: when we are gone it leaves.
    """

    def __init__(self, name: str, emit: Callable[[Event], None], ended: Callable[[ChildProcess], None]) -> None:
        self.name = name
        self._emit = emit
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._box: box.Box | None = None
        self._brought = self._told = 0  # bytes of its events that the pipe brought, and that were told
        self._bad = 0  # of what came that is no event
        self._totals = Totals()

    async def start(self, module: str, args: Sequence[str], **environment: str) -> None:
        """Start the process; it is watched from then on."""
        loop = asyncio.get_running_loop()
        memory = box.new_memory()
        try:
            transport, pipes = await loop.subprocess_exec(
                lambda: _Pipes(LIMIT, loop),
                sys.executable, "-m", module, *args, "--child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=[memory],
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", box.ENVIRONMENT: str(memory), **environment},
                start_new_session=True,  # Ctrl-C at the terminal is for the app, which tells its children
            )  # fmt: skip
            self._box = box.Box(memory)
            self._brought = self._told = 0  # of this process: one before it may have left more than its pipe brought
        finally:
            os.close(memory)
        if pipe := transport.get_pipe_transport(1):
            widen(pipe.get_extra_info("pipe").fileno())
        self._process = asyncio.subprocess.Process(transport, pipes, loop)
        self._watching = asyncio.create_task(self._watch(transport, pipes), name=f"watch {self.name}")

    @property
    def pid(self) -> int:
        """The process id, 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def status(self) -> int | None:
        """None while it runs, then its exit status, negative for a signal."""
        return self._process.returncode if self._process else None

    @property
    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def order(self, order: orders.AnyOrder) -> None:
        """Send an order down its stdin."""
        if self.is_alive and self._process and self._process.stdin:
            with contextlib.suppress(ConnectionError):
                self._process.stdin.write(orders.encode(order))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a process that has ended gets none."""
        with contextlib.suppress(ProcessLookupError):
            if self.is_alive:
                os.kill(self.pid, number)  # asyncio's own looks first whether it has ended, and takes its status away

    async def end(self, patience: float = 2.0) -> None:
        """Close its lifeline, ask it to go (TERM), and after `patience` seconds make it (KILL)."""
        if self._process is None or self._watching is None:
            return
        if self.is_alive:
            if self._process.stdin:
                self._process.stdin.close()
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self._watching), patience)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self._watching

    async def kill(self) -> None:
        """KILL it and wait for its end."""
        self.signal(signal.SIGKILL)
        await self.until_ended()

    async def until_ended(self) -> None:
        """Wait for its end, and until all that it said is told."""
        if self._watching:
            await asyncio.shield(self._watching)

    async def _watch(self, transport: asyncio.SubprocessTransport, pipes: _Pipes) -> None:
        if pipes.stdout is None or pipes.stderr is None:
            raise RuntimeError("a child without pipes")
        reading = [
            asyncio.create_task(self._read_events(pipes.stdout)),
            asyncio.create_task(self._read_log(pipes.stderr)),
        ]
        await pipes.exited.wait()
        await asyncio.wait(reading, timeout=LAST_WORDS)
        transport.close()  # both readers see the end now, if they did not before
        await asyncio.gather(*reading)
        self._ended(self)

    def tell_what_waits(self) -> None:
        """Tell what a stopped process has said and not written; again in a moment, in case its pipe is behind."""
        if self._box and (data := self._box.read(self._told)):
            self._tell_all(data)

    async def _read_events(self, stream: asyncio.StreamReader) -> None:
        cutter = codec.Cutter()
        while data := await stream.read(AT_ONCE):
            for packed in self._cut(cutter, data):
                self._brought += len(packed)
                if self._brought > self._told:
                    self._told = self._brought
                    self._tell(packed)
        # It has ended, perhaps in the middle of an event: the rest is in its box.
        if self._box:
            rest = cutter.rest if self._told == self._brought else b""
            self._tell_all(rest + (self._box.read(self._told + len(rest)) or b""))
        if self._bad:
            self._emit(EventsDropped(t=time.time(), source=self.name, count=self._bad))

    def _cut(self, cutter: codec.Cutter, data: bytes) -> list[bytes]:
        try:
            return cutter.cut(data)
        except ValueError:
            self._bad += 1
            return []

    def _tell_all(self, data: bytes) -> None:
        for packed in self._cut(codec.Cutter(), data):
            self._told += len(packed)
            self._tell(packed)

    def _tell(self, packed: bytes) -> None:
        try:
            event = codec.event_in(packed)
        except msgspec.MsgspecError:
            self._bad += 1
            return
        if isinstance(event, CountersSeen):
            event = self._totals.of(event)
        self._totals.add(event)
        try:
            for told in one_by_one(event) if isinstance(event, GroupSent) else (event,):
                self._emit(told)
        except Exception as error:  # the edge of a source: one event that we cannot digest must not end the pipe
            context = {"message": f"an event of {self.name} could not be taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    async def _read_log(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than any line; it was thrown away
                line = b"(a line that was too long to keep)"
            if not line:
                return
            if text := line.decode(errors="replace").rstrip():
                self._emit(LogLine(t=time.time(), source=self.name, text=text))


def widen(pipe: int) -> None:
    """Let a pipe hold more, so that a child is seldom stuck while we do other things; Linux alone can (pipe(7))."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # more than this user may have in pipes
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)


class _Pipes(asyncio.subprocess.SubprocessStreamProtocol):
    """asyncio's own, which also tells the process's end apart from that of its pipes."""

    def __init__(self, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit, loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        """The process is gone."""
        super().process_exited()
        self.exited.set()
