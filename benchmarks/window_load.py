# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window takes to scroll a long table and to travel in a long session, against a bare table and a limit.

    python benchmarks/window_load.py [--only scroll|seek] [--pairs 7]

scroll: a Wire table of 1 000 000 rows ÷ a bare QTableView over a constant model, steps a second, in pairs whose order
alternates: >= 0.9. seek: anywhere in 50 000 events, until the window is painted, whichever tab is in front: <= 100 ms.
Cores and load are said. Runs under Xvfb when there is no display.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ["PYQTGRAPH_QT_LIB"] = "PyQt5"

SCROLL, SEEK = 0.9, 0.1  # the least ratio of steps a second, the most seconds
PARTS = ("scroll", "seek")


def main() -> int:
    """Measure and print; returns 0 when the limits are held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--pairs", type=int, default=7)
    args = parser.parse_args()
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        os.execvp(screen[0], [*screen, sys.executable, __file__, *sys.argv[1:]])
    print(f"{os.cpu_count()} cores, load average over a minute {os.getloadavg()[0]:.1f}", flush=True)
    missed = sum(run(part, args.pairs) for part in PARTS if args.only in (None, part))
    print("all limits held" if not missed else f"{missed} limits MISSED")
    return bool(missed)


def run(part: str, pairs: int) -> bool:
    """Measure one part in a window of its own; returns whether it misses its limit."""
    import window_still
    from PyQt5.QtWidgets import QApplication

    from app.lab import Lab
    from app.settings import Settings
    from panels.theme import Theme
    from panels.window import Window

    app = QApplication.instance() or QApplication(["benchmark"])
    theme = Theme("dark")
    theme.apply(app)
    lab = Lab(Settings(port=0))  # never started
    window = Window(lab, theme, remembers=False)
    window.show()
    app.processEvents()
    if part == "scroll":
        found = window_still.scroll(window, app, pairs)
        is_missed = found < SCROLL
        print(f"scroll: {found:.2f} of the steps/s of a bare table (at least {SCROLL}){': MISSED' * is_missed}")
    else:
        found = window_still.seek(window, app)
        is_missed = found > SEEK
        print(f"seek: {found * 1e3:.0f} ms at most (limit {SEEK * 1e3:.0f} ms){': MISSED' * is_missed}")
    window.close()
    lab.index.spool.close()
    return is_missed


if __name__ == "__main__":
    sys.exit(main())
