# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.room_shots`: pictures of workers with other channels, one of them while a channel is carried."""

from __future__ import annotations

import subprocess
import sys

from tests.shot_runner import Story, moment, run


class Room(Story):
    """Others join in."""

    def end(self) -> None:
        """The laptop is closed."""
        self.laptop.terminate()
        self.laptop.wait(10)

    def duties(self):
        """Two workers have channels of their own, a third is about to get one."""
        for name in ("ada", "bob"):
            self.lab.add_client(name)
        self.window.bench.bring_up(self.window.workers)
        self.lab.assign_channels("worker-2", exclude=["http.request"])
        yield lambda: "http.request" not in self.state.workers["worker-2"].channels
        stage = self.window.stage
        stage._take_drop("websocket.receive", "worker-1")
        yield lambda: self.state.workers["worker-1"].channels == ("websocket.receive",)
        stage.select("worker", "worker-1")
        self._carry("http.request", "worker-3")
        yield from moment(0.5)

    def room(self):
        """Both doors are open, a guest works along."""
        self.window.stage.canvas._drag = None
        self.lab.share(address="127.0.0.2")
        self.lab.invite(address="127.0.0.2")
        yield lambda: self.state.sources.get("invitation") and self.state.sources["invitation"].status == "ready"
        command = [sys.executable, "main.py", "worker", "--name", "lenas-laptop", "--join"]
        code = self.state.sources["invitation"].detail
        self.laptop = subprocess.Popen([*command, code], stdout=subprocess.DEVNULL)
        yield lambda: (w := self.state.workers.get("lenas-laptop")) and w.status == "idle"
        self.window.stage.select("worker", "lenas-laptop")
        self.window.transport.room.toggle()
        yield from moment(0.5)

    def guest(self):
        """The same without the card in front of it."""
        self.window.transport.room.toggle()
        self.window.stage.notice.hide()
        yield from moment(0.5)

    def _carry(self, channel: str, worker: str) -> None:
        from panels.stage.drag import Drag

        canvas = self.window.stage.canvas
        start, end = (canvas.spot(spot).rect.center() for spot in (f"lane:{channel}", f"worker:{worker}"))
        canvas._drag = Drag(channel, start, start)
        canvas._drag.move(end)
        canvas.update()


STATES = ("duties", "room", "guest")


if __name__ == "__main__":
    sys.exit(run("tests.room_shots", Room, STATES, sys.argv[1:]))
