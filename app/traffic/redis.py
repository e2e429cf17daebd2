# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets between each process and Redis, made up from what the processes told of their messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from app import events as e
from app.capture.synthetic import Talk
from app.layer.keys import Keys
from app.layer.names import queue_of
from app.layer.resp import command, word
from app.settings import PREFIX, STATS_PREFIX
from app.traffic import commands as c
from app.traffic.known import Known, ms
from app.traffic.sockets import Made

REDIS = "127.0.0.1:6379"
FIRST_PORT = 60_001
STEP = 1e-6  # seconds between packets of a connection that were told with the same time
READER = "server's reader"  # it sends on another connection: a command would wait behind BLPOP
EXPIRED = "__keyevent@*__:expired"
HOW = "reconstructed from what the processes told, not sniffed"
MADE = "reconstructed, not sniffed"


class RedisTraffic:
    """A TCP connection for each process; in truth they talk over a unix socket, with Lua scripts."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.keys, self.capacity = Keys(PREFIX, STATS_PREFIX), 100
        self._talks: dict[str, Talk] = {}
        self._ports: dict[str, int] = {}
        self._last: dict[str, float] = {}  # process -> time of its last packet
        self._waits: dict[str, bool] = {}  # process -> whether it has asked for a message
        self._queues: dict[str, list[str]] = {}  # process -> keys of the queues it reads
        self._lengths: Counter[str] = Counter()
        self._groups: dict[str, list[str]] = defaultdict(list)
        self._out: list[Made] = []

    def take(self, events: list[e.Event]) -> Iterator[Made]:
        """Yield the packets of some events: one, or the copies of one group's message."""
        handler = _HANDLERS.get(type(events[0]))
        if handler is None:
            return
        self._out = []
        handler(self, events)
        yield from self._out

    # --- packets ---

    def _say(self, process: str, t: float, direction: str, data: bytes, comment: str = "") -> None:
        if process not in self._talks:
            self._open(process, t)
        packets = self._talks[process].data(direction, data)
        self._put(process, t, packets, f"{comment} ({MADE})" if comment else MADE)

    def _open(self, process: str, t: float, comment: str = "") -> None:
        port = self._ports.setdefault(process, FIRST_PORT + len(self._ports))
        if process in self._last:  # again: another port, as it would be
            port = self._ports[process] = max(self._ports.values()) + 1
        self._talks[process] = talk = Talk(f"127.0.0.1:{port}", REDIS)
        said = f"{comment or process + ' connects to Redis'}; in truth over a unix socket ({HOW})"
        self._put(process, t, talk.opening(), said, on_first=True)

    def _put(self, process: str, t: float, packets: list[bytes], comment: str, on_first: bool = False) -> None:
        for number, packet in enumerate(packets):
            t = self._last[process] = max(t, self._last.get(process, 0.0) + STEP)
            is_told = number == (0 if on_first else len(packets) - 1)
            self._out.append((t, packet, comment if is_told else ""))

    def _ask(self, process: str, t: float, took: float, asked: c.Asked, comment: str) -> None:
        if asked.commands:
            self._say(process, t, "client", b"".join(asked.commands), comment)
            self._say(process, t + took, "server", b"".join(asked.replies))

    def _close(self, process: str, t: float, comment: str, by: str = "client") -> None:
        if talk := self._talks.pop(process, None):
            self._waits[process] = False
            self._put(process, t, talk.closing(by), f"{comment} ({MADE})", on_first=True)

    # --- sending ---

    def _sent(self, events: list[e.MessageSent]) -> None:
        first, asked = events[0], c.Asked()
        if first.group:
            asked = c.members(self.keys, first.group, self._groups[first.group])
        for event in events:
            lost = self.known.lost.get(event.key)
            if lost and lost.reason == "dropped on purpose":  # before it came to Redis
                continue
            queue = queue_of(event.channel)
            self._lengths[queue] += 1
            asked += c.put(self.keys, event, self._lengths[queue])
        self._ask(first.source, first.t, first.took, asked, self._why(events))

    def _why(self, events: list[e.MessageSent]) -> str:
        event, known = events[0], self.known
        what = f"{known.short(event.key)} to {event.channel}"
        if event.group:
            what = f"a message to group {event.group}: {len(events)} copies, {known.short(event.key)} the first"
        text = f"{event.source} sends {what}"
        if event.connection and event.n:
            text += f", WebSocket message {event.n} from {known.name_of(event.connection)}"
        elif event.connection:
            text += f", from {known.name_of(event.connection)}"
        if event.cause:
            text += f", because of {known.short(event.cause)}"
        return f"{text}; in truth one EVALSHA"

    def _refused(self, events: list[e.MessageRefused]) -> None:
        event = events[0]
        text = f"{event.source} is refused by {event.channel}: {event.reason}"
        self._ask(event.source, event.t, 0.0, c.refused(self.keys, event, self.capacity), text)

    # --- receiving ---

    def _wait(self, process: str, t: float, comment: str = "") -> None:
        if not self._waits.get(process) and (queues := self._queues.get(process)):
            text = f"{process} waits for a message"
            self._say(process, t, "client", c.wait(queues), f"{comment}; {text}".removeprefix("; "))
            self._waits[process] = True

    def _received(self, events: list[e.MessageReceived]) -> None:
        event, known = events[0], self.known
        sent = known.sent.get(event.key)
        after = f" after {ms(event.t - sent.t)}" if sent else ""
        text = f"{event.source} took {known.short(event.key)}{after}"
        if event.source == "server" and event.n:
            text += f": it becomes WebSocket message {event.n} to {known.name_of(event.connection)}"
        elif event.cause:
            text += f", itself, in the run for {known.short(event.cause)}"
        self._take(event, event.took, sent.body if sent else b"", text)

    def _lost(self, events: list[e.MessageLost]) -> None:
        event = events[0]
        if event.source == "server" and event.reason in ("socket closed", "unreadable"):
            sent = self.known.sent.get(event.key)
            if sent and event.key not in self.known.received:
                text = f"the server took {self.known.short(event.key)}, and it is lost: {event.reason}"
                taken = e.MessageReceived(t=event.t, source="server", key=event.key, channel=sent.channel)
                self._take(taken, 0.0, sent.body, text)

    def _ghosts(self, events: list[e.GhostsPassed]) -> None:
        event = events[0]
        for key in event.keys:
            passed = e.MessageReceived(t=event.t, source=event.source, key=key, channel=event.channel)
            text = f"a ghost: {self.known.short(key)} had expired, its entry was still in the queue"
            self._take(passed, 0.0, None, text)

    def _take(self, event: e.MessageReceived, took: float, body: bytes | None, comment: str) -> None:
        process, queue = READER if event.source == "server" else event.source, queue_of(event.channel)
        self._queues.setdefault(process, [self.keys.queue(event.channel)])
        popped = event.t - took
        self._wait(process, popped - STEP)
        self._lengths[queue] = max(self._lengths[queue] - 1, 0)
        key = self.keys.body(event.key)
        self._say(process, popped, "server", c.popped(self.keys.queue(event.channel), key), comment)
        self._waits[process] = False
        asked = c.fetch(key, body)
        self._say(process, popped, "client", asked.commands[0])
        self._say(process, event.t, "server", asked.replies[0])
        if process == READER:
            self._wait(process, event.t)

    # --- processes ---

    def _started(self, events: list[e.LabStarted]) -> None:
        event = events[0]
        self.keys, self.capacity = Keys(event.prefix, STATS_PREFIX), event.capacity
        if "watch" not in self._talks:
            asked = command("PSUBSCRIBE", EXPIRED)
            self._say("watch", event.t, "client", asked, "the lab wants to know what expires")
            self._say("watch", event.t, "server", c.array(word("psubscribe"), word(EXPIRED), c.number(1)))

    def _expired(self, events: list[e.MessageExpired]) -> None:
        event = events[0]
        sent = self.known.sent.get(event.key)
        where = f" on {sent.channel} after {event.t - sent.t:.1f} s" if sent else ""
        items = ("pmessage", EXPIRED, "__keyevent@0__:expired", self.keys.body(event.key))
        text = f"{self.known.short(event.key)} expired{where}: nobody took it, nobody is told"
        self._say("watch", event.t, "server", c.array(*map(word, items)), text)

    def _worker_started(self, events: list[e.WorkerStarted]) -> None:
        event = events[0]
        if event.worker not in self._talks:
            self._open(event.worker, event.t, f"{event.worker} started, pid {event.pid}")

    def _worker_ready(self, events: list[e.WorkerReady]) -> None:
        event = events[0]
        self._queues[event.worker] = [self.keys.queue(channel) for channel in event.channels]
        self._wait(event.worker, event.t, f"{event.worker} is ready")

    def _consumed(self, events: list[e.ConsumerFinished | e.ConsumerFailed]) -> None:
        event = events[0]
        text = f"{self.known.runs.get(event.key, 'the consumer is done')} for {self.known.short(event.key)}"
        self._wait(event.worker, event.t, text)

    def _exited(self, events: list[e.WorkerExited]) -> None:
        event = events[0]
        how = "was killed (SIGKILL)" if event.signal == "KILL" else f"ended, {event.signal or event.status}"
        held = [one.key for one in self.known.lost.values() if _is_killed(one, event)]
        lost = f" holding {', '.join(map(self.known.short, held))}: lost, at most once" if held else ""
        self._close(event.worker, event.t, f"{event.worker} {how}{lost}")

    def _wiped(self, events: list[e.MessagesWiped]) -> None:
        event = events[0]
        self._lengths.clear()
        self._groups.clear()
        if event.reason == "restart":
            for process in list(self._talks):
                self._close(process, event.t, "Redis was restarted: all that waited is gone", by="server")
        else:
            asked = c.Asked((command("FLUSHDB"),), (c.OK,))
            self._ask(event.source, event.t, 0.0, asked, f"everything is wiped: {event.reason}")

    def _joined(self, events: list[e.GroupAdded]) -> None:
        event = events[0]
        if event.channel not in self._groups[event.group]:
            self._groups[event.group].append(event.channel)
        self._ask(event.source, event.t, 0.0, c.join(self.keys, event), f"{event.channel} joins group {event.group}")

    def _left(self, events: list[e.GroupDiscarded]) -> None:
        event = events[0]
        self._groups[event.group] = [one for one in self._groups[event.group] if one != event.channel]
        self._ask(event.source, event.t, 0.0, c.leave(self.keys, event), f"{event.channel} leaves group {event.group}")

    def _typed(self, events: list[e.CommandRun]) -> None:
        event = events[0]
        text = "typed in the console; the answer is as it was printed"
        self._ask("console", event.t, 0.0, c.typed(event), text)


def _is_killed(lost: e.MessageLost, event: e.WorkerExited) -> bool:
    return lost.worker == event.worker and abs(lost.t - event.t) < 2.0 and lost.reason == "worker killed"


_HANDLERS: dict[type[e.Event], Callable[[RedisTraffic, Any], None]] = {
    e.MessageSent: RedisTraffic._sent,
    e.MessageRefused: RedisTraffic._refused,
    e.MessageReceived: RedisTraffic._received,
    e.MessageLost: RedisTraffic._lost,
    e.GhostsPassed: RedisTraffic._ghosts,
    e.LabStarted: RedisTraffic._started,
    e.MessageExpired: RedisTraffic._expired,
    e.WorkerStarted: RedisTraffic._worker_started,
    e.WorkerReady: RedisTraffic._worker_ready,
    e.ConsumerFinished: RedisTraffic._consumed,
    e.ConsumerFailed: RedisTraffic._consumed,
    e.WorkerExited: RedisTraffic._exited,
    e.MessagesWiped: RedisTraffic._wiped,
    e.GroupAdded: RedisTraffic._joined,
    e.GroupDiscarded: RedisTraffic._left,
    e.CommandRun: RedisTraffic._typed,
}
