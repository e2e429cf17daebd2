# SPDX-License-Identifier: GPL-3.0-or-later
"""The window while it opens, scrolls and filters a capture of a million packets, against the same window at rest.

    python benchmarks/window_capture.py [--packets 1000000] [--file FILE] [--rounds 3]

A frame is one step down in a table with its repaint, 30 times a second; its time is from when it was due until it is
painted, so a window that is held up by reading shows in it. Every round opens the file, scrolls while it is read, then
scrolls as many steps over the same rows with nothing else to do: that is the idle window. The jump to the top before
the first step is no frame: it paints a screen of rows where a step paints one. Limits: p99 while loading <= 1.5 of that
of the idle window, first rows on the screen within 0.3 s. CPU is what the window's thread used for each frame, whatever
else the machine does; the load average says whether that was much. Runs under Xvfb when there is no display.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["PYQTGRAPH_QT_LIB"] = "PyQt5"

LIMIT, FIRST_LIMIT = 1.5, 0.3
PERIOD = 1 / 30
LADDER = 30  # frames
PATIENCE = 60.0  # seconds


def main() -> int:
    """Measure and print; returns 0 when the limits are held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--file", type=Path, help="use this capture instead of making one")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        os.execvp(screen[0], [*screen, sys.executable, __file__, *sys.argv[1:]])
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = args.file or Path(folder) / "big.pcap"
        if not args.file:
            from capture_traffic import traffic

            traffic(path, args.packets)
        return measure(path, args.rounds)


def measure(path: Path, rounds: int) -> int:
    """Open a capture in the window, again and again, and print what was measured."""
    from PyQt5.QtWidgets import QApplication

    from app.lab import Lab
    from app.settings import Settings
    from panels.theme import Theme
    from panels.window import Window

    app = QApplication(["benchmark"])
    theme = Theme("dark")
    theme.apply(app)
    window = Window(Lab(Settings(port=0)), theme, remembers=False)
    window.show()
    run = Run(app, window)
    for _ in range(rounds):
        run.once(path)
    idle = run.phases["idle"]
    rows, first, loaded = len(window.wire.store.index), run.firsts, run.loads
    print(f"{rows} frames, loaded in {_each(loaded, 1)} s; first rows on the screen after {_each(first, 2)} s")
    for name, frames in run.phases.items():
        say(name, frames, idle)
    ratio, worst = p99(wall(run.phases["loading"])) / p99(wall(idle)), max(first)
    print(f"loading / idle {ratio:.2f} (limit {LIMIT}), first rows {worst:.2f} s (limit {FIRST_LIMIT} s)")
    print(f"load average over a minute {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    window.close()
    return 0 if ratio <= LIMIT and worst <= FIRST_LIMIT else 1


def _each(times: list[float], digits: int) -> str:
    return ", ".join(f"{time:.{digits}f}" for time in times)


Frames = list[tuple[float, float]]  # seconds from when each was due until it was painted, and of CPU


class Run:
    """Moves the window as a user and Qt's event loop do."""

    def __init__(self, app, window) -> None:
        self.app = app
        self.window = window
        self.phases: dict[str, Frames] = {}
        self.firsts: list[float] = []  # seconds
        self.loads: list[float] = []

    def once(self, path: Path) -> None:
        """Open, scroll, filter and follow once."""
        window, began = self.window, time.perf_counter()
        window.open_capture(path)
        self.until(lambda: window.wire.model.rowCount() > 0)
        window.wire.table.viewport().repaint()
        self.firsts.append(time.perf_counter() - began)
        steps = self.scroll("loading", lambda _: self.is_read())
        self.loads.append(time.perf_counter() - began)
        self.scroll("idle", lambda step: step == steps)
        self.filter("opcode == CLOSE or length > 60000")
        self.scroll("filtering", lambda _: not window.wire.is_filtering)
        self.filter("")
        window.bench.bring_up(window.ladder)
        self.until(lambda: len(window.ladder.rows) > 0)
        window.wire.select("frame", str(len(window.wire.store.index) - 1))
        self.scroll("to the last row's ladder", lambda step: step == LADDER)
        window.bench.bring_up(window.wire)

    def filter(self, text: str) -> None:
        """Type a filter."""
        self.window.wire.filter_line.setText(text)
        self.window.wire.filter_line.apply()

    def is_read(self) -> bool:
        """Whether the open capture is read to its end."""
        capture = self.window.wire.store.state.capture
        return capture is not None and capture.finished

    def until(self, condition: Callable[[], bool]) -> None:
        """Let events happen until something is so."""
        end = time.perf_counter() + PATIENCE
        while not condition():
            self.app.processEvents()
            time.sleep(0.001)
            if time.perf_counter() > end:
                raise TimeoutError

    def scroll(self, phase: str, is_done: Callable[[int], bool]) -> int:
        """Scroll down from the top, 30 steps a second, and note how long each took; returns how many it took."""
        table = self.window.wire.table if self.window.wire.isVisible() else self.window.ladder.view
        bar, step, frames = table.verticalScrollBar(), 0, self.phases.setdefault(phase, [])
        bar.setValue(0)
        table.viewport().repaint()
        due, cpu = time.perf_counter(), time.thread_time()
        end = due + PATIENCE
        while not is_done(step) and time.perf_counter() < end:
            while time.perf_counter() < due:
                self.app.processEvents()
                time.sleep(0.0005)
            step += 1
            bar.setValue((step * 23) % max(bar.maximum(), 1))
            table.viewport().repaint()
            now, used = time.perf_counter(), time.thread_time()
            frames.append((now - due, used - cpu))
            due, cpu = max(due + PERIOD, now), used
        return step


def wall(frames: Frames) -> list[float]:
    """Return how long each frame took."""
    return [frame[0] for frame in frames]


def p99(times: list[float]) -> float:
    """Return the time that only one frame in a hundred takes longer than."""
    return sorted(times)[min(int(len(times) * 0.99), len(times) - 1)] if times else 0.0


def say(name: str, frames: Frames, idle: Frames) -> None:
    """Print the numbers of one phase."""
    times, cpu = wall(frames), p99([frame[1] for frame in frames])
    median = sorted(times)[len(times) // 2] if times else 0.0
    share = p99(times) / p99(wall(idle))
    print(
        f"{name:>26}: {len(times):5} frames, median {median * 1000:5.1f} ms, p99 {p99(times) * 1000:5.1f} ms, "
        f"longest {max(times, default=0) * 1000:5.1f} ms, p99 / idle {share:.2f}, p99 of CPU {cpu * 1000:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
