# SPDX-License-Identifier: GPL-3.0-or-later
"""Our channel layer beside asgi_redis 1.4.3 and channels_redis 4.3, on one private Redis, as ratios of one run.

Each repeat runs every layer once, in an order that changes, on a Redis of its own: how that lies in memory and on
processors moves all figures. Figures are medians over the repeats. Ours is observed: it
says an event for every send and receive. The others are installed by name under build/peers, in environments of their
own. "floor" is the bare commands that the taught keys need (layer_floor.py). Trust the ratios only.
Options: --repeats 5 --scale 1.0 --only ours,asgi_redis --figures live,latency,observation
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.layer.peers import ASGI_REDIS, CHANNELS_REDIS, NoPeer, interpreter  # noqa: E402
from tests.redis_fixture import RealRedis, real_redis  # noqa: E402

HIGHER, LOWER = "at least", "at most"
# What issue 3 asks for, as ours ÷ peer: {peer: {figure: (direction, ratio)}}
TARGETS = {
    "asgi_redis": {
        "send /s": (HIGHER, 1.5),
        "send, pipelined /s": (HIGHER, 5),
        "send + receive /s": (HIGHER, 1.8),
        "1→4 live /s": (HIGHER, 1.8),
        "1→4 backlog /s": (HIGHER, 2.2),
        "latency p50 µs": (LOWER, 0.7),
        "group of 1000 ms": (LOWER, 0.03),
        "group of 10000 ms": (LOWER, 0.03),
        "listen to 1000 µs": (LOWER, 0.15),
    },
    "channels_redis": {
        "send /s": (HIGHER, 1),
        "send + receive /s": (HIGHER, 1),
        "1→4 live /s": (HIGHER, 1),
        "1→4 backlog /s": (HIGHER, 1),
        "latency p50 µs": (LOWER, 1),
        "group of 1000 ms": (LOWER, 3),
        "group of 10000 ms": (LOWER, 3),
    },
}
OBSERVATION = 1.15  # CPU of a call with observation ÷ without, at most


class Child:
    """A process that runs workloads."""

    def __init__(self, name: str, python: str, url: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT) if python == sys.executable else ""}
        self._process = subprocess.Popen(
            [python, str(Path(__file__).parent / "layer_child.py"), name, url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self.read()

    def ask(self, do: str, **arguments: object) -> None:
        """Give it work."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()

    def read(self) -> dict:
        """Wait for its answer."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args[-2]} ended: it said why above.")
        return json.loads(line)

    def do(self, do: str, **arguments: object) -> dict:
        """Give it work and wait."""
        self.ask(do, **arguments)
        return self.read()

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def measure(name: str, python: str, url: str, scale: float, figures: list[str]) -> dict[str, float]:
    """Return the figures of one layer."""
    children = [Child(name, python, url) for _ in range(5)]
    try:
        for child in children:
            child.do("warm")
        # The slow peer gets fewer messages, so that each takes about as long.
        n = int((1500 if name == "channels_redis" else 6000) * scale)
        found: dict[str, float] = {}
        for figure in figures:
            if (figure, name) != ("listen", "channels_redis"):  # its receive takes one channel
                found |= WORKLOADS[figure](children, n, name)
                children[0].do("flush")
        return found
    finally:
        for child in children:
            child.close()


def send(children: list[Child], n: int, _: str) -> dict[str, float]:
    """One process sends."""
    return {"send /s": n / children[0].do("send", n=n)["seconds"]}


def pipelined(children: list[Child], n: int, _: str) -> dict[str, float]:
    """One process sends many at once."""
    return {"send, pipelined /s": n / children[0].do("send_many", n=n)["seconds"]}


def send_receive(children: list[Child], n: int, _: str) -> dict[str, float]:
    """One process sends and receives in turn."""
    return {"send + receive /s": n / children[0].do("send_receive", n=n)["seconds"]}


def live(children: list[Child], n: int, _: str) -> dict[str, float]:
    """One process sends to four workers that wait."""
    for worker in children[1:]:
        worker.ask("drain")
    time.sleep(0.3)
    begin = children[0].do("send", n=n, channel="d")["begin"]
    return drained(children, n, "1→4 live", begin)


def backlog(children: list[Child], n: int, _: str) -> dict[str, float]:
    """Four workers take what waits, one at a time."""
    children[0].do("send", n=n, channel="d")
    return drained(children, n, "1→4 backlog")


def drained(children: list[Child], n: int, figure: str, begin: float = 0.0) -> dict[str, float]:
    """Stop the workers once they have taken all; without `begin` they start only now."""
    sender, *workers = children
    sender.do("stop_drains", n=len(workers))
    if not begin:
        begin = time.monotonic()
        for worker in workers:
            worker.ask("drain")
    answers = [worker.read() for worker in workers]
    got = [order for answer in answers for order in answer["got"]]
    return {
        f"{figure} /s": len(set(got)) / (max(answer["last"] for answer in answers) - begin),
        f"{figure} worker CPU µs": sum(answer["cpu"] for answer in answers) / n * 1e6,
        f"{figure} twice or lost %": 100 * (abs(len(got) - len(set(got))) + n - len(set(got))) / n,
    }


def latency(children: list[Child], _: int, __: str) -> dict[str, float]:
    """From the clock before a send to that after its receive, 200 times a second."""
    sender, worker, *_others = children
    worker.ask("hear", n=200)
    time.sleep(0.1)
    sender.do("speak", n=200, rate=200)
    return {"latency p50 µs": statistics.median(worker.read()["delays"]) * 1e6}


def groups(children: list[Child], _: int, name: str) -> dict[str, float]:
    """Send to a group."""
    child, figures = children[0], {}
    for size in (1000, 10_000):
        child.do("join", group=f"g{size}", size=size)
        times = [child.do("send_group", group=f"g{size}")["seconds"] for _ in range(1 if name == "asgi_redis" else 3)]
        figures[f"group of {size} ms"] = min(times) * 1e3
        child.do("flush")
    return figures


def listen(children: list[Child], _: int, __: str) -> dict[str, float]:
    """Send and receive in a process that listens to many channels."""
    children[0].do("listen", count=1000, n=20)
    return {"listen to 1000 µs": children[0].do("listen", count=1000, n=100)["seconds"] / 100 * 1e6}


WORKLOADS = {
    "send": send, "pipelined": pipelined, "send_receive": send_receive, "live": live, "backlog": backlog,
    "latency": latency, "groups": groups, "listen": listen,
}  # fmt: skip


def observation(server: RealRedis) -> dict[str, list[float]]:
    """Return CPU per call with observation ÷ without, of seven pairs of processes for each place of Redis.

    Where a process's code and data happen to lie in memory makes 4 %, so each pair is a new one; its two alternate.
    Whether Redis runs on the same processor makes a call three times dearer or cheaper, and the system's scheduler
    changes its mind about that, so both places are measured where they can be chosen.
    """
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
    if len(processors) < 2:
        return {"": _observed(server.url)}
    found, (here, there) = {}, processors[:2]
    os.sched_setaffinity(0, {here})  # children inherit it
    try:
        for place, name in ((here, "the same"), (there, "another")):
            for thread in os.listdir(f"/proc/{server.process.pid}/task"):
                os.sched_setaffinity(int(thread), {place})
            found[f", Redis on {name} processor"] = _observed(server.url)
    finally:
        os.sched_setaffinity(0, processors)
    return found


def _observed(url: str) -> list[float]:
    ratios = []
    for _ in range(7):
        children = [Child(name, sys.executable, url) for name in ("ours", "ours, unobserved")]
        for child in children:
            child.do("warm", n=500)
        turns = [[child.do("send_receive", n=250)["cpu"] for child in children] for _ in range(12)]
        seen, unseen = (statistics.median(cpu) for cpu in zip(*turns, strict=True))
        ratios.append(seen / unseen)
        for child in children:
            child.close()
    return ratios


def judge_observation(found: dict[str, list[float]]) -> int:
    """Print what observing costs at each place of Redis; return how often it is too much."""
    missed = 0
    for place, ratios in found.items():
        ratio = statistics.median(ratios)
        verdict = "" if ratio <= OBSERVATION else ": MISSED"
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(f"CPU with observation ÷ without{place}: {ratio:.3f}, {spread} (at most {OBSERVATION}{verdict})")
        missed += bool(verdict)
    return missed


def judge(medians: dict[str, dict[str, float]]) -> int:
    """Print every figure with its ratios; return how many targets are missed."""
    missed = 0
    for figure, ours in medians["ours"].items():
        line = f"{figure:26} ours {ours:12,.2f}"
        for peer in [name for name in medians if name != "ours" and figure in medians[name]]:
            line += f"   {peer} {medians[peer][figure]:12,.2f}"
            if medians[peer][figure]:
                ratio = ours / medians[peer][figure]
                direction, target = TARGETS.get(peer, {}).get(figure, ("", 0.0))
                is_met = ratio >= target if direction == HIGHER else ratio <= target
                line += f" ×{ratio:.3g}" + (
                    f" ({direction} {target}{'' if is_met else ': MISSED'})" if direction else ""
                )
                missed += bool(direction) and not is_met
        print(line)
    return missed


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="ours,asgi_redis,channels_redis,floor")
    parser.add_argument("--figures", default=",".join([*WORKLOADS, "observation"]))
    args = parser.parse_args()
    figures = args.figures.split(",")
    workloads = [figure for figure in figures if figure != "observation"]
    if unknown := set(workloads) - set(WORKLOADS):
        parser.error(f"no such figure: {', '.join(unknown)}; there are {', '.join(WORKLOADS)} and observation")
    try:
        pythons = {
            "ours": sys.executable,
            "floor": sys.executable,
            "asgi_redis": str(interpreter("asgi_redis", ASGI_REDIS)),
            "channels_redis": str(interpreter("channels_redis", CHANNELS_REDIS)),
        }
    except NoPeer as error:
        print(f"The peers cannot be installed: {error}", file=sys.stderr)
        return 2
    names = args.only.split(",") if workloads else []
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for repeat in range(args.repeats if names else 0):
        with real_redis() as server:
            for name in random.Random(repeat).sample(names, len(names)):
                server.client().flushall()
                runs[name].append(measure(name, pythons[name], server.url, args.scale, workloads))
    observed = {}
    if "observation" in figures:
        with real_redis() as server:
            observed = observation(server)
    medians = {
        name: {figure: statistics.median(run[figure] for run in those) for figure in those[0]}
        for name, those in runs.items()
    }
    missed = (judge(medians) if medians else 0) + judge_observation(observed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
