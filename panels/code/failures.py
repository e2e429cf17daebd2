# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in the demo's modules consumers raised, counted from what the workers told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.events import ConsumerFailed

_LINE = re.compile(r'File "[^"]*[/\\](?:demo|code-\d+)[/\\](\w+)\.py", line (\d+)')


@dataclass(frozen=True)
class Failure:
    """What was raised at one line."""

    module: str
    line: int
    consumer: str
    error: str
    count: int = 1

    @property
    def sentence(self) -> str:
        """Return it in words."""
        times = "" if self.count == 1 else f", {self.count} times"
        return f"{self.consumer.rpartition('.')[2]} raised {self.error}{times}; the worker goes on, the message is gone"


class Failures:
    """Those since the newest version was put in place."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], Failure] = {}

    def clear(self) -> None:
        """Forget them: another version runs."""
        self._places.clear()

    def note(self, event: ConsumerFailed) -> None:
        """Count one; the innermost line of the demo's is meant."""
        places = _LINE.findall(event.traceback)
        if not places:
            return
        module, line = places[-1][0], int(places[-1][1])
        known = self._places.pop((module, line), None)
        count = known.count if known else 0
        self._places[module, line] = Failure(module, line, event.consumer, event.error, count + 1)

    def of(self, module: str) -> list[Failure]:
        """Return those of a module, the newest last."""
        return [failure for failure in self._places.values() if failure.module == module]
