# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of `make shot` that show the live system: chat, presented, frozen, slow, killed, and all the tabs."""

from __future__ import annotations

from tests.shot_runner import Conditions, Story, moment


class Live(Story):
    """Three in the room, and what happens to what they say."""

    def chat(self) -> Conditions:
        for name in ("ada", "bob", "cy"):
            self.lab.add_client(name)
        yield lambda: len([c for c in self.state.connections.values() if c.name and not c.closed]) == 3
        lines = [("ada", "hi all"), ("bob", "hello ada"), ("cy", "which worker answers?"), ("bob", "look at the Stage")]
        for line in lines * 3:
            self.lab.send_text(*line)
            yield from moment(0.12)
        self.window.wire.select("frame", self.frame())
        yield lambda: self.state.selected

    def presented(self) -> Conditions:
        """One panel in large letters: the Stage."""
        self.window.presenter.start(is_full_screen=False)
        yield from moment(0.5)

    def presented_wire(self) -> Conditions:
        self.window.presenter.show_panel(self.window.wire)
        yield from moment(0.5)

    def presented_frame(self) -> Conditions:
        self.window.presenter.show_panel(self.window.inspector)
        yield from moment(0.5)

    def unpresented(self) -> Conditions:
        """Everything as it was; no picture."""
        self.window.presenter.leave()
        yield from moment(0.5)

    def frozen(self) -> Conditions:
        """Everything stands still: two lines are held before they are sent."""
        self.lab.freeze()
        yield lambda: self.state.clock.since
        self.lab.send_text("ada", "held at the first gate")
        self.lab.send_text("bob", "and this one behind it")
        yield lambda: len(self.state.gates) == 2
        yield from moment(1.2)

    def stepped(self) -> Conditions:
        """The first of them was let through to the gate before its consumer, and is selected; then to its replies."""
        for _ in range(3):
            self.lab.step()
            yield from moment(0.4)
        held = next(held for held in self.state.gates.values() if held.gate != "send")
        self.window.stage.select("message", held.key or held.cause)
        yield lambda: any(held.gate == "replies" for held in self.state.gates.values())
        self.lab.step(gate="send")
        yield lambda: any(channel.waiting for channel in self.state.channels.values())
        yield from moment(0.5)

    def slow(self) -> Conditions:
        """Slow motion: what is said takes its time at every gate."""
        self.lab.set_speed(0.1)
        yield lambda: self.state.speed < 1
        self.lab.thaw()
        yield lambda: not self.state.clock.since
        for name in ("ada", "bob", "cy", "ada"):
            self.lab.send_text(name, "slowly")
        yield lambda: len(self.state.gates) >= 4
        yield lambda: any(held.gate == "consumer" for held in self.state.gates.values())

    def fast(self) -> Conditions:
        """As fast as it goes again; no picture."""
        self.lab.set_speed(1.0)
        yield lambda: self.state.speed == 1 and not self.state.gates

    def killed(self) -> Conditions:
        self.lab.set_expiry(15)
        self.lab.kill_all_workers()
        yield lambda: not any(worker.is_alive for worker in self.state.workers.values())
        for number in range(6):
            self.lab.send_text("bob", f"is anyone there? ({number + 1})")
            yield from moment(1.6)
        yield lambda: self.waiting() == 6
        self.window.wire.select("frame", self.frame())
        yield from moment(0.5)

    def waiting(self) -> int:
        return len(self.state.channel_of("websocket.receive").waiting)

    def ghosts(self) -> int:
        return len(self.state.channel_of("websocket.receive").ghosts)

    def redis(self) -> Conditions:
        self.window.bench.bring_up(self.window.redis)
        yield lambda: self.ghosts() >= 2
        yield from moment(0.6)

    def console(self) -> Conditions:
        console = self.window.redis.console
        for line in ("lrange asgi:websocket.receive 0 -1", "ttl asgi:websocket.receive", "lrage"):
            console.line.setText(line)
            console.line.returnPressed.emit()
        console.line.setText("zrange ")
        self.window.redis.select("channel", "websocket.receive")
        yield from moment(0.6)

    def group(self) -> Conditions:
        self.lab.remove_client("cy")
        yield lambda: any(c.name == "cy" and c.closed for c in self.state.connections.values())
        self.window.redis.console.line.clear()
        for number in range(85):
            self.lab.send_text("bob", f"more ({number + 1})")
        self.window.redis.select("group", "chat-lobby")
        yield lambda: self.waiting() > 60
        yield from moment(0.6)

    def metrics(self) -> Conditions:
        self.window.bench.bring_up(self.window.metrics)
        yield from moment(1.5)

    def bots(self) -> Conditions:
        self.window.bench.bring_up(self.window.metrics)
        self.lab.start_workers()  # they were killed for an earlier picture, and bots open sockets
        yield lambda: all(worker.status == "idle" for worker in self.state.workers.values())
        for pace in (0, 30):
            runs = len(self.state.herds)
            self.lab.start_bots(count=3, pace=pace, seconds=3)
            yield lambda runs=runs: len(self.state.herds) > runs
        self.window.metrics.bots.click()
        yield from moment(1)

    def journal(self) -> Conditions:
        self.window.metrics.bots.setChecked(False)
        self.window.bench.bring_up(self.window.journal)
        yield from moment(0.5)

    def workers(self) -> Conditions:
        self.window.redis.foot.compare.setChecked(False)
        self.window.travel.to_live()
        self.lab.start_workers()
        self.window.bench.bring_up(self.window.workers)
        yield lambda: sum(worker.status == "idle" for worker in self.state.workers.values()) == 3
        self.lab.signal_worker("worker-2", "STOP")
        yield lambda: self.state.workers["worker-2"].status == "stopped"
        self.lab.signal_worker("worker-3", "KILL")
        yield lambda: self.state.workers["worker-3"].status == "killed"
        self.window.workers.select("worker", "worker-1")
        yield from moment(0.5)

    def lanes(self) -> Conditions:
        """Nearer: the runs of half a second, one of them selected."""
        table = self.window.workers.table
        lane = table.rows["worker-1"].lane
        lane.step(-1)
        start = lane._lane.starts[len(lane._lane.keys) - 8]
        table.head.time.zoom(0.15 / table.head.time.length, start, lane._now)
        table.head.time.reveal(start, lane._now)
        lane._choose(len(lane._lane.keys) - 8)
        yield from moment(0.5)

    def handshake(self) -> Conditions:
        self.lab.signal_worker("worker-2", "CONT")
        self.window.bench.bring_up(self.window.wire)
        first = next(c for c in self.state.connections.values() if c.name == "ada")
        self.window.wire.select("connection", first.id)
        yield from moment(0.5)

    def ladder_live(self) -> Conditions:
        self.window.close_capture()
        yield self.lab.set_up(workers=3, expiry=60, clients=["ada", "bob", "cy"]).done
        yield lambda: set(self.state.clients) == {"ada", "bob", "cy"}

        def open_ones():
            return {c.name: c.id for c in self.state.connections.values() if c.name and not c.closed}

        yield lambda: set(open_ones()) == {"ada", "bob", "cy"}
        for number in range(4):
            self.lab.send_text("bob", f"on the ladder, {number + 1}")
            yield from moment(0.3)
        self.window.bench.bring_up(self.window.ladder)
        index = self.window.wire.store.index
        yield lambda: index.rows_of(open_ones()["bob"], "client")
        self.window.wire.select("frame", str(max(index.rows_of(open_ones()["bob"], "client"))))
        yield from moment(0.5)
