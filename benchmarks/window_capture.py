# SPDX-License-Identifier: GPL-3.0-or-later
"""The window while it opens, scrolls and filters a capture of a million packets, against an idle one in the same run.

    python benchmarks/window_capture.py [--packets 1000000] [--file FILE]

A frame is one step down in a table with its repaint, 30 times a second; its time is from when it was due until it is
painted, so a window that is held up by reading shows in it. Limits: p99 while loading <= 1.5 of that of the idle window
that scrolls the same table, first rows on the screen within 0.3 s. Runs under Xvfb when there is no display.
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

SMALL = ROOT / "captures" / "drawing.pcap"
LIMIT, FIRST_LIMIT = 1.5, 0.3
PERIOD = 1 / 30
IDLE = 4.0  # seconds
PATIENCE = 60.0


def main() -> int:
    """Measure and print; returns 0 when the limits are held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--file", type=Path, help="use this capture instead of making one")
    args = parser.parse_args()
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        os.execvp(screen[0], [*screen, sys.executable, __file__, *sys.argv[1:]])
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = args.file or Path(folder) / "big.pcap"
        if not args.file:
            from capture_traffic import traffic

            traffic(path, args.packets)
        return measure(path)


def measure(path: Path) -> int:
    """Open a capture in the window, print what was measured."""
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
    window.open_capture(SMALL)
    run.until(run.is_read)
    idle = run.scroll(lambda: False, IDLE)
    window.close_capture()

    began = time.perf_counter()
    window.open_capture(path)
    run.until(lambda: window.wire.model.rowCount() > 0)
    window.wire.table.viewport().repaint()
    first = time.perf_counter() - began
    loading = run.scroll(run.is_read, PATIENCE)
    loaded = time.perf_counter() - began
    after = run.scroll(lambda: False, IDLE)
    window.wire.filter_line.setText("opcode == CLOSE or length > 60000")
    window.wire.filter_line.apply()
    filtering = run.scroll(lambda: not window.wire.is_filtering, PATIENCE)
    rows = len(window.wire.store.index)
    window.wire.filter_line.setText("")
    window.wire.filter_line.apply()
    window.bench.bring_up(window.ladder)
    run.until(lambda: len(window.ladder.rows) > 0)
    window.wire.select("frame", str(rows - 1))
    following = run.scroll(lambda: False, 1.0)
    print(f"{rows} frames, loaded in {loaded:.1f} s; first rows on the screen after {first:.2f} s")
    for name, times in (("idle", idle), ("loading", loading), ("loaded", after), ("filtering", filtering),
                        ("to the last row's ladder", following)):  # fmt: skip
        say(name, times, idle)
    ratio = p99(loading) / p99(idle)
    print(f"loading / idle {ratio:.2f} (limit {LIMIT}), first rows {first:.2f} s (limit {FIRST_LIMIT} s)")
    window.close()
    return 0 if ratio <= LIMIT and first <= FIRST_LIMIT else 1


class Run:
    """Moves the window as a user and Qt's event loop do."""

    def __init__(self, app, window) -> None:
        self.app = app
        self.window = window

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

    def scroll(self, is_done: Callable[[], bool], seconds: float) -> list[float]:
        """Scroll to and fro, 30 steps a second; returns how long each took from when it was due until painted."""
        table = self.window.wire.table if self.window.wire.isVisible() else self.window.ladder.view
        bar, times, step = table.verticalScrollBar(), [], 0
        end = time.perf_counter() + seconds
        due = time.perf_counter()
        while not is_done() and time.perf_counter() < end:
            while time.perf_counter() < due:
                self.app.processEvents()
                time.sleep(0.0005)
            step += 1
            bar.setValue((step * 23) % max(bar.maximum(), 1))
            table.viewport().repaint()
            now = time.perf_counter()
            times.append(now - due)
            due = max(due + PERIOD, now)
        return times


def p99(times: list[float]) -> float:
    """Return the time that only one frame in a hundred takes longer than."""
    return sorted(times)[min(int(len(times) * 0.99), len(times) - 1)] if times else 0.0


def say(name: str, times: list[float], idle: list[float]) -> None:
    """Print the numbers of one phase."""
    median = sorted(times)[len(times) // 2] if times else 0.0
    share = p99(times) / p99(idle)
    print(
        f"{name:>26}: {len(times):5} frames, median {median * 1000:6.1f} ms, p99 {p99(times) * 1000:6.1f} ms, "
        f"longest {max(times, default=0) * 1000:6.1f} ms, p99 / idle {share:.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
