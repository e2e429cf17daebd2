# SPDX-License-Identifier: GPL-3.0-or-later
"""`make shot`: the real window, the live system in it, one story; a PNG of each state, dark and light, in two sizes.

The PNGs lie in shots/: <state>-<theme>-<width>x<height>.png. Words on the command line choose among the states.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PyQt5.QtCore import QSettings

from tests.lesson_shots import STATES as LESSONS
from tests.lesson_shots import play
from tests.shot_runner import FOLDER, Conditions, Story, run

CAPTURE = Path(__file__).parent.parent / "captures" / "chat.pcap"
BROKEN = CAPTURE.with_name("broken-rules.pcap")


def export_dialog(export):
    """Ask for the first kind of export there is; returns the dialog."""
    export.choices.actions()[0].trigger()
    return export.dialog


class Tour(Story):
    """All there is to see; lessons are states, too."""

    popups = {
        "recent": lambda window: (window.transport.recent.click(), window.transport.recent.choices)[1],
        "export": lambda window: (window.wire.export.click(), window.wire.export.choices)[1],
        "export_dialog": lambda window: export_dialog(window.wire.export),
    }

    def play(self, name: str) -> Conditions:
        """Bring a state about."""
        return play(self.window, name) if name in LESSONS else super().play(name)

    def frame(self, opcode: int = 1, direction: str = "client") -> str:
        index = self.window.wire.store.index
        rows = [r for r in map(index.row, index.rows) if r.opcode == opcode and r.direction == direction]
        return str(rows[-1].row)

    def versions(self) -> set[str]:
        """Of the consumers that living workers run; those killed for an earlier picture stay dead."""
        return {w.version if w.status == "idle" else w.status for w in self.state.workers.values() if w.is_alive}

    def waiting(self) -> int:
        return len(self.state.channel_of("websocket.receive").waiting)

    def ghosts(self) -> int:
        return len(self.state.channel_of("websocket.receive").ghosts)

    def chat(self) -> Iterator[Callable[[], object]]:
        for name in ("ada", "bob", "cy"):
            self.lab.add_client(name)
        yield lambda: len([c for c in self.state.connections.values() if c.name and not c.closed]) == 3
        lines = [("ada", "hi all"), ("bob", "hello ada"), ("cy", "which worker answers?"), ("bob", "look at the Stage")]
        for number, line in enumerate(lines * 3):
            self.lab.send_text(*line)
            until = time.monotonic() + 0.12
            yield lambda until=until, n=number: time.monotonic() > until
        self.window.wire.select("frame", self.frame())
        yield lambda: self.state.selected

    def frozen(self):
        """Everything stands still: two lines are held before they are sent."""
        self.lab.freeze()
        yield lambda: self.state.clock.since
        self.lab.send_text("ada", "held at the first gate")
        self.lab.send_text("bob", "and this one behind it")
        yield lambda: len(self.state.gates) == 2
        until = time.monotonic() + 1.2
        yield lambda: time.monotonic() > until

    def stepped(self):
        """The first of them was let through to the gate before its consumer, and is selected; then to its replies."""
        for _ in range(3):
            self.lab.step()
            until = time.monotonic() + 0.4
            yield lambda until=until: time.monotonic() > until
        held = next(held for held in self.state.gates.values() if held.gate != "send")
        self.window.stage.select("message", held.key or held.cause)
        yield lambda: any(held.gate == "replies" for held in self.state.gates.values())
        self.lab.step(gate="send")
        yield lambda: any(channel.waiting for channel in self.state.channels.values())
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def slow(self):
        """Slow motion: what is said takes its time at every gate."""
        self.lab.set_speed(0.1)
        yield lambda: self.state.speed < 1
        self.lab.thaw()
        yield lambda: not self.state.clock.since
        for name in ("ada", "bob", "cy", "ada"):
            self.lab.send_text(name, "slowly")
        yield lambda: len(self.state.gates) >= 4
        yield lambda: any(held.gate == "consumer" for held in self.state.gates.values())

    def fast(self):
        """As fast as it goes again; no picture."""
        self.lab.set_speed(1.0)
        yield lambda: self.state.speed == 1 and not self.state.gates

    def killed(self):
        self.lab.set_expiry(15)
        self.lab.kill_all_workers()
        yield lambda: not any(worker.is_alive for worker in self.state.workers.values())
        for number in range(6):
            self.lab.send_text("bob", f"is anyone there? ({number + 1})")
            until = time.monotonic() + 1.6
            yield lambda until=until: time.monotonic() > until
        yield lambda: self.waiting() == 6
        self.window.wire.select("frame", self.frame())
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def presented(self):
        """One panel in large letters: the Stage."""
        self.window.presenter.start(is_full_screen=False)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def presented_wire(self):
        self.window.presenter.show_panel(self.window.wire)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def presented_frame(self):
        self.window.presenter.show_panel(self.window.inspector)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def unpresented(self):
        """Everything as it was; no picture."""
        self.window.presenter.leave()
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def redis(self):
        self.window.bench.bring_up(self.window.redis)
        yield lambda: self.ghosts() >= 2
        until = time.monotonic() + 0.6
        yield lambda: time.monotonic() > until

    def console(self):
        console = self.window.redis.console
        for line in ("lrange asgi:websocket.receive 0 -1", "ttl asgi:websocket.receive", "lrage"):
            console.line.setText(line)
            console.line.returnPressed.emit()
        console.line.setText("zrange ")
        self.window.redis.select("channel", "websocket.receive")
        until = time.monotonic() + 0.6
        yield lambda: time.monotonic() > until

    def group(self):
        self.lab.remove_client("cy")
        yield lambda: any(c.name == "cy" and c.closed for c in self.state.connections.values())
        self.window.redis.console.line.clear()
        for number in range(85):
            self.lab.send_text("bob", f"more ({number + 1})")
        self.window.redis.select("group", "chat-lobby")
        yield lambda: self.waiting() > 60
        until = time.monotonic() + 0.6
        yield lambda: time.monotonic() > until

    def metrics(self):
        self.window.bench.bring_up(self.window.metrics)
        until = time.monotonic() + 1.5
        yield lambda: time.monotonic() > until

    def bots(self):
        self.window.bench.bring_up(self.window.metrics)
        self.lab.start_workers()  # they were killed for an earlier picture, and bots open sockets
        yield lambda: all(worker.status == "idle" for worker in self.state.workers.values())
        for pace in (0, 30):
            runs = len(self.state.herds)
            self.lab.start_bots(count=3, pace=pace, seconds=3)
            yield lambda runs=runs: len(self.state.herds) > runs
        self.window.metrics.bots.click()
        until = time.monotonic() + 1
        yield lambda: time.monotonic() > until

    def journal(self):
        self.window.metrics.bots.setChecked(False)
        self.window.bench.bring_up(self.window.journal)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def session(self):
        path = FOLDER / "talk.cscope"
        self.window.session.save(path)
        self.window.open_capture(path)
        yield lambda: not self.window.session._shown[0].is_reading
        until = time.monotonic() + 1
        yield lambda: time.monotonic() > until
        self.window.transport.play.click()
        until = time.monotonic() + 2
        yield lambda: time.monotonic() > until
        self.window.travel.pause()

    def past(self):
        self.window.back_to_live()
        self.window.transport.notice.hide()
        self.window.bench.bring_up(self.window.redis)
        killed = next(m.t for m in self.window.timeline.markers if m.sort == "kill")
        self.window.travel.go_to_time(killed + 2)
        yield lambda: self.window.travel.is_past
        self.window.redis.foot.compare.setChecked(True)
        self.window.travel.go_to_time(killed + 17)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def workers(self):
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
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def lanes(self):
        """Nearer: the runs of half a second, one of them selected."""
        table = self.window.workers.table
        lane = table.rows["worker-1"].lane
        lane.step(-1)
        start = lane._lane.starts[len(lane._lane.keys) - 8]
        table.head.time.zoom(0.15 / table.head.time.length, start, lane._now)
        table.head.time.reveal(start, lane._now)
        lane._choose(len(lane._lane.keys) - 8)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def handshake(self):
        self.lab.signal_worker("worker-2", "CONT")
        self.window.bench.bring_up(self.window.wire)
        first = next(c for c in self.state.connections.values() if c.name == "ada")
        self.window.wire.select("connection", first.id)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def lessons(self):
        """The list, with something sought in it."""
        self.window.lesson.keeper.note_step("kill-the-worker", "meet")
        until = time.monotonic() + 0.3
        yield lambda: time.monotonic() > until

    def lesson(self):
        self.window.lesson.set_lesson("kill-the-worker")
        # the chat has three clients and three workers, the lesson one of each: until then its set-up is not there
        yield (
            lambda: list(self.state.clients) == ["bob"] and [w.status for w in self.state.workers.values()] == ["idle"]
        )
        yield from self._act(0)
        yield from self._act(1)
        self.window.lesson.view.predicted.emit(1)
        for action in self.window.lesson.watch.step.do:
            self.window.lesson.session.do(action)
        until = time.monotonic() + 3
        yield lambda: time.monotonic() > until

    def _act(self, number: int):
        from panels.lesson.session import Mode

        lesson = self.window.lesson
        yield lambda: lesson.session.mode is Mode.LIVE
        until = time.monotonic() + 0.3
        yield lambda: time.monotonic() > until
        for action in lesson.watch.step.do:
            lesson.session.do(action)
        yield lambda: lesson.watch.done
        lesson.page.next.click()
        yield lambda: lesson.session.walk.number == number + 1

    def capture(self):
        self.window.open_capture(CAPTURE)
        yield lambda: len(self.window.wire.store.index) > 5
        yield lambda: self.window.wire.store.state.capture and self.window.wire.store.state.capture.finished
        self.window.wire.select("frame", self.frame())

    def ladder_live(self):
        self.window.close_capture()
        yield self.lab.set_up(workers=3, expiry=60, clients=["ada", "bob", "cy"]).done
        yield lambda: set(self.state.clients) == {"ada", "bob", "cy"}

        def open_ones():
            return {c.name: c.id for c in self.state.connections.values() if c.name and not c.closed}

        yield lambda: set(open_ones()) == {"ada", "bob", "cy"}
        for number in range(4):
            self.lab.send_text("bob", f"on the ladder, {number + 1}")
            until = time.monotonic() + 0.3
            yield lambda until=until: time.monotonic() > until
        self.window.bench.bring_up(self.window.ladder)
        index = self.window.wire.store.index
        yield lambda: index.rows_of(open_ones()["bob"], "client")
        self.window.wire.select("frame", str(max(index.rows_of(open_ones()["bob"], "client"))))
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def routing(self):
        self.window.bench.bring_up(self.window.routing)
        yield lambda: self.window.routing.explorer
        self.window.routing.explorer.take("websocket.receive", {"path": "/chat/the lobby/", "text": "hello"})
        yield lambda: self.state.explained
        until = time.monotonic() + 0.3
        yield lambda: time.monotonic() > until

    def routing_no_worker(self):
        self.window.routing.explorer.take("chat-messages", {"room": "lobby"})
        until = time.monotonic() + 0.6
        yield lambda: time.monotonic() > until

    def code(self):
        self.window.bench.bring_up(self.window.code)
        yield lambda: self.window.code.desk
        self.window.code.show_consumer("app.demo.consumers.ws_receive")
        until = time.monotonic() + 0.3
        yield lambda: time.monotonic() > until

    def code_wrong(self):
        desk = self.window.code.desk
        text = desk.drafts.text("consumers").replace(
            "@channel_session\ndef ws_receive(", "@chanel_session\ndef ws_receive("
        )
        desk.editor.show_text(text)
        desk.use.click()
        yield lambda: self.state.checked
        until = time.monotonic() + 0.3
        yield lambda: time.monotonic() > until

    def code_talk(self):
        desk = self.window.code.desk
        desk.talk.click()
        desk.use.click()
        yield lambda: self.state.version
        yield lambda: self.versions() == {"talk"}
        desk.difference.click()
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def routing_include(self):
        self.window.code.desk.difference.click()
        self.window.bench.bring_up(self.window.routing)
        before = self.state.explained
        self.window.routing.explorer.take("websocket.receive", {"path": "/chat/lobby/", "text": "hello"})
        yield lambda: self.state.explained is not before
        until = time.monotonic() + 0.3
        yield lambda: time.monotonic() > until

    def code_failed(self):
        self.window.bench.bring_up(self.window.code)
        desk = self.window.code.desk
        text = desk.drafts.text("consumers").replace('said["data"]', 'said["line"]')
        desk.editor.show_text(text)
        desk.use.click()
        yield lambda: self.versions() == {"edited"}
        self.lab.send_text("bob", "hello?")
        yield lambda: any(worker.failed for worker in self.state.workers.values())
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until
        self.window.bench.bring_up(self.window.workers)
        self.window.bench.bring_up(self.window.code)

    def recent(self):
        folder = tempfile.TemporaryDirectory()
        settings = QSettings(f"{folder.name}/settings.ini", QSettings.IniFormat)
        settings.folder = folder
        recent = self.window.transport.recent
        recent.use(settings)
        for path in (BROKEN, CAPTURE.with_name("compressed.pcap"), CAPTURE):
            recent.remember(path)
        yield lambda: recent.isVisible()

    def export(self):
        self.window.bench.bring_up(self.window.wire)
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def export_dialog(self):
        yield lambda: True

    def ladder(self):
        self.window.bench.bring_up(self.window.ladder)
        self.window.wire.select("frame", self.frame(opcode=9))
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def violations(self):
        self.window.open_capture(BROKEN)
        yield lambda: self.window.wire.store.state.capture and self.window.wire.store.state.capture.finished
        index = self.window.wire.store.index
        self.window.wire.select("frame", str(next(r for r in index.rows if index.row(r).violations)))
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def fallen(self):
        """The index is full: the oldest frames fall off, also one that somebody looks at."""
        self.window.close_capture()
        yield self.lab.set_up(workers=3, expiry=60, clients=["ada", "bob", "cy"]).done
        yield lambda: set(self.state.clients) == {"ada", "bob", "cy"}
        index = self.lab.index
        index._limit, index._rows = 64, 4
        self.window.bench.bring_up(self.window.wire)
        for number in range(40):
            self.lab.send_text(("ada", "bob", "cy")[number % 3], f"line {number}")
            until = time.monotonic() + 0.05
            yield lambda until=until: time.monotonic() > until
            if number == 8:
                self.window.wire.select("frame", self.frame())
        yield lambda: self.window.wire.store.index.dropped > 60

    def pushed(self):
        """Events came for so long that the moment of the past that is looked at is no longer kept."""
        store = self.window.live.store
        self.window.travel.go_to_time(store.since(0)[len(store.since(0)) // 2].t)
        yield lambda: self.window.travel.is_past
        store._limit, store._apart = 200, 20
        for number in range(40):
            self.lab.send_text(("ada", "bob", "cy")[number % 3], f"more {number}")
            until = time.monotonic() + 0.05
            yield lambda until=until: time.monotonic() > until
        yield lambda: store.pushed
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until


STATES = (
    "chat", "presented", "presented_wire", "presented_frame", "unpresented", "frozen", "stepped", "slow", "fast",
    "killed", "redis", "console", "group", "metrics", "bots", "journal", "session",
    "past", "workers", "lanes", "routing", "routing_no_worker", "code", "code_wrong", "code_talk", "routing_include",
    "code_failed",
    "handshake", "lessons", "lesson", "capture", "ladder", "violations", "recent", "export", "export_dialog",
    "fallen", "pushed",
)  # fmt: skip


def main(wanted: list[str]) -> int:
    """Play the story, or only lessons where nothing else is wanted; returns the exit status."""
    lessons = [state for state in LESSONS if not wanted or state in wanted]
    others = STATES if set(wanted) - set(LESSONS) or not wanted else ()
    return run("tests.shots", Tour, (*others, *lessons), wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
