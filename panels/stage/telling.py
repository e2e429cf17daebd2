# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Stage says in a line above its picture: the newest thing that failed, until it is over."""

from __future__ import annotations

from app import events as e
from panels.stage.foreign import told_of

TOLD = frozenset((e.VerbFailed, e.SourceFailed, e.AttackTried, e.SourceReady, e.LabStarted))  # all that matters here
Line = tuple[str, str, str]  # what was seen, what to do, its level


class Telling:
    """Takes events one after the other; `event` is the one to tell of now, None when there is none."""

    def __init__(self) -> None:
        self.event: e.Event | None = None

    def take(self, event: e.Event) -> bool:
        """Take the next event; returns whether there is something else to be told, or nothing any more."""
        before = self.event
        if isinstance(event, (e.VerbFailed, e.SourceFailed, e.AttackTried)):
            self.event = event
        elif isinstance(event, e.SourceReady) and event.name == self._failed:
            self.event = None
        elif isinstance(event, e.LabStarted) and self._failed != "port":
            self.event = None  # that another port is in use was said before the start, and stays true
        return self.event is not before

    @property
    def _failed(self) -> str:
        return self.event.name if isinstance(self.event, e.SourceFailed) else ""

    @property
    def line(self) -> Line:
        """What to say of the event."""
        event = self.event
        if isinstance(event, e.AttackTried):
            return told_of(event), "", "bad" if event.status == 101 else "flight"
        if not isinstance(event, (e.VerbFailed, e.SourceFailed)):
            return "", "", "bad"
        is_known = self._failed in ("", "lab", "port")  # their words say what they are about
        return event.reason if is_known else f"{self._failed}: {event.reason}", event.remedy, "bad"
