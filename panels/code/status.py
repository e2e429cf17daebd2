# SPDX-License-Identifier: GPL-3.0-or-later
"""The line under the editor: of all there is to say on the texts, the most urgent thing."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.events import ConsumersChecked
from app.versions import MODULES
from panels.code.failures import Failure
from panels.theme import Theme

CALLED = {"shipped": "the shipped version", "talk": "the talk's version", "edited": "an edited version"}
TEXTS = {"shipped": "the shipped text", "talk": "the talk's text", "edited": "your text"}
ASIDE = "aside"  # the link that takes back what was put aside


@dataclass(frozen=True)
class Facts:
    """How it is: `module` is shown, `name` is the version of the texts, `workers` are those of each version that runs.

    `wrong` is a line of the module and why it cannot be loaded, `others` are the modules whose texts do not run.
    """

    module: str
    name: str
    is_busy: bool
    wrong: tuple[int, str] | None
    checked: ConsumersChecked | None
    remark: str
    failures: Sequence[Failure]
    workers: Mapping[str, Sequence[str]]
    others: Sequence[str]
    has_aside: bool


class Status:
    """Says it, with links "module:line"."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def of(self, facts: Facts) -> str:
        """Return the line as HTML."""
        checked, bad = facts.checked, self._in("✕", "bad")
        if facts.is_busy:
            return self._in("It is being loaded …", "flight")
        if facts.wrong:
            rest = " Nothing was restarted." if checked else ""
            return f"{bad} {self._line(facts.module, facts.wrong[0])} {html.escape(facts.wrong[1])}.{rest}"
        if checked and not checked.is_good:
            where = self._line(checked.file, checked.line) if checked.file in MODULES else html.escape(checked.file)
            return f"{bad} {where} {html.escape(checked.error)}. Nothing was restarted."
        if facts.remark:
            return f"{bad} {html.escape(facts.remark)}"
        if facts.failures:
            newest = facts.failures[-1]
            return f"{bad} {self._line(facts.module, newest.line)} {html.escape(newest.sentence)}."
        return self._who_runs_what(facts)

    def _who_runs_what(self, facts: Facts) -> str:
        runs = self._runs(facts.workers)
        back = " " + self._link(f"{ASIDE}:0", "Take your text back", "accent") if facts.has_aside else ""
        if not facts.others:
            return f"{self._in('✓', 'good')} {runs} It is the text above.{back}"
        loaded = " It can be loaded." if facts.checked else ""
        where = "Above" if facts.module in facts.others else f"In {MODULES[facts.others[0]]}"
        return f"{self._in('●', 'flight')} {runs} {where} is {TEXTS[facts.name]}, which does not run.{loaded}{back}"

    def _runs(self, workers: Mapping[str, Sequence[str]]) -> str:
        if not workers:
            return "No worker runs."
        if len(workers) == 1:
            return f"The workers run <b>{CALLED.get(next(iter(workers)), CALLED['shipped'])}</b>."
        parts = [f"{', '.join(names)}: <b>{CALLED.get(name, CALLED['shipped'])}</b>" for name, names in workers.items()]
        return "; ".join(parts) + "."

    def _line(self, module: str, line: int) -> str:
        return self._link(f"{module}:{line}", f"{module}.py, line {line}", "bad") + ":"

    def _link(self, target: str, text: str, role: str) -> str:
        return f'<a href="{target}" style="color:{self.theme.color(role).name()}">{text}</a>'

    def _in(self, text: str, role: str) -> str:
        return f'<span style="color:{self.theme.color(role).name()}">{text}</span>'
