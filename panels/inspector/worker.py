# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of a worker and of a channel: what they are, and the messages they have or had."""

from __future__ import annotations

import html
from itertools import islice

from app.entities import Channel, Fate, Message, Worker
from app.settings import PREFIX
from app.store import Store
from app.telling import how_ended
from panels.inspector.capacity import Capacity
from panels.inspector.layer import command_links, link
from panels.inspector.parts import Facts, Links
from panels.inspector.view import View, name_of
from panels.stage.duties import command_of
from panels.stage.views import VERSIONS
from panels.stage.worker_menu import RECEIVES
from panels.theme import Theme
from panels.times import clock, span

SHOWN = 12  # messages listed


class WorkerView(View):
    """A worker process: how it is, what it runs, what it had last."""

    kind = "worker"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.facts = Facts()
        self.body.addWidget(self.facts)
        self.handled_title = self.add_section("Messages it took, the newest first")
        self.handled = Links()
        self.body.addWidget(self.handled)
        self.facts.picked.connect(self.picked)
        self.handled.picked.connect(self.picked)

    def refresh(self, now: float) -> None:
        """Show how it is."""
        worker = self.state.workers.get(self.item)
        self.facts.setVisible(worker is not None)
        self.head.setText(f"Worker · {self.item}" + ("" if worker else " · it belongs to an earlier run"))
        if worker:
            self.facts.show_facts(self._facts(worker, now))
        newest_first = reversed(self.state.messages.values())
        taken = islice((message for message in newest_first if message.taken_by == self.item), SHOWN)
        lines = [self._line(message) for message in taken]
        self.handled_title.setVisible(bool(lines))
        self.handled.show_lines(lines)

    def tick(self, now: float) -> None:
        """Count on how long it has been as it is."""
        if worker := self.state.workers.get(self.item):
            self.facts.show_facts(self._facts(worker, now))

    def _facts(self, worker: Worker, now: float) -> list[tuple[str, str]]:
        since = span(now - worker.since)
        status = f"{worker.status} for {since}" if worker.is_alive else f"{worker.status} {since} ago"
        if not worker.is_alive:
            status += f": it {how_ended(worker.signal, worker.exit_status)}"
        facts = [("pid", str(worker.pid)), ("state", status), ("started", clock(worker.started))]
        if worker.consumer:
            facts.append(("runs", f"{html.escape(worker.consumer)} for {link('message', worker.key, worker.key[:8])}…"))
        failed = f", {worker.failed} of them failed" if worker.failed else ""
        facts.append(("done", f"{worker.done} message{'' if worker.done == 1 else 's'}{failed}"))
        if version := VERSIONS.get(worker.version):
            facts.append(("consumers", f"{version} (in the tab Code)"))
        if worker.host:
            facts.insert(0, ("host", f"{html.escape(worker.host)}: it can be ended only there"))
        else:
            facts.append(("takes with", RECEIVES[worker.receive]))
            facts.append(("started as", f"<code>{html.escape(command_of(worker.duty))}</code>"))
        facts.append(("listens to", ", ".join(link("channel", name) for name in worker.channels) or "nothing yet"))
        return facts

    def _line(self, message: Message) -> str:
        who = f" from {html.escape(name_of(self.state, message.connection))}" if message.connection else ""
        fate = "" if message.fate is Fate.DELIVERED else f" · {message.fate.value}"
        return f"{clock(message.received or message.popped)} {link('message', message.key, message.channel)}{who}{fate}"


class ChannelView(View):
    """A channel: who waits in it and how long still, and the ghosts."""

    kind = "channel"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.facts = Facts()
        self.body.addWidget(self.facts)
        self.capacity_title = self.add_section("Capacity")
        self.capacity = Capacity(theme)
        self.body.addWidget(self.capacity)
        self.waiting_title = self.add_section("Waiting, the oldest first")
        self.waiting = Links()
        self.body.addWidget(self.waiting)
        self.ghosts_title = self.add_section("Ghosts: listed, but their bodies have expired")
        self.ghosts = Links()
        self.body.addWidget(self.ghosts)
        self.commands = Links()
        self.body.addWidget(self.commands)
        for part in (self.facts, self.waiting, self.ghosts, self.commands):
            part.picked.connect(self.picked)

    @property
    def channel(self) -> Channel:
        """The queue that the selected channel is kept in; an empty one while nothing was sent to it."""
        queue = self.item[: self.item.index("!") + 1] if "!" in self.item else self.item
        return self.state.channels.get(queue) or Channel(queue)

    def refresh(self, now: float) -> None:
        """Show what is in it."""
        channel = self.channel
        self.head.setText(f"Channel · {channel.name}")
        self.facts.show_facts(self._facts(channel))
        settings = self.state.settings
        self.commands.show_lines([command_links("channel", (settings.prefix if settings else PREFIX) + channel.name)])
        self.capacity_title.setVisible(settings is not None)
        self.capacity.setVisible(settings is not None)
        if settings:
            self.capacity.show_channel(channel, settings.capacity)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Count the seconds left."""
        channel, then = self.channel, self.state.clock.at(now)
        waiting = [self._line(key, f"{max(due - then, 0):.1f} s left") for key, due in _first(channel.waiting)]
        self.waiting_title.setText("Waiting, the oldest first" if waiting else "Nobody waits")
        self.waiting.show_lines(waiting, len(channel.waiting) - SHOWN)
        ghosts = [self._line(key, f"expired {span(now - at)} ago") for key, at in _first(channel.ghosts)]
        self.ghosts_title.setVisible(bool(ghosts))
        self.ghosts.show_lines(ghosts, len(channel.ghosts) - SHOWN)

    def _facts(self, channel: Channel) -> list[tuple[str, str]]:
        capacity = f" of {self.state.settings.capacity}" if self.state.settings else ""
        facts = [("in the list", f"{channel.entries}{capacity}")]
        facts += [("sent", str(channel.sent)), ("taken", str(channel.received))]
        if channel.refused:
            facts.append(("refused", f"{channel.refused}, as it was full"))
        if readers := [name for name, worker in self.state.workers.items() if channel.name in worker.channels]:
            facts.append(("read by", ", ".join(link("worker", name) for name in readers)))
        return facts

    def _line(self, key: str, what: str) -> str:
        message = self.state.messages.get(key)
        who = name_of(self.state, message.connection) if message and message.connection else ""
        return f"{link('message', key, key[:8])}… {html.escape(who)} · {what}"


def _first(things: dict[str, float]) -> list[tuple[str, float]]:
    return list(things.items())[:SHOWN]
