# SPDX-License-Identifier: GPL-3.0-or-later
"""How clients, the interface server and workers look."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF

from panels.stage.bots_menu import bots_text
from panels.stage.ink import CENTRE, RIGHT, Ink
from panels.stage.layout import SAY_ALWAYS, Layout
from panels.stage.parts import buttons_of
from panels.stage.views import VERSIONS, ClientView, ServerView, StageView, WorkerView
from panels.stage.way import Lit

VERB_TEXT = {"RESTART": "↻ Restart", "CONT": "CONT"}
VERB_ROLE = {"KILL": "bad", "RESTART": "accent", "CONT": "good"}


def paint_cards(ink: Ink, layout: Layout, view: StageView, hovered: str, lit: Lit) -> None:
    """Paint every card; `hovered` is the id of a spot, `lit` is what is on the way of the selection."""
    server, bots = view.server, view.bots
    for text, rect in layout.headings:
        ink.text(rect, text, "muted", bold=True)
    for client, rect in layout.clients:
        _client(ink, client, rect, hovered, lit)
    _server(ink, server, layout.server, hovered, lit)
    for worker, rect in layout.workers:
        _worker(ink, worker, rect, hovered, lit)
    _dashed(ink, layout.add_client, "+ add a client", hovered == "add_client")
    role = "text" if hovered == "bots" else "flight" if bots else "muted"
    ink.text(layout.bots, bots_text(bots), role, align=RIGHT)
    _dashed(ink, layout.start_worker, "+ start a worker", hovered == "start_worker")


def paint_more(ink: Ink, rect: QRectF | None, text: str) -> None:
    """Say how many there are beyond those shown."""
    if rect is not None:
        ink.text(rect, text, "muted", align=CENTRE)


def _dashed(ink: Ink, rect: QRectF, text: str, is_hovered: bool) -> None:
    ink.card(rect, "panel" if is_hovered else "", "muted" if is_hovered else "line", dashes=(4, 3))
    ink.text(rect.adjusted(4, 0, -4, 0), text, "text" if is_hovered else "muted", align=CENTRE)


def _outline(spot: str, hovered: str, lit: Lit) -> str:
    if spot in lit:
        return "accent"
    return "muted" if hovered.split("/")[0] == spot else "line"


def _client(ink: Ink, client: ClientView, rect: QRectF, hovered: str, lit: Lit) -> None:
    ink.card(rect, "panel", _outline(f"client:{client.id}", hovered, lit))
    size = ink.px(20)
    disc = QRectF(rect.left() + ink.px(8), rect.center().y() - size / 2, size, size)
    ink.disc(disc, client.letter, client.role)
    can_say = client.is_builtin and (rect.width() > ink.px(SAY_ALWAYS) or hovered.startswith(f"client:{client.id}"))
    right = -ink.px(30 if can_say else 6)
    words = QRectF(disc.right() + ink.px(8), rect.top(), 0, rect.height())
    words.setRight(rect.right() + right)
    rates = client.rate, client.rate.replace(" frames", "").replace(" frame", "")
    _two_lines(ink, words, client.name, *lit.words.get(f"client:{client.id}", (rates, "muted")))
    if can_say:
        _say_button(ink, rect, hovered == f"client:{client.id}/say")


def _say_button(ink: Ink, card: QRectF, is_hovered: bool) -> None:
    size = ink.px(24)
    rect = QRectF(card.right() - size - ink.px(4), card.center().y() - size / 2, size, size)
    ink.card(rect, "line" if is_hovered else "raised", "", radius=6)
    bubble = rect.adjusted(ink.px(6), ink.px(7), -ink.px(6), -ink.px(8))
    ink.card(bubble, "", "text" if is_hovered else "muted", width=1.3, radius=2.5)
    x, y = bubble.left() + ink.px(3), bubble.bottom()
    ink.painter.drawLine(QPointF(x, y), QPointF(x, y + ink.px(3)))
    ink.painter.drawLine(QPointF(x, y + ink.px(3)), QPointF(x + ink.px(3), y))


def _two_lines(ink: Ink, rect: QRectF, first: str, second: tuple[str, ...], role: str = "muted") -> None:
    """Write a name in bold with a muted line under it, as a block around the middle."""
    line = ink.px(15)
    upper = QRectF(rect.left(), rect.center().y() - line - ink.px(0.5), rect.width(), line)
    size = "body" if ink.width(first, "body", True) <= rect.width() else "small"
    ink.text(upper, first, size=size, bold=True)
    ink.text(upper.translated(0, line + ink.px(1)), ink.fitting(second, rect.width()), role)


def _server(ink: Ink, server: ServerView, rect: QRectF, hovered: str, lit: Lit) -> None:
    failed = server.status == "failed"
    line = "bad" if failed else _outline("server", hovered, lit)
    ink.card(rect, "panel", line, dashes=(4, 3) if failed else ())
    inner = rect.adjusted(ink.px(10), ink.px(8), -ink.px(10), -ink.px(8))
    row = QRectF(inner.left(), inner.top(), inner.width(), ink.px(17))
    ink.text(row, "uvicorn", size="body", bold=True)
    ink.sign(QPointF(row.right() - ink.px(5), row.center().y()), server.status)
    row.translate(0, ink.px(16))
    where = " · ".join(filter(None, (f"pid {server.pid}" if server.pid else "", server.port)))
    says, role = lit.words.get("server", ((where or server.status, server.port), "muted"))
    ink.text(row, ink.fitting(says, row.width()), role)
    row.translate(0, ink.px(22))
    if failed:
        _reason(ink, QRectF(inner.left(), row.top(), inner.width(), inner.bottom() - row.top()), server)
        return
    rates = ((("frames in", "in"), server.frames_in), (("frames out", "out"), server.frames_out))
    counts = ((("connections", "open"), str(server.connections)), *((names, _rate(rate)) for names, rate in rates))
    for names, value in counts:
        ink.text(row, ink.fitting(names, row.width() - ink.width(value, bold=True) - ink.px(4)), "muted")
        ink.text(row, value, bold=True, align=RIGHT)
        row.translate(0, ink.px(16))


def _rate(rate: float) -> str:
    return f"{rate:.0f}/s" if rate >= 1 or rate == 0 else "<1/s"


def _reason(ink: Ink, rect: QRectF, server: ServerView) -> None:
    ink.painter.setFont(ink.font("small", False, False))
    ink.painter.setPen(ink.theme.color("bad"))
    ink.painter.drawText(rect, 0x1000, f"{server.reason} {server.remedy}")  # Qt.TextWordWrap


def _worker(ink: Ink, worker: WorkerView, rect: QRectF, hovered: str, lit: Lit) -> None:
    spot = f"worker:{worker.name}"
    if worker.is_alive:
        outline = _outline(spot, hovered, lit)
        ink.card(rect, "panel", "flight" if worker.host and outline == "line" else outline)
    else:
        ink.card(rect, "panel", "bad", dashes=(4, 3), width=1.2)
        if spot in lit:  # it has, or had, what is selected
            around = rect.adjusted(-ink.px(2), -ink.px(2), ink.px(2), ink.px(2))
            ink.card(around, "", "accent", width=1.2, radius=9)
    buttons = buttons_of(worker, rect, ink.theme.scale, hovered.split("/")[0] == spot)
    is_high = rect.height() > ink.px(60)
    words = QRectF(rect.left() + ink.px(28), rect.top(), rect.width() - ink.px(36), rect.height())
    if is_high:
        words.setBottom(rect.bottom() - ink.px(26))
    else:
        words.setRight(min([button.left() for _, button in buttons], default=rect.right()) - ink.px(4))
    ink.sign(QPointF(rect.left() + ink.px(16), words.center().y()), worker.status)
    says, role = worker.says, "bad" if not worker.is_alive else "flight"
    if worker.status not in ("running", "stopped") and worker.is_alive:  # else its state says more than the times
        says, role = lit.words.get(spot, (says, "muted"))
    _words(ink, worker, says, words, role, is_high)
    if worker.host and is_high:
        where = QRectF(rect.left() + ink.px(28), rect.bottom() - ink.px(28), rect.width() - ink.px(36), ink.px(18))
        ink.text(where, ink.fitting((f"ended only on {worker.host}", "ended only there"), where.width()), "flight")
    for verb, place in buttons:
        _button(ink, verb, place, hovered == f"{spot}/{verb}")


def _words(ink: Ink, worker: WorkerView, says: tuple[str, ...], rect: QRectF, role: str, has_row: bool) -> None:
    if rect.height() > ink.px(30):
        _two_lines(ink, rect, worker.name, says, role)
        if has_row:  # of buttons, under its words
            top = QRectF(rect.left(), rect.center().y() - ink.px(15.5), rect.width(), ink.px(15))
            name = ink.width(worker.name, "body", True)
            rest = top.adjusted(name + ink.px(6), 0, 0, 0)
            says, role = (f"pid {worker.pid}", str(worker.pid), ""), "muted"
            if version := VERSIONS.get(worker.version):
                says, role = (f"{version} · {worker.pid}", version, "≠"), "flight"
            ink.text(rest, ink.fitting(says, rest.width()), role, align=RIGHT)
        return
    ink.text(rect, worker.name, bold=True)
    rest = rect.adjusted(ink.width(worker.name, "small", True) + ink.px(8), 0, 0, 0)
    ink.text(rest, ink.fitting((*says, ""), rest.width()), role)  # its sign says it too


def _button(ink: Ink, verb: str, rect: QRectF, is_hovered: bool) -> None:
    text = VERB_TEXT.get(verb, verb)
    if rect.width() < ink.px(30):
        text = text[0]
    ink.card(rect, "line" if is_hovered else "raised", "", radius=6)
    ink.text(rect, text, VERB_ROLE.get(verb, "text"), bold=True, align=CENTRE)
