# SPDX-License-Identifier: GPL-3.0-or-later
"""What bots cost: their figures over time for the plots of Metrics, and the last runs side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel

from app.events import BotsCounted
from app.metrics import Series
from panels.panel import set_role
from panels.plot_line import Line

KEPT = 7200  # figures, one a second
SHOWN = 5  # runs: more would leave the plots no room on a small screen
TITLES = ("Bots: messages a second", "Bots: kB a second", "Bots: delay")
COLUMNS = (
    "bots", "pace", "sent/s", "got/s", "kB/s up", "kB/s down", "Redis commands/s", "delay ms", "99 %", "not let in",
    "closed",
)  # fmt: skip
_Value = Callable[[BotsCounted], float]


class Herds:
    """Figures of bots as they were told."""

    def __init__(self) -> None:
        self._told: deque[BotsCounted] = deque(maxlen=KEPT)

    def add(self, event: BotsCounted) -> None:
        """Take one."""
        if not event.is_over and event.seconds:
            self._told.append(event)

    def lines(self, start: float, end: float) -> tuple[list[Line], ...]:
        """Return the lines of the three plots between two moments."""
        told = [one for one in self._told if start <= one.t <= end]
        return (
            [
                _line("sent", "/s", told, lambda one: one.sent / one.seconds),
                _line("received", "/s", told, lambda one: one.received / one.seconds),
                _line("commands of Redis", "/s", told, lambda one: one.operations / one.seconds),
            ],
            [
                _line("up", " kB/s", told, lambda one: one.bytes_sent / one.seconds / 1000),
                _line("down", " kB/s", told, lambda one: one.bytes_received / one.seconds / 1000),
            ],
            [
                _line("half below", " ms", told, lambda one: one.delay_p50, 1000),
                _line("99 % below", " ms", told, lambda one: one.delay_p99, 1000),
            ],
        )


def _line(name: str, unit: str, told: Sequence[BotsCounted], value: _Value, units: float = 1) -> Line:
    """Return a line, the newest value told in `units` to one of what is drawn."""
    values = tuple(value(one) for one in told)
    now = f"{values[-1] * units:.0f}{unit}" if values else "–"
    return Line(name, now, Series(tuple(one.t for one in told), values))


class Runs(QLabel):
    """A table of the last runs of bots, the newest at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.RichText)
        self.setAccessibleName("The last runs of bots")
        self.setContentsMargins(10, 2, 10, 4)
        set_role(self, role="small")
        self._shown: list[BotsCounted] | None = None

    def show_runs(self, herds: list[BotsCounted]) -> None:
        """Show them, if they are others than before."""
        if herds != self._shown:
            self._shown = herds
            self.setText(_table(herds[-SHOWN:]) if herds else "No run of bots is over yet: start one on the Stage.")


def _table(herds: Sequence[BotsCounted]) -> str:
    head = "".join(f'<th align="right" style="padding-right:14px">{name}</th>' for name in COLUMNS)
    rows = (
        "".join(f'<td align="right" style="padding-right:14px">{cell}</td>' for cell in _cells(one)) for one in herds
    )
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _cells(one: BotsCounted) -> tuple[str, ...]:
    doing = "chat" if one.page == "chat" else str(one.pace) if one.pace else "every move"
    per = 1 / max(one.seconds, 0.001)
    figures = (one.sent, one.received, one.bytes_sent / 1000, one.bytes_received / 1000, one.operations)
    delays = (f"{delay * 1000:.0f}" for delay in (one.delay_p50, one.delay_p99))
    trouble = (str(one.refused or "–"), ", ".join(one.closed) or "–")
    return (str(one.count), doing, *(f"{figure * per:.0f}" for figure in figures), *delays, *trouble)
