# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of a recorded lesson as if it happened now: what led to it at once, its own events at their own pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from msgspec.structs import replace

from app import events as e
from app.lesson_recording import LESSON, LessonRecording, RecordedStep
from app.state import RECORDED


class Replay:
    """One showing of a recorded step.

    Args:
        recording: the lesson.
        step: the id of its step.
        tell: takes the events.
        first_row: the row in the frame index that the first frame of the recording will get.
        name: gives each connection of the recording a name that no other has.
    """

    def __init__(
        self,
        recording: LessonRecording,
        step: str,
        tell: Callable[[e.Event], None],
        first_row: int,
        name: Callable[[], str],
    ) -> None:
        self._recording, self._step, self._tell, self._first_row = recording, step, tell, first_row
        self._name = name
        self._names: dict[str, str] = {}
        self._reads_capture = False
        self._shift = 0.0  # seconds from the recording's time to ours

    async def run(self) -> None:
        """Tell it all."""
        lesson, step, recorded = self._recording.lesson, self._step, self._recording.steps[self._step]
        self._shift = time.time() - recorded.t
        self._tell(e.RecordingStarted(t=time.time(), source=LESSON, lesson=lesson, step=step))
        for event in self._recording.before(step):
            self._tell(self._as_if_now(event))
        self._tell(e.StepShown(t=time.time(), source=LESSON, lesson=lesson, step=step))
        await self._play(recorded)
        self._tell(e.RecordingFinished(t=time.time(), source=LESSON, lesson=lesson, step=step))

    async def _play(self, recorded: RecordedStep) -> None:
        for event in recorded.events:
            wait = event.t + self._shift - time.time()
            if wait > 0:
                await asyncio.sleep(wait)
            self._tell(self._as_if_now(event))

    def _as_if_now(self, event: e.Event) -> e.Event:
        """Return an event at our time, with names and rows that are its own here."""
        changed: dict[str, object] = {"t": event.t + self._shift}
        if isinstance(event, e.LabStarted):
            changed["source"] = RECORDED
        elif isinstance(event, e.CaptureOpened):
            self._reads_capture = bool(event.name)
        elif isinstance(event, e.Selected) and event.kind == "frame" and not self._reads_capture:
            changed["item"] = str(int(event.item) + self._first_row)
        elif isinstance(event, e.Selected) and event.kind == "connection":
            changed["item"] = self._connection(event.item)
        if connection := getattr(event, "connection", ""):
            changed["connection"] = self._connection(connection)
        return replace(event, **changed)

    def _connection(self, recorded: str) -> str:
        if recorded not in self._names:
            self._names[recorded] = self._name()
        return self._names[recorded]
