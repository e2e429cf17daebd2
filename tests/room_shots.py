# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.room_shots`: pictures of workers with other channels, one of them while a channel is carried."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

from tests.shots import FOLDER, _take, _wait


class Room:
    """The states, one after the other; each generator waits by yielding conditions."""

    def __init__(self, window, lab) -> None:
        self.window, self.lab = window, lab

    @property
    def state(self):
        return self.window.live.store.state

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
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

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
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def guest(self):
        """The same without the card in front of it."""
        self.window.transport.room.toggle()
        self.window.stage.notice.hide()
        until = time.monotonic() + 0.5
        yield lambda: time.monotonic() > until

    def _carry(self, channel: str, worker: str) -> None:
        from panels.stage.drag import Drag

        canvas = self.window.stage.canvas
        start, end = (canvas.spot(spot).rect.center() for spot in (f"lane:{channel}", f"worker:{worker}"))
        canvas._drag = Drag(channel, start, start)
        canvas._drag.move(end)
        canvas.update()


STATES = ("duties", "room", "guest")


def main(wanted: list[str]) -> int:
    """Play the story and write the pictures; returns the exit status."""
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        words = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, "-m", "tests.room_shots", *wanted]
        os.execvp(words[0], words)
    os.environ["PYQTGRAPH_QT_LIB"] = "PyQt5"
    from PyQt5.QtWidgets import QApplication

    from app.lab import Lab
    from app.settings import Settings
    from panels.theme import Theme
    from panels.window import Window

    FOLDER.mkdir(exist_ok=True)
    lab = Lab(Settings(port=0))
    lab.start()
    try:
        app = QApplication(["channelscope"])
        theme = Theme("dark")
        theme.apply(app)
        window = Window(lab, theme, remembers=False)
        window.show()
        room = Room(window, lab)
        _wait(app, lambda: lab.address and sum(w.status == "idle" for w in room.state.workers.values()) == 3)
        for state in STATES:
            for condition in getattr(room, state)():
                _wait(app, condition, state)
            if not wanted or state in wanted:
                _take(app, window, state)
        room.laptop.terminate()
        room.laptop.wait(10)
        window.close()
    finally:
        lab.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
