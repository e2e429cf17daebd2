# SPDX-License-Identifier: GPL-3.0-or-later
"""An hour under load while workers are killed: does memory grow, is a message without a fate, does a socket hang?

The lab with its private Redis, interface server and workers, whose consumer takes 10 ms for each message, all of it
observed; sockets that echo and sockets in a room, first as fast as they can, then at a share of that. Every minute a
worker is killed (SIGKILL) and started again; worker-1 is spared, to see one process for the whole time. Prints a line a
minute and a summary; Ctrl-C or TERM ends it early, with its summary. Of frames only so many are kept (KEPT) that the
lab has its full size soon.
Options: --minutes 60 --share 0.5 --rate ECHOES,ROOM (instead of a share) --echoes 25 --room 25 --workers 3 --minute 60
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from serving import ROOT
from soak_report import Process, is_sound, latency, told

from app import events as e
from app.frame_index import FrameIndex
from app.lab import Lab
from app.settings import Settings
from app.spool import Spool
from app.store import Store

KEPT = 50_000  # frames that the lab keeps; the window keeps a million
KEPT_BYTES = 32 * 1024 * 1024
GREATEST = 5.0  # seconds of looking for the greatest rate
SAMPLE = 10.0  # seconds between two looks at memory
SPARED = "worker-1"


class Running:
    """The lab, and its store that takes the events as the window's does."""

    def __init__(self, workers: int) -> None:
        settings = {
            "port": 0,
            "workers": workers,
            "capacity": 1000,
            "routing": "tests.server.echo_routing.slow_routing",
        }
        index = FrameIndex(limit=KEPT, spool=Spool(limit=KEPT_BYTES))
        self.lab = Lab(Settings(**settings), index=index)
        self.store = Store(index=index)
        self.sent: Counter[str] = Counter()  # what was said to be sent, by kind of channel
        self.dropped: Counter[str] = Counter()  # observations that nobody kept, by whose they were
        self.troubles: list[str] = []

    @property
    def state(self):
        """What the events add up to."""
        return self.store.state

    def pour(self) -> None:
        """Take what the lab has seen."""
        events = self.lab.inbox.take()
        self.store.extend(events)
        for event in events:
            match event:
                case e.MessageSent():
                    self.sent[event.channel.partition("!")[0].partition("?")[0]] += 1
                case e.EventsDropped():
                    self.dropped[event.source] += event.count
                case e.SourceFailed() | e.VerbFailed():
                    self.troubles.append(f"{event.source}: {event.reason}")
                case e.ConsumerFailed():
                    self.troubles.append(event.traceback.strip().splitlines()[-1])

    def until(self, condition, seconds: float) -> bool:
        """Pour until something is true; whether it became so in time."""
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
            self.pour()
        return bool(condition())

    def are_working(self, count: int) -> bool:
        """Whether so many workers listen."""
        alive = [worker for worker in self.state.workers.values() if worker.status in ("idle", "running")]
        return bool(self.lab.address) and len(alive) >= count

    def pids(self) -> dict[str, int]:
        """Return the processes by name; each generation of a worker has a name of its own."""
        sources = {name: source.pid for name, source in self.state.sources.items() if source.pid}
        workers = {f"{w.name} {w.pid}": w.pid for w in self.state.workers.values() if w.is_alive}
        return {"lab": os.getpid(), "server": sources["server"], "redis": redis_below(sources["redis"]), **workers}


def redis_below(guard: int) -> int:
    """Return the pid of the server that the guard started."""
    return next((child.pid for child in psutil.Process(guard).children() if "python" not in child.name()), guard)


@contextmanager
def running(workers: int) -> Iterator[Running]:
    """Run a lab for the length of a with block."""
    live = Running(workers)
    live.lab.start()
    try:
        if not live.until(lambda: live.are_working(workers), 60):
            raise SystemExit(f"the workers did not start: {live.troubles}")
        yield live
    finally:
        live.lab.stop()
        live.store.index.spool.close()


class Clients:
    """The process of the clients; its lines come through a thread."""

    def __init__(self, live: Running, **command: object) -> None:
        argv = [sys.executable, Path(__file__).parent / "soak_clients.py"]
        order = json.dumps({"url": live.lab.address.replace("http", "ws"), **command})
        how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT, "start_new_session": True}
        self.process = subprocess.Popen([*argv, order], **how)
        self.lines: queue.SimpleQueue[dict] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def taken(self) -> list[dict]:
        """Return the lines that have come."""
        return [self.lines.get() for _ in range(self.lines.qsize())]

    def stop(self, live: Running) -> list[dict]:
        """Tell it to stop and return its last lines."""
        self.process.stdin.close()
        live.until(lambda: self.process.poll() is not None, 120)
        self.process.kill()
        self.process.wait()
        time.sleep(0.2)
        return self.taken()


def greatest_rates(args: argparse.Namespace) -> list[float]:
    """Return the greatest echoes and room messages a second, both at once, observed."""
    with running(args.workers) as live:
        clients = Clients(live, echoes=args.echoes, room=args.room, rates=None, minute=GREATEST / 2)
        lines: list[dict] = []
        live.until(lambda: lines.extend(clients.taken()) or len(lines) >= 3, 60)
        clients.stop(live)
    rates = [(lines[2][name]["got"] - lines[0][name]["got"]) / GREATEST for name in ("echo", "room")]
    return [rates[0], rates[1] / args.room]


class Soak:
    """One run, and what is known of it."""

    def __init__(self, live: Running, args: argparse.Namespace, rates: list[float]) -> None:
        self.live, self.args = live, args
        self.begin = time.monotonic()
        self.seen: dict[str, Process] = {}
        self.minutes: list[dict] = []
        self.kills = 0
        self.loaded = 0.0  # seconds under load
        self.cpu: dict[str, float] = {}  # seconds, by process
        self.told_cpu = 0.0
        self.is_interrupted = False
        self.clients = Clients(live, echoes=args.echoes, room=args.room, rates=rates, minute=args.minute)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(self, "is_interrupted", True))

    @property
    def age(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begin

    def run(self) -> None:
        """Load, kill, look, print, until the time is over."""
        next_look, next_kill = 0.0, self.args.minute / 2
        while self.age < self.args.minutes * self.args.minute and not self.is_interrupted:
            time.sleep(0.05)
            self.live.pour()
            if self.age >= next_look:
                self.look()
                next_look += SAMPLE * self.args.minute / 60
            if self.age >= next_kill:
                self.kill()
                next_kill += self.args.minute
            for line in self.clients.taken():
                self.minute(line)
        self.loaded = self.age
        self.minutes += self.clients.stop(self.live)
        self.live.until(lambda: not self.open_messages(), self.live.lab.settings.expiry + 10)
        self.look()

    def look(self) -> None:
        """Look at everybody's memory."""
        for name, pid in self.live.pids().items():
            try:
                process = psutil.Process(pid)
                memory, cpu = process.memory_full_info(), process.cpu_times()
            except psutil.Error:  # it has just been killed
                continue
            self.cpu[name] = cpu.user + cpu.system
            self.seen.setdefault(name, Process(pid)).seen.append((self.age, memory.rss, memory.uss))

    def kill(self) -> None:
        """Kill a worker and start it again."""
        mortal = [name for name in sorted(self.live.state.workers) if name != SPARED]
        name = mortal[self.kills % len(mortal)]
        self.kills += 1
        self.live.lab.signal_worker(name, "KILL")
        self.live.lab.restart_worker(name)

    def open_messages(self) -> int:
        """Return how many messages have no fate yet."""
        return sum(count for fate, count in self.live.state.fates.items() if fate.is_open)

    def minute(self, line: dict) -> None:
        """Print how it is."""
        self.minutes.append(line)
        last = {name: self.seen[name].seen[-1] for name in self.live.pids() if name in self.seen}
        sizes = ", ".join(
            f"{name.partition(' ')[0]} {rss / 2**20:.1f}/{uss / 2**20:.1f}" for name, (_, rss, uss) in last.items()
        )
        cpu, self.told_cpu = sum(self.cpu.values()) - self.told_cpu, sum(self.cpu.values())
        state = self.live.state
        print(
            f"{time.strftime('%H:%M:%S')} minute {len(self.minutes)}: echo {latency([line], 'echo')}; "
            f"room {latency([line], 'room')}; kills {self.kills}, fates {told(state)}, "
            f"not observed {sum(self.live.dropped.values())}; "
            f"CPU {cpu / self.args.minute:.0%} of a core without clients; RSS/USS MiB: {sizes}",
            flush=True,
        )


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--minute", type=float, default=60.0, help="its length in seconds, shorter for a trial")
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument(
        "--rate", type=lambda text: [float(part) for part in text.split(",")], help="ECHOES,ROOM a second"
    )
    parser.add_argument("--echoes", type=int, default=25)
    parser.add_argument("--room", type=int, default=25)
    parser.add_argument("--workers", type=int, default=3)
    args = parser.parse_args()
    rates = args.rate
    if rates is None:
        greatest = greatest_rates(args)
        rates = [rate * args.share for rate in greatest]
        print(f"The greatest: {greatest[0]:.0f} echoes and {greatest[1]:.0f} room messages a second", flush=True)
    print(f"{rates[0]:.0f} echoes and {rates[1]:.1f} messages to {args.room} in a room a second", flush=True)
    with running(args.workers) as live:
        soak = Soak(live, args, rates)
        soak.run()
        return 0 if is_sound(soak) else 1


if __name__ == "__main__":
    sys.exit(main())
