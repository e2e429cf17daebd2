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

from app import codec, orders
from app.events import Event, EventsDropped, LogLine

LINE_LIMIT = 32 * 1024 * 1024  # bytes of one event's line
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

    async def start(self, module: str, args: Sequence[str], **environment: str) -> None:
        """Start the process; it is watched from then on."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *args, "--child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            start_new_session=True,  # Ctrl-C at the terminal is for the app, which tells its children
            limit=LINE_LIMIT,
        )  # fmt: skip
        self._watching = asyncio.create_task(self._watch(), name=f"watch {self.name}")

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
            if self.is_alive and self._process:
                self._process.send_signal(number)

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
        await self.end(0.0) if not self.is_alive else self.signal(signal.SIGKILL)
        if self._watching:
            await self._watching

    async def until_ended(self) -> None:
        """Wait for its end."""
        if self._watching:
            await asyncio.shield(self._watching)

    async def _watch(self) -> None:
        process = self._process
        if process is None or process.stdout is None or process.stderr is None:
            return
        await asyncio.gather(self._read_events(process.stdout), self._read_log(process.stderr))
        await process.wait()
        self._ended(self)

    async def _read_events(self, stream: asyncio.StreamReader) -> None:
        bad = 0
        while line := await stream.readline():
            try:
                self._emit(codec.decode(line))
            except msgspec.MsgspecError:  # a process killed in the middle of a line leaves half of it
                bad += 1
        if bad:
            self._emit(EventsDropped(t=time.time(), source=self.name, count=bad))

    async def _read_log(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            text = line.decode(errors="replace").rstrip()
            if text:
                self._emit(LogLine(t=time.time(), source=self.name, text=text))
