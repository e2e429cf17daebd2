# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu of a worker on the Stage: its signals, its channels, a new start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PyQt5.QtWidgets import QMenu

from app.entities import Worker
from app.settings import Duty
from panels.stage.duties import EVERYTHING, listens, ticked
from panels.stage.views import ALWAYS

if TYPE_CHECKING:
    from app.lab import Lab, SignalName

VERBS = {
    "KILL": "Kill it (SIGKILL): it dies at once",
    "TERM": "End it (SIGTERM): it finishes its message first",
    "STOP": "Stop it (SIGSTOP): it stands still",
    "CONT": "Let it go on (SIGCONT)",
}
RECEIVES = {"atomic": "one script: entry and body together", "classic": "BLPOP, GET and DEL, as asgi_redis did"}
ORDER = (*ALWAYS, "websocket.disconnect")


def fill_worker_menu(menu: QMenu, worker: Worker, lab: Lab, assign: Callable[[str, Duty], None]) -> None:
    """Fill a menu with what can be done with a worker; `assign` gives it other channels."""
    name = worker.name
    if worker.host:
        menu.addAction(f"It runs on {worker.host} and can be ended only there").setEnabled(False)
        return
    if not worker.is_alive:
        menu.addAction("Restart", lambda: lab.restart_worker(name))
    for verb in ("KILL", "TERM", "CONT" if worker.status == "stopped" else "STOP") if worker.is_alive else ():
        menu.addAction(VERBS[verb], lambda verb=verb: lab.signal_worker(name, cast("SignalName", verb)))
    if worker.is_alive:
        menu.addSeparator()
        menu.addAction("Start it again with the code as it is now", lambda: lab.restart_worker(name))
        menu.addAction("Start all again, one after the other: no socket notices", lambda: lab.restart_workers())
    _add_receives(menu.addMenu("How workers take messages"), worker, lab)
    _add_channels(menu.addMenu("Channels it listens to"), worker, assign)


def _add_receives(menu: QMenu, worker: Worker, lab: Lab) -> None:
    for receive, text in RECEIVES.items():
        action = menu.addAction(f"With {text}", lambda receive=receive: lab.set_receive(receive))
        action.setCheckable(True)
        action.setChecked(worker.receive == receive)


def _add_channels(menu: QMenu, worker: Worker, assign: Callable[[str, Duty], None]) -> None:
    everything = menu.addAction("Everything its routing has", lambda: assign(worker.name, EVERYTHING))
    everything.setCheckable(True)
    everything.setChecked(worker.duty == EVERYTHING)
    menu.addSeparator()
    for channel in dict.fromkeys((*ORDER, *worker.channels)):
        duty = ticked(worker.duty, channel)
        action = menu.addAction(channel, lambda duty=duty: assign(worker.name, duty))
        action.setCheckable(True)
        action.setChecked(listens(worker.duty, channel))
