# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a worker's lane from its columns: thousands of runs become as many rectangles as there are pixels for.

This module needs numpy and is imported when the first lane is painted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QBrush, QPainter, QPen

from app.lanes import FAILED, FINISHED, LOST, Lane
from panels.span import Frame
from panels.theme import Theme
from panels.times import span

ROLES = ("opcode", "length", "fin", "mask", "masking_key", "payload")  # of channels, by their number
SMALL = 3  # pixels: shorter runs are drawn together
LABELLED = 46  # pixels a run must have for its consumer's name
UNDER_WAY = 3  # beside FINISHED, FAILED and LOST: how a run ended


@dataclass(frozen=True)
class Seen:
    """The runs of a lane that lie in a frame: their numbers, and columns of them."""

    runs: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    kinds: np.ndarray  # FINISHED, FAILED, LOST or UNDER_WAY


def seen(lane: Lane, frame: Frame) -> Seen:
    """Choose the runs that a frame shows, as they were at its playhead."""
    count = lane.known(frame.playhead)
    starts, ends = np.array(lane.starts[:count]), np.array(lane.ends[:count])
    is_over = np.array(lane.ended[:count]) < frame.playhead
    ends = np.where(is_over, ends, max(frame.now, frame.left))
    kinds = np.where(is_over, np.array(lane.outcomes[:count]), UNDER_WAY)
    runs = np.nonzero((ends >= frame.left) & (starts <= min(frame.right, frame.now)))[0]
    return Seen(runs, starts[runs], ends[runs], kinds[runs])


def run_at(lane: Lane, frame: Frame, x: float, near: float) -> int:
    """Return the run at a place, or the nearest of those that are not farther away than `near` pixels; -1: none."""
    found = seen(lane, frame)
    if not len(found.runs):
        return -1
    t = frame.time(x)
    away = np.maximum(np.maximum(found.starts - t, t - found.ends), 0.0)
    best = int(np.argmin(away))
    return int(found.runs[best]) if away[best] * frame.scale <= near else -1


def paint_lane(painter: QPainter, lane: Lane, frame: Frame, lit: frozenset[str], theme: Theme) -> None:
    """Paint the state of the worker, then its runs, then what is selected among them."""
    _paint_turns(painter, lane, frame, theme)
    found = seen(lane, frame)
    if len(found.runs):
        _paint_runs(painter, lane, frame, found, theme)
        _paint_lit(painter, lane, frame, found, lit, theme)
    _paint_ends(painter, lane, frame, theme)


def _turns(lane: Lane, frame: Frame) -> list[tuple[float, float, str]]:
    """Return (from, to, status) of each turn that is to be seen."""
    told = [(t, status) for sequence, t, status in lane.turns if sequence < frame.playhead]
    ends = [t for t, _ in told[1:]] + [frame.now]
    spans = [(t, end, status) for (t, status), end in zip(told, ends, strict=False)]
    return [each for each in spans if each[1] >= frame.left and each[0] <= frame.right]


def _paint_turns(painter: QPainter, lane: Lane, frame: Frame, theme: Theme) -> None:
    middle = frame.rect.center().y()
    for start, end, status in _turns(lane, frame):
        x0, x1 = max(frame.x(start), frame.rect.left()), min(frame.x(end), frame.rect.right())
        if status == "stopped":
            box = QRectF(x0, frame.rect.top(), max(x1 - x0, 1.0), frame.rect.height())
            painter.fillRect(box, theme.color("flight_soft"))
            painter.fillRect(box, QBrush(theme.color("flight", 120), Qt.BDiagPattern))
        elif status in ("starting", "idle"):
            style = Qt.DotLine if status == "starting" else Qt.SolidLine
            painter.setPen(QPen(theme.color("muted" if status == "starting" else "line"), theme.px(2), style))
            painter.drawLine(QPointF(x0, middle), QPointF(x1, middle))


def _paint_ends(painter: QPainter, lane: Lane, frame: Frame, theme: Theme) -> None:
    """Paint a cross where it was killed, a short bar where it left as told."""
    middle, half = frame.rect.center().y(), theme.px(5)
    for start, _, status in _turns(lane, frame):
        if status not in ("killed", "left", "dead") or not frame.left <= start <= frame.right:
            continue
        x = frame.x(start)
        painter.setPen(QPen(theme.color("bad" if status == "killed" else "muted"), theme.px(2)))
        if status == "killed":
            painter.drawLine(QPointF(x - half, middle - half), QPointF(x + half, middle + half))
            painter.drawLine(QPointF(x - half, middle + half), QPointF(x + half, middle - half))
        else:
            painter.drawLine(QPointF(x, middle - half), QPointF(x, middle + half))


def _paint_runs(painter: QPainter, lane: Lane, frame: Frame, found: Seen, theme: Theme) -> None:
    lefts = (found.starts - frame.left) * frame.scale + frame.rect.left()
    widths = np.maximum((found.ends - found.starts) * frame.scale, 0.0)
    slots = np.array(lane.slots)[found.runs]
    high = frame.rect.height() / (int(slots.max()) + 1)
    colours = np.array(lane.channels)[found.runs] % len(ROLES)
    colours = np.where((found.kinds == FAILED) | (found.kinds == LOST), len(ROLES), colours)
    painter.setPen(Qt.NoPen)
    small = widths < SMALL
    for number, role in enumerate((*ROLES, "bad")):
        chosen = small & (colours == number)
        if not chosen.any():
            continue
        # In one pixel column and slot one rectangle stands for all.
        places = {*zip((lefts[chosen] // SMALL).astype(int).tolist(), slots[chosen].tolist(), strict=True)}
        painter.setBrush(theme.color(role))
        painter.drawRects(
            [QRectF(x * SMALL, frame.rect.top() + slot * high, SMALL - 1, high - 1) for x, slot in places]
        )
    for at in np.nonzero(~small)[0].tolist():
        box = QRectF(lefts[at], frame.rect.top() + slots[at] * high, widths[at], high - 1)
        _paint_run(painter, lane, int(found.runs[at]), int(found.kinds[at]), box & frame.rect, theme)


def _paint_run(painter: QPainter, lane: Lane, run: int, kind: int, box: QRectF, theme: Theme) -> None:
    """Paint one run that has room: its colour is its channel's, how it ended is a shape."""
    role = ROLES[lane.channels[run] % len(ROLES)]
    painter.setPen(Qt.NoPen)
    painter.setBrush(theme.color(role))
    painter.drawRoundedRect(box, 2, 2)
    if kind in (FAILED, LOST):
        edge = QRectF(box.right() - theme.px(4), box.top(), theme.px(4), box.height())
        painter.fillRect(edge & box, theme.color("bad"))
    if kind == LOST:
        painter.fillRect(box, QBrush(theme.color("bad", 170), Qt.BDiagPattern))
    if box.width() >= theme.px(LABELLED):
        painter.setPen(Qt.black)
        painter.setFont(theme.sans("small"))
        name = lane.consumers[run].rpartition(".")[2]
        took = f" · {span(lane.ends[run] - lane.starts[run])}" if kind in (FINISHED, FAILED) else ""
        room = box.adjusted(theme.px(5), 0, -theme.px(6), 0)
        text = painter.fontMetrics().elidedText(name + took, Qt.ElideRight, round(room.width()))
        painter.drawText(room, int(Qt.AlignVCenter | Qt.AlignLeft), text)


def _paint_lit(painter: QPainter, lane: Lane, frame: Frame, found: Seen, lit: frozenset[str], theme: Theme) -> None:
    if not lit:
        return
    painter.setBrush(Qt.NoBrush)
    painter.setPen(QPen(theme.color("text"), theme.px(2)))
    for at, run in enumerate(found.runs.tolist()):
        if lane.keys[run] in lit:
            x0, x1 = frame.x(float(found.starts[at])), frame.x(float(found.ends[at]))
            box = QRectF(x0 - 2, frame.rect.top() - 1, max(x1 - x0, 2.0) + 4, frame.rect.height() + 1)
            painter.drawRoundedRect(box & frame.rect.adjusted(0, -2, 0, 2), 2, 2)
