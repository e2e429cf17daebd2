# SPDX-License-Identifier: GPL-3.0-or-later
"""The Stage as a panel: reads the store, shows the picture, and turns clicks into the lab's verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PyQt5.QtCore import QPoint, Qt, pyqtSignal
from PyQt5.QtWidgets import QMenu, QScrollArea, QVBoxLayout, QWidget

from app import events as e
from app.console.meaning import commands_for, key_of, shortened
from app.picked import Picked
from app.settings import PREFIX, Duty
from app.store import Store
from panels.lit import lit
from panels.panel import Panel, set_role
from panels.stage.bots_menu import fill_bots_menu
from panels.stage.canvas import Canvas
from panels.stage.controls import Controls, Notice, let_fail
from panels.stage.duties import command_of, dropped
from panels.stage.foreign import words_of
from panels.stage.held import held_at, spot_of, step_at, thing_of
from panels.stage.motion import RECALLED
from panels.stage.rates import BUCKET, WINDOW, Rates
from panels.stage.say import SayLine
from panels.stage.scenarios import ScenarioStage
from panels.stage.slow import is_held_on_its_way
from panels.stage.telling import TOLD, Telling
from panels.stage.views import view_of
from panels.stage.way import lit_way
from panels.stage.worker_menu import VERBS, fill_worker_menu
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab, SignalName


class StagePanel(Panel):
    """Real processes and real messages; the picture is the control."""

    id = "stage"
    title = "Stage"
    command_wanted = pyqtSignal(str)  # a line for the console

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.rates = Rates()
        self.canvas = Canvas(theme)
        self.controls = Controls(theme)
        self.banner = Notice(theme)
        self.notice = Notice(theme)
        self.say = SayLine(theme, self.canvas)
        self._now = 0.0
        self._expiry = 0.0
        self._is_fresh = False  # all of this very moment was just shown
        self._telling, self._told = Telling(), Picked(TOLD)
        self._put_away = 0  # what happened before this event is told no more
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="background")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.NoFrame)
        scroll.setFocusPolicy(Qt.NoFocus)
        scroll.setWidget(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.banner, self.notice):
            column.addWidget(widget)
        column.addWidget(scroll, 1)
        column.addWidget(self.controls)
        self.scenarios = ScenarioStage(lab, lambda: self.store.state, self)
        self._connect()
        self.reset()

    def _connect(self) -> None:
        self.notice.cross.clicked.connect(self._put_notice_away)
        self.canvas.clicked.connect(self._click)
        self.canvas.double_clicked.connect(self._double_click)
        self.canvas.menu_wanted.connect(self._open_menu)
        self.canvas.channel_dropped.connect(self._take_drop)
        self.say.sent.connect(lambda name, text: self.lab.send_text(name, text))
        self.controls.kill_all.connect(lambda: self.lab.kill_all_workers())
        self.controls.start_workers.connect(lambda: self.lab.start_workers())
        self.controls.expiry_chosen.connect(lambda seconds: self.lab.set_expiry(seconds))
        self.controls.reset_wanted.connect(lambda: self.lab.reset())
        self.controls.fault_chosen.connect(lambda fault: let_fail(self.lab, fault, self.store.state))
        self.controls.scenario_menu.aboutToShow.connect(lambda: self.scenarios.fill(self.controls.scenario_menu))
        self.scenarios.said.connect(lambda text, is_good: self.notice.say(text, level="flight" if is_good else "bad"))

    def showEvent(self, event: Any) -> None:
        """Take the keys when the window opens: the arrows walk the picture."""
        super().showEvent(event)
        if self.window().focusWidget() is None:
            self.canvas.setFocus(Qt.OtherFocusReason)

    # --- what the window calls ---

    def advance(self, since: int) -> None:
        """Show what happened: cards as they are now, messages as dots."""
        events = self.store.since(since)
        self.rates.count(events)
        for event in events:
            if type(event) in TOLD and self._telling.take(event):
                self._tell()
            if type(event) is e.LabStarted:
                self._expiry = 0.0
                self._tell()
        if events:
            self._now = max(self._now, events[-1].t)
        if not (is_crowd := self.is_crowd(since)):  # or the next tick shows it
            self._show()
        if self.store.state.speed < 1 and not self.canvas.motion.reduced:
            events = [event for event in events if not self._goes_slowly(event)]
        self.canvas.follow(events, is_crowd)

    def _goes_slowly(self, event: e.Event) -> bool:
        """Whether the dot of what an event tells is under way already, as long as gates hold it."""
        return isinstance(event, e.MessageSent | e.MessageReceived) and is_held_on_its_way(self.store.state, event)

    def reset(self) -> None:
        """Show the store's state from scratch, with nothing moving."""
        last = self.store.since(self.store.playhead - 1)
        self._now = last[-1].t if last and self.store.is_live else self.store.now
        self.rates.clear()
        self.rates.count(self.store.since(self.store.sequence_at(self._now - WINDOW - BUCKET)))
        self._telling = Telling()
        told = [self._telling.take(event) for event in self._told.since(self.store, self._put_away)]
        if any(told) or not self.store.is_live:
            self._tell()
        self.canvas.motion.clear()
        self._show()
        self._is_fresh = True
        if self.store.is_live:
            self.canvas.recall(self.store.since(self.store.sequence_at(self.store.now - RECALLED)))

    def _tell(self) -> None:
        """Say what failed, or nothing any more."""
        if self._telling.event is None:
            self.notice.hide()
        else:
            self.notice.say(*self._telling.line)

    def _put_notice_away(self) -> None:
        self._telling, self._put_away = Telling(), self.store.playhead

    def tick(self, now: float) -> None:
        """Let the rings run down and the rates fall."""
        if now != self._now or not self._is_fresh:
            self._now = now
            self._show()
        self._is_fresh = False

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self.canvas.restyle()

    def highlight(self, items: frozenset[str]) -> None:
        """Put a halo around what a lesson points at."""
        super().highlight(items)
        self.canvas.halos = items
        self.canvas.update()
        self.controls.point_at(items)

    def fill(self, zoom: float) -> None:
        """Let the picture be so many times as large as fills the room it has; 0: as large as everything else."""
        if zoom != self.canvas.zoom:
            self.canvas.zoom = zoom
            self.canvas.restyle()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Let edges light up instead of dots travelling."""
        self.canvas.motion.reduced = reduced

    def _show(self) -> None:
        state = self.store.state
        port = ":" + self.lab.address.rstrip("/").rpartition(":")[2] if self.lab.address else ""
        things = lit(state)
        spots = {_spot_of(kind, item) for kind, item in things} - {""}
        spots |= {spot_of(held) for held in state.gates.values() if thing_of(state, held) in things}
        view = view_of(state, self._now, self.rates, port, self.store.is_live, not self.canvas.motion.reduced)
        self.canvas.show_view(view, lit_way(state, frozenset(spots), self.store.index.time_of))
        if self.say.isVisible() and all(client.name != self.say.name for client in view.clients):
            self.say.hide()
        expiry = state.settings.expiry if state.settings else self.lab.settings.expiry
        if expiry != self._expiry:  # what the user chose stays marked until the lab says something else
            self._expiry = expiry
            self.controls.show_expiry(expiry)
        self.controls.show_faults(state.faults is not None)
        if state.redis_lost:
            self.banner.say(f"Redis does not answer: {state.redis_lost}, retrying", level="bad", can_dismiss=False)
        elif words := words_of(state):
            self.banner.say(words[0], level="flight", can_dismiss=False, links=words[1])
        else:
            self.banner.hide()

    # --- clicks ---

    def _click(self, spot: str) -> None:
        kind, _, rest = spot.partition(":")
        name, _, verb = rest.partition("/")
        if spot == "add_client":
            self.lab.add_client(None)
        elif spot == "bots":
            at = self.canvas.spot(spot)
            self._open_menu(spot, self.canvas.mapToGlobal(at.rect.bottomLeft().toPoint() if at else QPoint()))
        elif spot == "start_worker":
            self.lab.spawn_worker()
        elif verb == "say":
            self._open_say(name)
        elif verb == "RESTART":
            self.lab.restart_worker(name)
        elif verb in VERBS:
            self.lab.signal_worker(name, cast("SignalName", verb))
        elif kind in ("gate", "held"):
            self._click_held(spot)
        elif kind in _SELECTS:
            self.select(_SELECTS[kind], rest)
        elif not spot and lit(self.store.state):
            self.select("", "")  # beside everything: nothing is selected any more

    def _take_drop(self, channel: str, name: str) -> None:
        if worker := self.store.state.workers.get(name):
            self._assign(name, dropped(worker.duty, channel))

    def _assign(self, name: str, duty: Duty) -> None:
        self.lab.assign_channels(name, duty.only, duty.exclude)
        self._telling = Telling()
        self.notice.say(f"{name} is started again as `{command_of(duty)}`", level="flight")

    def _double_click(self, spot: str) -> None:
        if spot.startswith("client:"):
            self._open_say(spot.removeprefix("client:"))
        elif held_at(self.store.state, spot):
            self._step(spot)

    def _click_held(self, spot: str) -> None:
        if held := held_at(self.store.state, spot):
            self.select(*thing_of(self.store.state, held))
        else:
            self._step(spot)

    def _step(self, spot: str) -> None:
        """Let the message at a gate pass it; in slow motion it passes by itself."""
        where = step_at(self.store.state, spot)
        if where is not None and self.store.state.clock.since:
            self.lab.step(**where)

    def _open_say(self, connection: str) -> None:
        client = next((one for one in self.canvas.view.clients if one.id == connection), None)  # type: ignore[union-attr]
        spot = self.canvas.spot(f"client:{connection}")
        if client and spot and client.is_builtin:
            self.say.open(client.name, spot.rect)

    def _open_menu(self, spot: str, point: QPoint) -> None:
        menu = self.menu_of(spot)
        if menu:
            menu.setAttribute(Qt.WA_DeleteOnClose)
            menu.popup(point)

    def menu_of(self, spot: str) -> QMenu | None:
        """Return what can be done with a worker or a client, and which commands show what is in Redis; else None."""
        kind, _, rest = spot.partition(":")
        name = rest.partition("/")[0]
        menu = QMenu(self)
        if kind in ("bots", "add_client"):
            fill_bots_menu(menu, self.store.state.bots, self.lab)
            return menu
        if kind == "worker" and (worker := self.store.state.workers.get(name)):
            fill_worker_menu(menu, worker, self.lab, self._assign)
            return menu
        if self.store.state.clock.since and step_at(self.store.state, spot):
            menu.addAction("One step: let the next message pass here", lambda: self._step(spot))
        if kind in _KEYS:
            prefix = self.store.state.settings.prefix if self.store.state.settings else PREFIX
            for line in commands_for(_SELECTS[kind], key_of(_SELECTS[kind], rest, prefix)):
                text = f"Show the command: {line if len(line) < 60 else shortened(line)}"
                menu.addAction(text, lambda line=line: self.command_wanted.emit(line))
            return menu
        client = next((one for one in self.canvas.view.clients if one.id == name), None)  # type: ignore[union-attr]
        if kind == "client" and client and client.is_builtin:
            menu.addAction(f"Send a message as {client.name}…", lambda: self._open_say(name))
            menu.addAction("Close its socket", lambda: self.lab.remove_client(client.name))
            return menu
        if not menu.isEmpty():
            return menu
        menu.deleteLater()
        return None


_SELECTS = {"client": "connection", "lane": "channel", "token": "message", "worker": "worker", "group": "group",
            "database": "database"}  # fmt: skip
_KEYS = ("lane", "token", "group")  # what is kept under a key in Redis


def _spot_of(kind: str, item: str) -> str:
    """Return the spot that shows a selected thing."""
    spots: dict[Any, str] = {selected: spot for spot, selected in _SELECTS.items()}
    return f"{spots[kind]}:{item}" if kind in spots else ""
