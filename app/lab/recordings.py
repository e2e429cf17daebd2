# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb that shows a recording instead of the live system."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

from app.lab.core import Core
from app.lesson_recording import read_lesson
from app.recording import RecordingError
from app.sources.replay import Replay
from app.state import REPLAYED


class RecordingVerbs(Core):
    """Play one."""

    _replayed = 0  # connections of recordings shown so far

    def play_recording(self, path: Path, step: str) -> Future[None]:
        """Show a step of a recorded lesson; needs nothing that runs. A set-up or reset returns to the live system.

        RecordingStarted comes first, then at once what led to the step, then StepShown (source "lesson"), the step's
        own events at their own pace, and RecordingFinished. The live system is emptied and unheard meanwhile.
        """

        async def work() -> None:
            recording = await asyncio.to_thread(read_lesson, path)
            if step not in recording.steps:
                raise RecordingError(f'{path}: no step "{step}"; there is {", ".join(recording.steps)}.')
            async with self._turn:
                await self._let_go()
                await self._live.hold()
                self._is_replaying = True
                self.first_row = self.index.end
                replay = Replay(recording, step, self._take, self.first_row, self._next_name)
                self._run_errand(replay.run())

        return self._do("play_recording", work)

    def _next_name(self) -> str:
        self._replayed += 1
        return f"{REPLAYED}{self._replayed}"
