# SPDX-License-Identifier: GPL-3.0-or-later
"""What observing costs the observed, and how the window bears load: issue 8's five measurements, each beside a peer.

    python benchmarks/window_load.py --only latency|cpu|frames|scroll|seek|memory [--pairs 7] [--seconds 3]

latency  p50 of an echo through server, Redis and a worker at 2 000 frames a second from clients, with the window
         looking on ÷ without anybody (no tap, no events): at most 1.10
cpu      CPU of server, worker and Redis for each of these messages, in the same way: at most 1.35
frames   frame time p99 of the window at 10 000 frames a second on the wire, each tab in turn in front ÷ that of a bare
         scene, a table of 30 rows and a plot of two curves in the same process under the same load: at most 1.5
scroll   steps a second of a Wire table of a million rows ÷ a plain table over a constant model: at least 0.9
seek     from a click on the Timeline of 50 000 events until the window is painted: at most 100 ms
memory   growth of the window's process in the second half of --minutes 30, as a share: at most 0.02; its index of
         frames and its Wire table are filled to their limit before

Both sides alternate, each pair in the other order; figures are medians, with the spread. On fewer than 4 cores loads
are a quarter. Runs under Xvfb when there is no display.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["PYQTGRAPH_QT_LIB"] = "PyQt5"

LATENCY, CPU, FRAMES, SCROLL, SEEK, MEMORY = 1.10, 1.35, 1.5, 0.9, 0.1, 0.02
FEW_CORES = 4


def main() -> int:
    """Measure one part and print; returns 0 when its limit is held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(PARTS), required=True)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one measurement")
    parser.add_argument("--minutes", type=float, default=30.0, help="of the part memory")
    args = parser.parse_args()
    if "DISPLAY" not in os.environ and shutil.which("xvfb-run"):
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        os.execvp(screen[0], [*screen, sys.executable, __file__, *sys.argv[1:]])
    share = 1 if (os.cpu_count() or 1) >= FEW_CORES else 0.25
    print(f"{os.cpu_count()} processors, load average over a minute {os.getloadavg()[0]:.1f}; ", end="")
    print("loads in full" if share == 1 else "fewer than 4: at a quarter of the load")
    is_held = PARTS[args.only](args, share)
    print(f"load average over a minute at the end {os.getloadavg()[0]:.1f}")
    return 0 if is_held else 1


def _judge(what: str, value: float, limit: float, at_least: bool = False) -> bool:
    is_held = value >= limit if at_least else value <= limit
    print(f"{what}: {value:.3g} (at {'least' if at_least else 'most'} {limit:g}{'' if is_held else ': MISSED'})")
    return is_held


def say(name: str, values: list[float], unit: str) -> None:
    """Print the median of some values and their spread."""
    print(f"  {name:12} {statistics.median(values):9.2f} {unit} ({min(values):.2f} to {max(values):.2f})", flush=True)


# --- parts ---


def _latency(args: argparse.Namespace, share: float) -> bool:
    from window_observed import compare

    return _judge("p50, observed ÷ unobserved", compare(args.pairs, args.seconds, 2000 * share)["p50"], LATENCY)


def _cpu(args: argparse.Namespace, share: float) -> bool:
    from window_observed import compare

    return _judge("CPU a message, observed ÷ unobserved", compare(args.pairs, args.seconds, 2000 * share)["cpu"], CPU)


def _frames(args: argparse.Namespace, share: float) -> bool:
    from window_frames import compare

    return _judge("p99, window ÷ bare", compare(args.pairs, args.seconds, 10_000 * share), FRAMES)


def _memory(args: argparse.Namespace, share: float) -> bool:
    from window_memory import grow

    growth = grow(60 * args.minutes, 2000 * share)
    return _judge("growth in the second half, as a share", growth, MEMORY)


def _scroll(args: argparse.Namespace, share: float) -> bool:
    from window_still import opened, scroll

    with opened() as (window, app):
        return _judge("steps/s, Wire ÷ bare table", scroll(window, app, args.pairs), SCROLL, at_least=True)


def _seek(args: argparse.Namespace, share: float) -> bool:
    from window_still import opened, seek

    with opened() as (window, app):
        return _judge("longest seek, seconds", seek(window, app), SEEK)


PARTS = {
    "latency": _latency, "cpu": _cpu, "frames": _frames, "scroll": _scroll, "seek": _seek, "memory": _memory,
}  # fmt: skip


if __name__ == "__main__":
    began = time.perf_counter()
    code = main()
    print(f"took {time.perf_counter() - began:.0f} s")
    sys.exit(code)
