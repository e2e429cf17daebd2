# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.gate_shots`: pictures of slow motion, and of a receive that is looked into, command by command."""

from __future__ import annotations

import sys

from app.entities import Fate
from tests.lesson_shots import play
from tests.shot_runner import Conditions, Story, moment, run

STATES = (
    "slow_dots",
    "atomic_before",
    "atomic_after",
    "popped",
    "fetched",
    "deleted",
    "died_within",
    "slow_classic",
    "lesson",
)


class Gates(Story):
    """One story: slow, then frozen, then with three commands."""

    def held(self, gate: str) -> bool:
        return any(one.gate == gate for one in self.state.gates.values())

    def pick(self) -> None:
        key = next(m.key for m in reversed(self.state.messages.values()) if m.channel == "websocket.receive")
        self.window.wire.select("message", key)

    def slow_dots(self) -> Conditions:
        for name in ("ada", "bob", "cy"):
            self.lab.add_client(name)
        yield lambda: len([c for c in self.state.connections.values() if c.name and not c.closed]) == 3
        yield from moment(1.0)
        self.lab.set_speed(0.1)
        yield lambda: self.state.speed < 1
        yield from moment(0.3)
        for name in ("ada", "bob", "cy", "ada"):
            self.lab.send_text(name, "slowly, please")
        yield lambda: self.held("consumer") and self.held("send")
        yield from moment(0.9)
        self.window.bench.bring_up(self.window.redis)

    def atomic_before(self) -> Conditions:
        self.lab.set_speed(1.0)
        yield lambda: self.state.speed == 1 and not self.state.gates
        yield from moment(0.5)
        yield from self.waiting("is there anything in between?")

    def waiting(self, text: str) -> Conditions:
        self.window.bench.bring_up(self.window.redis)
        self.lab.freeze()
        yield lambda: self.state.clock.since
        self.lab.send_text("ada", text)
        yield lambda: self.held("send")
        self.lab.step(gate="send")
        yield lambda: self.state.channels["websocket.receive"].waiting
        self.pick()
        yield from moment(0.8)

    def atomic_after(self) -> Conditions:
        self.lab.step(gate="receive")
        yield lambda: self.held("consumer")
        yield from moment(0.8)

    def popped(self) -> Conditions:
        self.lab.thaw()
        yield lambda: not self.state.clock.since and not self.state.gates
        self.lab.set_receive("classic")
        yield lambda: all(w.receive == "classic" and w.status == "idle" for w in self.state.workers.values())
        yield from self.waiting("and with three commands?")
        self.lab.step(gate="receive")
        yield lambda: self.held("popped")
        yield from moment(0.8)

    def fetched(self) -> Conditions:
        self.lab.step()
        yield lambda: self.held("fetched")
        self.window.bench.bring_up(self.window.workers)
        yield from moment(0.8)

    def deleted(self) -> Conditions:
        self.lab.step()
        yield lambda: self.held("deleted")
        yield from moment(0.8)

    def died_within(self) -> Conditions:
        self.lab.thaw()
        yield lambda: not self.state.clock.since and not self.state.gates
        yield from self.waiting("nobody will ever find me")
        self.lab.step(gate="receive")
        yield lambda: self.held("popped")
        self.lab.signal_worker(next(one.source for one in self.state.gates.values()), "KILL")
        yield lambda: self.state.fates[Fate.LOST]
        yield from moment(0.8)

    def slow_classic(self) -> Conditions:
        self.lab.thaw()
        self.lab.start_workers()
        yield lambda: not self.state.clock.since and all(w.status == "idle" for w in self.state.workers.values())
        self.lab.set_speed(0.1)
        yield lambda: self.state.speed < 1
        yield from moment(0.3)
        self.lab.send_text("bob", "in four parts")
        self.lab.send_text("ada", "right behind him")
        yield lambda: self.held("fetched")
        self.pick()
        yield from moment(0.5)

    def lesson(self) -> Conditions:
        self.lab.set_speed(1.0)
        yield lambda: self.state.speed == 1 and not self.state.gates
        yield from play(self.window, "lesson-in-between")


if __name__ == "__main__":
    sys.exit(run("tests.gate_shots", Gates, STATES, sys.argv[1:]))
