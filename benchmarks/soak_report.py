# SPDX-License-Identifier: GPL-3.0-or-later
"""What benchmarks/soak.py found: memory, fates, sockets, latencies; and whether that is sound."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from soak_clients import seconds_of

from app.entities import Fate

if TYPE_CHECKING:
    from soak import Soak

SLICE = 5  # minutes of a line of latencies
GROWTH = 0.03  # of its level, that a process may grow in the second half,
SMALL = 1024 * 1024  # or so many bytes, where that is more


@dataclass
class Process:
    """What was seen of one process: (seconds since the beginning, RSS, USS)."""

    pid: int
    seen: list[tuple[float, int, int]] = field(default_factory=list)

    def growth(self, begin: float) -> tuple[float, float]:
        """Return by how many bytes USS grew since `begin`, by the line that fits best, and its level."""
        times, _, sizes = zip(*[one for one in self.seen if one[0] >= begin], strict=True)
        slope = statistics.linear_regression(times, sizes).slope if len(times) > 2 else 0.0
        return slope * (times[-1] - times[0]), statistics.mean(sizes)


def told(state) -> str:
    """Return the fates that there are."""
    fates = {fate.value: count for fate, count in state.fates.items()}
    fates |= {"refused": state.refused, "skipped in a group": state.skipped}
    return ", ".join(f"{name} {count}" for name, count in fates.items() if count)


def latency(lines: list[dict], name: str) -> str:
    """Return p50 and p99 of some minutes."""
    whole: Counter[int] = Counter()
    for line in lines:
        whole.update({int(bucket): count for bucket, count in line[name]["buckets"].items()})
    if not whole:
        return "nothing came"
    ranks = iter((0.5, 0.99, 2.0))
    found, rank, before = [], next(ranks), 0
    for bucket in sorted(whole):
        before += whole[bucket]
        while before >= rank * whole.total():
            found.append(seconds_of(bucket) * 1000)
            rank = next(ranks)
    return f"p50 {found[0]:.2f} ms p99 {found[1]:.2f} ms"


def is_sound(soak: Soak) -> bool:
    """Print the summary; whether all holds."""
    print(f"\n{soak.loaded / soak.args.minute:.1f} minutes under load, {soak.kills} workers killed")
    minutes = soak.minutes[: max(round(soak.loaded / soak.args.minute), 1)]
    for first in range(0, len(minutes), SLICE):
        part = minutes[first : first + SLICE]
        print(f"minutes {first + 1}-{first + len(part)}: echo {latency(part, 'echo')}; room {latency(part, 'room')}")
    verdicts = [*memory(soak), *ledger(soak), *sockets(soak)]
    for holds, line in verdicts:
        print("holds " if holds else "FAILS ", line)
    return all(holds for holds, _ in verdicts)


Verdicts = list[tuple[bool, str]]


def memory(soak: Soak) -> Verdicts:
    """Judge the growth of every process in the second half of the run, and of the workers from one to the next."""
    found: Verdicts = []
    half = soak.loaded / 2
    lasting = [name for name, process in soak.seen.items() if process.seen[0][0] < half < process.seen[-1][0]]
    for name in lasting:
        process = soak.seen[name]
        growth, level = process.growth(half)
        first, last = process.seen[0], process.seen[-1]
        line = f"{name}: USS {level / 2**20:.1f} MiB, {growth / 1024:+.0f} KiB in the second half "
        line += f"({growth / level:+.1%}), RSS {first[1] / 2**20:.1f} at first, {last[1] / 2**20:.1f} at last"
        found.append((growth <= max(GROWTH * level, SMALL), line))
    ends = [soak.seen[name].seen[-1][2] / 2**20 for name in soak.seen if name.startswith("worker")]
    found.append((True, f"USS of each worker at its end, MiB: {', '.join(f'{size:.1f}' for size in ends)}"))
    return found


def ledger(soak: Soak) -> Verdicts:
    """Judge whether every message has a fate, also by what the clients counted."""
    live, state = soak.live, soak.live.state
    attempts, refused = live.sent.total(), state.refused + state.skipped
    fates = sum(state.fates.values())
    found: Verdicts = [
        (
            fates == attempts,
            f"{attempts} messages sent, {fates} fates, {refused} more refused or skipped: {told(state)}",
        ),
        (not soak.open_messages(), f"{soak.open_messages()} messages without a fate"),
        (not live.dropped, f"observations dropped: {dict(live.dropped) or 'none'}"),
        (not live.troubles, f"troubles: {live.troubles[:5] or 'none'}"),
    ]
    echo, room = (soak.minutes[-1][name] for name in ("echo", "room"))
    missing = echo["sent"] - echo["got"], room["sent"] - room["got"] / soak.args.room
    sent = echo["sent"] + room["sent"]
    found.append(
        (live.sent["websocket.receive"] == sent, f"clients sent {sent}, {live.sent['websocket.receive']} seen")
    )
    gone = sum(n for fate, n in state.fates.items() if fate is not Fate.DELIVERED) + refused
    line = f"{missing[0]} echoes and {missing[1]:g} room messages did not come back; {gone} have a fate that says why"
    return [*found, (sum(missing) <= gone, line)]


def sockets(soak: Soak) -> Verdicts:
    """Judge whether every socket still answers."""
    last = soak.minutes[-1]
    lost = sum(last[name]["lost"] for name in ("echo", "room"))
    stuck = {name: last[name].get("stuck", "nobody asked") for name in ("echo", "room")}
    return [
        (not lost, f"{lost} sockets closed"),
        (
            not any(stuck.values()),
            f"of {soak.args.echoes} and {soak.args.room} sockets gave no echo at the end: {stuck}",
        ),
    ]
