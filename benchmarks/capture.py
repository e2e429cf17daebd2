# SPDX-License-Identifier: GPL-3.0-or-later
"""Loading and decoding a capture against tshark in the same run: time, memory, and whether all frames are right.

    python benchmarks/capture.py [--packets 100000 1000000] [--rounds 3] [--file FILE]

Limits: loading <= 0.15 and `decode --json` <= 0.30 of tshark's time, anonymous memory <= 150 bytes a packet.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from capture_traffic import Expected, traffic

ROOT = Path(__file__).parent.parent
FIELDS = ("frame.number", "tcp.stream", "websocket.fin", "websocket.opcode", "websocket.payload_length")
LOAD = """
import os, re, sys, time
sys.path.insert(0, sys.argv[2])
def anonymous():
    return int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
from pathlib import Path
from app.capture.reader import CaptureReader
before, began = anonymous(), time.perf_counter()
reader = CaptureReader(Path(sys.argv[1]))
first = None
for _ in reader.batches():
    first = first or time.perf_counter() - began
seconds = time.perf_counter() - began
print(reader.packets, len(reader.index), seconds, first, (anonymous() - before) / max(reader.packets, 1))
"""


def load(path: Path) -> tuple[float, list[float]]:
    """Load a capture in a process of its own; returns its wall time and what it measured."""
    began = time.perf_counter()
    out = subprocess.run([sys.executable, "-c", LOAD, path, ROOT], capture_output=True, text=True, check=True)
    return time.perf_counter() - began, [float(word) for word in out.stdout.split()]


def timed(command: list[str], out: Path) -> float:
    """Run a command with its output in a file; returns its wall time."""
    began = time.perf_counter()
    with out.open("wb") as file:
        subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def wrong(lines: Path, expected: list[Expected]) -> int:
    """Return how many frames differ from those that were written, in any place of any direction."""
    found, meant = defaultdict(list), defaultdict(list)
    for line in lines.open():
        frame = json.loads(line)
        first = sum(frame[name] << bit for name, bit in (("fin", 7), ("rsv1", 6), ("rsv2", 5), ("rsv3", 4)))
        key = frame["stream"], frame["masked"]
        found[key].append((first | frame["opcode"], frame["length"], frame["payload_sha256"]))
    for one in expected:
        meant[one.stream, one.is_client].append((one.first, one.length, one.digest))
    differing = 0
    for key in found.keys() | meant.keys():
        ours, theirs = found[key], meant[key]
        differing += abs(len(ours) - len(theirs)) + sum(a != b for a, b in zip(ours, theirs, strict=False))
    return differing


def measure(path: Path, expected: list[Expected] | None, rounds: int, folder: Path) -> None:
    """Run everything on one file, in turn, and print the medians and ratios."""
    tshark = shutil.which("tshark")
    if tshark is None:
        print("not run: tshark is not installed (apt-get install tshark); only our own numbers follow")
    loads, decodes, sharks, out = [], [], [], folder / "out"
    for _ in range(rounds):
        wall, (packets, frames, inside, first, per_packet) = load(path)
        loads.append(wall)
        decodes.append(timed([sys.executable, str(ROOT / "main.py"), "decode", "--json", str(path)], folder / "json"))
        if tshark:
            fields = [word for name in FIELDS for word in ("-e", name)]
            sharks.append(timed([tshark, "-r", str(path), "-Y", "websocket", "-T", "fields", *fields], out))
    print(f"{path.name}: {packets:.0f} packets, {frames:.0f} frames, {path.stat().st_size / 1e6:.0f} MB")
    print(f"  load            {statistics.median(loads):7.2f} s  ({inside:.2f} s without starting Python; "
          f"first rows after {first:.3f} s; {per_packet:.0f} bytes a packet)")  # fmt: skip
    print(f"  decode --json   {statistics.median(decodes):7.2f} s")
    if sharks:
        shark = statistics.median(sharks)
        print(f"  tshark fields   {shark:7.2f} s")
        print(f"  ratio           load {statistics.median(loads) / shark:.3f} (limit 0.15), "
              f"decode {statistics.median(decodes) / shark:.3f} (limit 0.30)")  # fmt: skip
    if expected is not None:
        print(f"  frames wrong or missing: {wrong(folder / 'json', expected)} of {len(expected)}")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path, help="measure this capture instead of traffic of our own")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.file:
            measure(args.file, None, args.rounds, folder)
            return
        for packets in args.packets:
            path = folder / f"traffic-{packets}.pcap"
            measure(path, traffic(path, packets), args.rounds, folder)
            path.unlink()


if __name__ == "__main__":
    main()
