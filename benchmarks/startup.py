# SPDX-License-Identifier: GPL-3.0-or-later
"""Time from `python main.py` to window painted and chat page answering, as a ratio to the bare parts in a row.

The bare parts, measured in the same run: a bare PyQt5 window shown; a Redis server to PONG; `import django, uvicorn` in
a child. Medians of RUNS interleaved runs, under Xvfb when there is no display. The aim is a ratio of at most 2.0.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from app.ports import next_free  # noqa: E402
from app.redis_server.find import find_server  # noqa: E402

RUNS = 5
PATIENCE = 30.0  # seconds

BARE_WINDOW = """
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1440, 900)
window.show()
QTimer.singleShot(0, app.quit)
app.exec_()
"""

# main.py as it is, with somebody who notes when the window has been painted for the first time.
WATCHED = """
import os, sys, threading, time
def watch():
    while not hasattr(sys.modules.get("panels.window"), "Window"):
        time.sleep(0.001)
    Window = sys.modules["panels.window"].Window
    def paintEvent(self, event):
        super(Window, self).paintEvent(event)
        sys.modules["PyQt5.QtCore"].QTimer.singleShot(0, lambda: open(os.environ["PAINTED"], "w").close())
    Window.paintEvent = paintEvent
threading.Thread(target=watch, daemon=True).start()
from app.commands.line import main
sys.exit(main(sys.argv[1:]))
"""


def bare_window() -> float:
    """Return seconds from process start to a painted empty window and its end."""
    return _timed([sys.executable, "-c", BARE_WINDOW])


def bare_imports() -> float:
    """Return seconds of a child that imports Django and uvicorn."""
    return _timed([sys.executable, "-c", "import django, uvicorn"])


def bare_redis() -> float:
    """Return seconds from the start of a Redis server to its PONG."""
    import redis

    folder = Path(tempfile.mkdtemp())
    began = time.perf_counter()
    options = ["--port", "0", "--unixsocket", str(folder / "r.sock"), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([find_server(), *options], stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(unix_socket_path=str(folder / "r.sock")) as client:
            while True:
                try:
                    client.ping()
                    return time.perf_counter() - began
                except redis.RedisError:
                    time.sleep(0.001)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def whole_program() -> float:
    """Return seconds from process start until the window is painted and the chat page answers."""
    port = next_free("127.0.0.1", 18000)
    with tempfile.TemporaryDirectory() as folder:
        painted = Path(folder) / "painted"
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", WATCHED, "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "PAINTED": str(painted)},
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for_page(f"http://127.0.0.1:{port}/", began)
            while not painted.exists():
                if time.perf_counter() - began > PATIENCE:
                    raise TimeoutError("the window was not painted")
                time.sleep(0.002)
            return time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(20)


def _wait_for_page(url: str, began: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                if response.status == 200:
                    return
        except OSError:
            if time.perf_counter() - began > PATIENCE:
                raise
            time.sleep(0.005)


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        os.execvp("xvfb-run", ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, __file__])
    parts = {"bare window": bare_window, "Redis to PONG": bare_redis, "import django, uvicorn": bare_imports}
    times: dict[str, list[float]] = {name: [] for name in [*parts, "whole program"]}
    whole_program()  # the first start compiles and warms the file cache
    for _ in range(RUNS):
        for name, part in parts.items():
            times[name].append(part())
        times["whole program"].append(whole_program())
    medians = {name: statistics.median(values) for name, values in times.items()}
    bare = sum(medians[name] for name in parts)
    for name, value in medians.items():
        print(f"{name:<24} {value * 1000:7.0f} ms")
    print(f"{'bare parts together':<24} {bare * 1000:7.0f} ms")
    print(f"ratio {medians['whole program'] / bare:.2f}  (aim: at most 2.0; {os.cpu_count()} cores, {RUNS} runs)")


if __name__ == "__main__":
    main()
