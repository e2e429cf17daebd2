# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of bots on the Stage: how many draw or chat, how often each may send, and that they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtWidgets import QMenu

from app.events import BotsCounted

if TYPE_CHECKING:
    from app.lab import Lab

COUNTS = (1, 10, 50, 100, 500)
PACES = {0: "at every move (120 a second each)", 60: "60 a second each", 30: "30 a second each", 10: "10 a second each"}


def fill_bots_menu(menu: QMenu, running: BotsCounted | None, lab: Lab) -> None:
    """Fill a menu with the herds there can be; `running` is the one there is."""
    leave = menu.addAction("Let the bots leave", lambda: lab.stop_bots())
    leave.setEnabled(running is not None)
    menu.addSeparator()
    for count in COUNTS:
        paces = menu.addMenu(f"{_bots(count)} {'draws' if count == 1 else 'draw'}")
        for pace, text in PACES.items():
            paces.addAction(text, lambda count=count, pace=pace: lab.start_bots(count=count, page="draw", pace=pace))
    menu.addSeparator()
    for count in COUNTS:
        rate = "a line a second each" if count <= 20 else "20 lines a second together"
        text = f"{_bots(count)} {'chats' if count == 1 else 'chat'}, {rate}"
        menu.addAction(text, lambda count=count: lab.start_bots(count=count, page="chat"))


def bots_text(running: BotsCounted | None) -> str:
    """Return what the button says: how many there are."""
    if running is None:
        return "bots ▾"
    return f"{running.open or '…'} ▾"


def bots_label(running: BotsCounted | None) -> str:
    """Return all of it in words."""
    if running is None:
        return "Let bots draw or chat: 1 to 500 sockets"
    lost = f", lost: {', '.join(running.closed)}" if running.closed else ""
    delay = f"{running.delay_p50 * 1000:.0f} ms, 99 % below {running.delay_p99 * 1000:.0f} ms"
    per = 1 / max(running.seconds, 0.001)
    doing = f"{running.open} of {_bots(running.count)} {'draw' if running.page == 'draw' else 'chat'}"
    rates = f"{running.sent * per:.0f} messages sent and {running.received * per:.0f} received a second"
    return f"{doing}: {rates}, delay {delay}{lost}"


def _bots(count: int) -> str:
    return f"{count} bot{'' if count == 1 else 's'}"
