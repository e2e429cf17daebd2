# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a story in the real window, with the live system in it, and takes pictures of its states."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

FOLDER = Path("shots")
SIZES = ((1440, 900), (1280, 720))
THEMES = ("dark", "light")
PATIENCE = 60.0  # seconds for a state to come about
MOMENT = 0.35  # seconds until a window is painted in its new size
Conditions = Iterator[Callable[[], object]]


def moment(seconds: float) -> Conditions:
    """Wait a little."""
    until = time.monotonic() + seconds
    yield lambda: time.monotonic() > until


class Story:
    """A method for each state; it is a generator, which waits by yielding conditions."""

    popups: dict[str, Callable] = {}  # by state: opens what lies over the window, and returns it

    def __init__(self, window, lab) -> None:
        self.window = window
        self.lab = lab

    @property
    def state(self):
        return self.window.live.store.state

    def frame(self, opcode: int = 1, direction: str = "client") -> str:
        """The newest frame of a kind."""
        index = self.window.wire.store.index
        rows = [r for r in map(index.row, index.rows) if r.opcode == opcode and r.direction == direction]
        return str(rows[-1].row)

    def play(self, name: str) -> Conditions:
        """Bring a state about."""
        return getattr(self, name)()

    def end(self) -> None:
        """After the last picture."""


def run(module: str, make_story: type[Story], states: Iterable[str], wanted: list[str]) -> int:
    """Play the states in their order, and write pictures of those that are wanted, or all; returns the exit status."""
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        words = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, "-m", module, *wanted]
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
        story = make_story(window, lab)
        _wait(app, lambda: lab.address and sum(w.status == "idle" for w in story.state.workers.values()) == 3)
        for state in states:
            for condition in story.play(state):
                _wait(app, condition, state)
            if not wanted or state in wanted:
                _take(app, window, state, story.popups.get(state))
        story.end()
        window.close()
    finally:
        lab.stop()
    return 0


def _take(app, window, state: str, popup: Callable | None) -> None:
    for theme in THEMES:
        window.set_theme(theme)
        for width, height in SIZES:
            window.resize(width, height)
            _rest(app)
            over = popup(window) if popup else None
            if over is not None:
                _rest(app)
            picture = window.grab() if over is None else app.primaryScreen().grabWindow(0, *window.geometry().getRect())
            picture.save(str(FOLDER / f"{state}-{theme}-{width}x{height}.png"))
            if over is not None:
                over.close()
    window.set_theme("dark")
    window.resize(*SIZES[0])


def _rest(app) -> None:
    end = time.monotonic() + MOMENT
    _wait(app, lambda: time.monotonic() > end)


def _wait(app, condition, what: str = "") -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        app.processEvents()
        time.sleep(0.003)
        if time.monotonic() > end:
            raise TimeoutError(f"the state {what!r} did not come about")
