# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the parts of a card or a lane lie: a worker's buttons, a lane's tokens."""

from __future__ import annotations

from PyQt5.QtCore import QRectF

from app.entities import Worker
from panels.stage.lane_views import LaneView, TokenView
from panels.stage.views import WorkerView

TOKEN = 22
BUTTON = 24  # never smaller: it must be hit without aiming


def verbs_of(worker: WorkerView | Worker) -> tuple[str, ...]:
    """Return what can be done to a worker now, the most drastic first."""
    if not worker.is_alive:
        return () if worker.host else ("RESTART",)
    if worker.host:
        return ()  # it can be ended only where it runs
    return ("KILL", "TERM", "CONT" if worker.status == "stopped" else "STOP")


def buttons_of(worker: WorkerView, rect: QRectF, s: float, is_hovered: bool) -> list[tuple[str, QRectF]]:
    """Return a worker's buttons: in a row of their own where the card is high, else at its right."""
    verbs, height = verbs_of(worker), BUTTON * s
    if not verbs:
        return []
    if rect.height() > 60 * s:
        width = (rect.width() - 24 * s) / 3
        wide = rect.width() - 16 * s if len(verbs) == 1 else width
        top = rect.bottom() - height - 5 * s
        return [
            (verb, QRectF(rect.left() + 8 * s + place * (width + 4 * s), top, wide, height))
            for place, verb in enumerate(verbs)
        ]
    if not is_hovered:
        verbs = verbs[:1]
    width = (BUTTON if verbs[0] == "RESTART" else 36) * s
    top = rect.center().y() - height / 2
    last = rect.right() - 6 * s - width
    return [(verb, QRectF(last - place * (width + 2 * s), top, width, height)) for place, verb in enumerate(verbs)]


def tokens_in(lane: LaneView, bar: QRectF, s: float) -> list[tuple[TokenView, QRectF]]:
    """Place a lane's tokens: the oldest where it will leave, which is towards its reader; they overlap when many."""
    size = min(max(TOKEN * s, bar.height() - 8 * s), bar.height() - 2 * s)
    inner = bar.width() - 8 * s - (30 * s if lane.live + lane.ghosts > len(lane.tokens) else 0)
    pitch = size + 2 * s
    if len(lane.tokens) * pitch > inner:
        pitch = max((inner - size) / max(len(lane.tokens) - 1, 1), size * 0.82)
    shown = lane.tokens[: int((inner - size) / pitch + 1.01)]
    top = bar.center().y() - size / 2
    places = []
    for place, token in enumerate(shown):
        x = bar.left() + 4 * s + place * pitch if lane.is_reply else bar.right() - 4 * s - size - place * pitch
        places.append((token, QRectF(x, top, size, size)))
    return places
