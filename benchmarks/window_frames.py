# SPDX-License-Identifier: GPL-3.0-or-later
"""The window on a live system under load: its frame time beside that of a bare window.

Run as a program it shows the window until stdin ends, and prints the port that the system serves: what
benchmarks/window_observed.py looks at.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ["PYQTGRAPH_QT_LIB"] = "PyQt5"

import pyqtgraph as pg
from PyQt5.QtCore import QCoreApplication, QEventLoop, QSocketNotifier, Qt, QTimer
from PyQt5.QtWidgets import (
    QApplication,
    QGraphicsScene,
    QGraphicsView,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)  # fmt: skip
from window_capture import p99
from window_observed import settings

from app.events import FrameSeen
from app.frame_columns import DIRECTIONS
from app.lab import Lab
from panels.priority import give_way, go_first
from panels.theme import Theme
from panels.window import SIZE, Window

TABS = ("wire", "ladder", "redis", "workers", "metrics", "journal")
PERIOD = 1 / 30
PATIENCE = 30.0  # seconds
TURN = 100  # milliseconds
ROOM, PEOPLE, SIZE_OF_TEXT = "/room/", 20, 64
DOTS, ROWS, POINTS = 40, 30, 120  # of the bare window


class Bare(QWidget):
    """A scene, a table of 30 rows and a plot of two curves, all of it changed with every frame."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = QGraphicsScene(0, 0, 900, 400)
        self.dots = [self.scene.addEllipse(0, 0, 10, 10) for _ in range(DOTS)]
        self.table = QTableWidget(ROWS, 8)
        for row in range(ROWS):
            for column in range(8):
                self.table.setItem(row, column, QTableWidgetItem("0"))
        self.plot = pg.PlotWidget()
        self.curves = [self.plot.plot(), self.plot.plot()]
        top, whole = QHBoxLayout(), QVBoxLayout(self)
        top.addWidget(QGraphicsView(self.scene))
        top.addWidget(self.plot)
        whole.addLayout(top)
        whole.addWidget(self.table)
        self.resize(*SIZE)

    def change(self, number: int) -> None:
        """Move the dots, write into the table, move the curves on."""
        for n, dot in enumerate(self.dots):
            dot.setPos((number * 7 + n * 23) % 900, n * 10)
        for row in range(ROWS):
            self.table.item(row, number % 8).setText(str(number * row))
        times = range(POINTS)
        for n, curve in enumerate(self.curves):
            curve.setData(list(times), [math.sin((t + number) / 9 + n) for t in times])


@contextmanager
def on_load(frames: float, seconds: float, port: int, path: str) -> Iterator[subprocess.Popen]:
    """Let people in a room talk, so that so many frames a second are on the wire; with `/echo/`, let each be echoed."""
    how = {"connections": PEOPLE, "seconds": seconds, "size": SIZE_OF_TEXT, "pids": []}
    is_room = path == ROOM
    how |= {"mode": "room" if is_room else "paced", "rate": frames / (PEOPLE + 1) if is_room else frames}
    how["url"] = f"ws://127.0.0.1:{port}{path}"
    argv = [sys.executable, str(Path(__file__).parent / "ws_load.py"), json.dumps(how)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


class Looker:
    """The window on a live system."""

    def __init__(self) -> None:
        self.app = QApplication(["benchmark"])
        theme = Theme("dark")
        theme.apply(self.app)
        self.lab = Lab(settings())
        self.window = Window(self.lab, theme, remembers=False)
        self.window.show()
        self.lab.start()
        give_way()
        go_first(self.lab.right_of_way)
        self._alarm = QTimer(singleShot=True, timerType=Qt.PreciseTimer)
        self.turned: list[float] = []  # how long it took to bring up a tab, until it was painted
        self.front: dict[str, list[float]] = {}  # frame times by the tab in front
        self.until(lambda: self.lab.address and any(w.status == "idle" for w in self.state.workers.values()))
        self.port = urlsplit(self.lab.address).port

    @property
    def state(self):
        """What the window knows."""
        return self.window.live.store.state

    def until(self, condition: Callable[[], object], patience: float = PATIENCE) -> None:
        """Let events happen until something is so."""
        end = time.perf_counter() + patience
        while not condition():
            self.app.processEvents(QEventLoop.AllEvents, TURN)  # on a busy machine there is always one more to come
            time.sleep(0.002)
            if time.perf_counter() > end:
                raise TimeoutError

    def rest(self, seconds: float) -> None:
        """Let events happen for some time."""
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() > end, seconds + PATIENCE)

    def frames(self, seconds: float, change: Callable[[int], None]) -> list[float]:
        """Change what is shown 30 times a second; return how long after it was due each was painted.

        In between Qt's loop waits for events, as it does in the program.
        """
        times, due = [], time.perf_counter()
        end = due + seconds
        while due < end:
            while (left := due - time.perf_counter()) > 0:
                self._alarm.start(max(round(left * 1000), 1))
                self.app.processEvents(QEventLoop.WaitForMoreEvents)
            change(len(times))
            self.app.processEvents()
            QCoreApplication.sendPostedEvents()
            self.app.processEvents()
            now = time.perf_counter()
            times.append(now - due)
            due = max(due + PERIOD, now)
        return times

    def fill(self) -> None:
        """Let the index be as full as it will ever be, with frames that never happened, and the Wire table too.

        They are as the load's are: a connection's client and server in turn, and the client's key is always the same.
        """
        index, payload = self.lab.index, b"x" * SIZE_OF_TEXT
        kinds = {
            "client": (bytes((0x81, 0x80 | SIZE_OF_TEXT)) + bytes(4) + payload, ("WS-13",)),
            "server": (bytes((0x81, SIZE_OF_TEXT)) + payload, ()),
        }
        for n in range(index.limit):
            connection, direction = f"earlier-{n // 2 % PEOPLE}", DIRECTIONS[n % 2]
            frame, rules = kinds[direction]
            offset, head = n // 2 // PEOPLE * len(frame), len(frame) - SIZE_OF_TEXT
            index.spool.add(connection, direction, offset, frame)
            index.append(time.time(), connection, direction, frame[0], frame[1], head, SIZE_OF_TEXT, offset, rules)
        told = {"connection": connection, "direction": "server", "row": index.end - 1, "opcode": 1, "fin": True}
        self.lab.inbox.put(
            FrameSeen(t=time.time(), source="server", length=SIZE_OF_TEXT, masked=False, violations=(), **told)
        )
        self.until(lambda: len(self.window.wire.rows.items) >= len(index))

    def close(self) -> None:
        """End it all."""
        self.window.close()
        self.lab.stop()


def compare(pairs: int, seconds: float, rate: float) -> float:
    """Print frame times of the window and of a bare one under the same load; return the median ratio of their p99."""
    from statistics import median

    from window_load import say

    looker, bare = Looker(), Bare()
    whole = (pairs + 1) * (2 * seconds + 6)
    print(f"{rate:.0f} frames/s on the wire: {PEOPLE} people in a room; {pairs} pairs of {seconds:g} s")
    found: dict[str, list[list[float]]] = {"window": [], "bare": []}
    with on_load(rate, whole, looker.port, ROOM):
        looker.rest(2)
        for pair in range(-1, pairs):
            for name in ("window", "bare") if pair % 2 else ("bare", "window"):
                times = window_frames(looker, seconds) if name == "window" else bare_frames(looker, bare, seconds)
                if pair >= 0:  # the first is for warming up
                    found[name].append(times)
        frames = len(looker.lab.index)
    for name, rounds in found.items():
        say(f"{name} p50", [1e3 * median(times) for times in rounds], "ms")
        say(f"{name} p99", [1e3 * p99(times) for times in rounds], "ms")
        say(f"{name} most", [1e3 * max(times) for times in rounds], "ms")
    for name, times in looker.front.items():
        print(f"    {name:8} p50 {1e3 * median(times):6.2f} ms, p99 {1e3 * p99(times):6.2f} ms")
    say("tab change", [1e3 * seconds for seconds in looker.turned], "ms, no frame")
    ratios = [p99(mine) / p99(theirs) for mine, theirs in zip(*found.values(), strict=True)]
    say("p99 ratio", ratios, "")
    print(f"{frames:,} frames, {looker.state.events_dropped} events dropped")
    looker.close()
    return median(ratios)


def window_frames(looker: Looker, seconds: float) -> list[float]:
    """Measure the window with each tab in front in turn; bringing one up is no frame."""
    window, times = looker.window, []
    window.show()
    window._clock.start()
    window.live.stop()
    front: dict[str, list[float]] = looker.front
    for name in TABS:
        began = time.perf_counter()
        window.bench.bring_up(getattr(window, name))
        looker.frames(PERIOD, lambda _: window.live.drain())  # what was to be shown anew is painted
        looker.turned.append(time.perf_counter() - began)
        looker.frames(0.5, lambda _: window.live.drain())  # and what came meanwhile is taken in
        part = looker.frames(seconds / len(TABS), lambda _: window.live.drain())
        front.setdefault(name, []).extend(part)
        times += part
    return times


def bare_frames(looker: Looker, bare: Bare, seconds: float) -> list[float]:
    """Measure the bare window; what happens on the wire is decoded meanwhile and thrown away."""
    window = looker.window
    window._clock.stop()
    window.hide()
    bare.show()
    looker.frames(0.5, bare.change)

    def change(number: int) -> None:
        window.lab.inbox.take()
        bare.change(number)

    times = looker.frames(seconds, change)
    bare.hide()
    return times


def serve() -> None:
    """Show the window until stdin ends."""
    looker = Looker()
    print(looker.port, flush=True)
    end = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Read)
    end.activated.connect(looker.app.quit)
    looker.app.exec_()
    looker.close()


if __name__ == "__main__":
    serve()
