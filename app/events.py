# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of thing that can happen, one frozen value each.

Times (`t`) are seconds since the epoch. `source` names who saw it: "server", "worker-1", "redis", "lab", "capture".
`connection` is the id the wire tap (or a capture) gave a TCP connection: "c1", "c2" … `direction` is who sent it:
"client" or "server". `key` is the 32 hex digits of a message's body key in Redis. `body` is a message's msgpack body.

*Observed* events come from a source; *derived* ones (marked so) are worked out from them by the decoder on the lab
thread and are never recorded, because a replay works them out again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Direction = Literal["client", "server"]
FilterOutcome = Literal["matched", "failed", "missing", "not text", "not tried"]
RouteOutcome = Literal["matched", "other channel", "filter failed", "no match", "not tried"]
Gate = Literal["send", "receive", "consumer", "replies", "frames"]  # in the order of a message's way


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """What all events share."""

    t: float
    source: str


# --- on the wire -----------------------------------------------------------------------------------------------------


class ConnectionOpened(Event, frozen=True, kw_only=True, tag=True):
    """A TCP connection exists; `client` and `server` are "host:port" ("[::1]:80" for IPv6)."""

    connection: str
    client: str
    server: str


class BytesSeen(Event, frozen=True, kw_only=True, tag=True):
    """A run of bytes went one way on a connection; `offset` is the place of its first byte in that direction's stream.

    On a pipe and in a recording `data` holds the bytes. In the store it is empty: they lie in the spool.
    """

    connection: str
    direction: Direction
    offset: int
    length: int
    data: bytes = b""


class HandshakeSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: an HTTP request asked for an Upgrade and was answered with `status` (RFC 6455 §4).

    `is_cross_origin`: the page that asked was not served by the host and port that it asked.
    """

    connection: str
    target: str
    status: int
    method: str = "GET"
    key: str = ""
    accept: str = ""
    subprotocol: str = ""
    violations: tuple[str, ...] = ()
    origin: str = ""
    is_cross_origin: bool = False
    has_cookie: bool = False


class FrameSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: a whole frame passed; `row` is its row in the frame index."""

    connection: str
    direction: Direction
    row: int
    opcode: int
    fin: bool
    length: int
    masked: bool = False
    violations: tuple[str, ...] = ()


class WebSocketMessageSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: the n-th data message (counted from 1) of one direction is complete; `rows` are its frames.

    `n` is 0 after bytes that were not seen: some messages may have been in them.
    """

    connection: str
    direction: Direction
    n: int
    opcode: int
    length: int
    rows: tuple[int, ...]


class WayMeasured(Event, frozen=True, kw_only=True, tag=True):
    """Derived: where a client's message spent its time until its first answer, in seconds; `longest` names the part.

    `server`: from its last frame until it was sent; `queue`: until a worker took it; `consumer`: while it ran, what it
    sends included; `reply`: from the first reply taken, its wait for the server. At most 20 a second are told.
    """

    key: str
    longest: Literal["server", "queue", "consumer", "reply"]
    server: float
    queue: float
    consumer: float
    reply: float


class ClientNamed(Event, frozen=True, kw_only=True, tag=True):
    """Derived: the demo told a page who it is, so the connection has a name to show.

    With it came what was said before: `newest` is the row of the last line of that ("" without any).
    """

    connection: str
    name: str
    newest: str = ""


class GapSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: bytes of this direction were not seen; decoding went on after them with a stated confidence (0 to 1)."""

    connection: str
    direction: Direction
    offset: int
    length: int
    confidence: float


class ConnectionClosed(Event, frozen=True, kw_only=True, tag=True):
    """The TCP connection is gone."""

    connection: str
    reason: str = ""


# --- on the channel layer --------------------------------------------------------------------------------------------


class MessageSent(Event, frozen=True, kw_only=True, tag=True):
    """A message entered a channel. `expiry` in seconds from `t`; `took`: seconds from `t` until Redis had answered.

    From the interface server `connection` and `n` name the WebSocket message it came from (n = 0: no data message).
    From a worker `cause` is the key of the message its consumer was handling. `group` is set for a group's copy.
    """

    key: str
    channel: str
    body: bytes
    expiry: float
    cause: str = ""
    connection: str = ""
    n: int = 0
    group: str = ""
    took: float = 0.0


class GroupSent(Event, frozen=True, kw_only=True, tag=True):
    """On a pipe only, for many copies at once: the lab tells each as MessageSent or MessageSkipped.

    `channels`: the members' names, one a line. The key of the n-th one's copy (from 1) is `stem` and n in 8 hex digits;
    `skipped` are the numbers of those that got none. `whole` is a copy's body; for a process-specific channel it is
    `longer`, and the channel's name as msgpack.
    """

    group: str
    stem: str
    channels: str
    whole: bytes
    longer: bytes
    expiry: float
    skipped: tuple[int, ...] = ()
    cause: str = ""
    took: float = 0.0


class MessageReceived(Event, frozen=True, kw_only=True, tag=True):
    """A worker or the interface server took a message; the server says which WebSocket message it became.

    `took`: seconds that a worker's last trip to Redis, which brought the body, had lasted at `t`.
    With a `cause`, the consumer that handles that message took it itself: a part of a body, or a frame that had waited
    for its turn. No other consumer will run for it.
    """

    key: str
    channel: str
    connection: str = ""
    n: int = 0
    cause: str = ""
    took: float = 0.0


class MessageExpired(Event, frozen=True, kw_only=True, tag=True):
    """Redis deleted the body of a message nobody had read; its place in the list stays: a ghost."""

    key: str


class GhostsPassed(Event, frozen=True, kw_only=True, tag=True):
    """A reader popped entries whose bodies had expired, and went on to the next."""

    channel: str
    keys: tuple[str, ...]


class MessageRefused(Event, frozen=True, kw_only=True, tag=True):
    """A send was turned away: the channel is full, the message too large, Redis out of memory, or a key is not ours."""

    channel: str
    reason: Literal["full", "too large", "out of memory", "wrong type"]
    cause: str = ""
    connection: str = ""
    n: int = 0


class MessageSkipped(Event, frozen=True, kw_only=True, tag=True):
    """A group send left a member out because its channel was full."""

    channel: str
    group: str
    cause: str = ""


class MessageLost(Event, frozen=True, kw_only=True, tag=True):
    """A message was taken out of the channel and nobody acted on it."""

    key: str
    reason: Literal["worker killed", "never fetched", "no route", "socket closed", "unreadable", "dropped on purpose"]
    worker: str = ""


class MessagesWiped(Event, frozen=True, kw_only=True, tag=True):
    """All waiting messages and groups are gone at once: flush, FLUSHDB, or a restart of Redis."""

    reason: Literal["flush", "flushdb", "restart"]


class GroupAdded(Event, frozen=True, kw_only=True, tag=True):
    """A channel joined a group, or renewed its membership."""

    group: str
    channel: str
    cause: str = ""


class GroupDiscarded(Event, frozen=True, kw_only=True, tag=True):
    """A channel left a group."""

    group: str
    channel: str
    cause: str = ""


class RowSaved(Event, frozen=True, kw_only=True, tag=True):
    """A consumer saved a row with a model of Django's, and it is committed: `table` ("demo.chatmessage"), key `row`.

    `cause` is the key of the message that was being handled. The session of a socket is a row of "sessions.session".
    `shows` is what the row says of itself; only the demo's do, for a row of somebody's own may hold secrets.
    """

    table: str
    row: str
    shows: str = ""
    is_new: bool = False
    cause: str = ""


class ReplyChannelOpened(Event, frozen=True, kw_only=True, tag=True):
    """The interface server gave a connection its reply channel."""

    connection: str
    channel: str


class ChannelMeasured(Event, frozen=True, kw_only=True, tag=True):
    """What Redis itself says of one channel: entries in the list and how many of them still have a body."""

    channel: str
    length: int
    live: int


class KeySeen(msgspec.Struct, frozen=True, kw_only=True):
    """One key as Redis has it now: `kind` is "queue", "body", "group", "counter" or "other".

    `size` is bytes for strings, members or entries otherwise; `ttl` in seconds, negative: none, None: gone.
    `detail` is for people: a body's content, a counter's meaning. `members` of a sorted set, with their scores: in a
    group the time a channel joined, in seconds since the epoch.
    """

    name: str
    kind: str
    type: str
    size: int
    ttl: float | None
    detail: str = ""
    lifetime: float = 0.0
    members: tuple[tuple[str, float], ...] = ()


class KeysSeen(Event, frozen=True, kw_only=True, tag=True):
    """The keys of the private Redis, looked at because they are on the screen."""

    keys: tuple[KeySeen, ...]
    total: int


# --- processes -------------------------------------------------------------------------------------------------------


class SourceStarted(Event, frozen=True, kw_only=True, tag=True):
    """A process or file the lab depends on is there: `name` is "redis", "server" …; `detail` is for people."""

    name: str
    pid: int = 0
    detail: str = ""


class SourceReady(Event, frozen=True, kw_only=True, tag=True):
    """It answers now; for the interface server `detail` is the address of its pages."""

    name: str
    detail: str = ""


class SourceFailed(Event, frozen=True, kw_only=True, tag=True):
    """Something around us failed; the rest runs on. `remedy` says what to do."""

    name: str
    reason: str
    remedy: str = ""


class SourceFinished(Event, frozen=True, kw_only=True, tag=True):
    """It ended, as asked or at its natural end."""

    name: str
    detail: str = ""


class RedisLost(Event, frozen=True, kw_only=True, tag=True):
    """Redis does not answer."""

    reason: str


class RedisBack(Event, frozen=True, kw_only=True, tag=True):
    """Redis answers again."""


class WorkerStarted(Event, frozen=True, kw_only=True, tag=True):
    """A worker process exists; it has not said anything yet. `only` and `exclude` are globs that choose its channels.

    `host` names the machine it runs on, "" for ours; `version` is that of the consumers it runs (ConsumersChanged).
    """

    worker: str
    pid: int
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    host: str = ""
    version: str = "shipped"


class WorkerReady(Event, frozen=True, kw_only=True, tag=True):
    """A worker listens to its channels."""

    worker: str
    channels: tuple[str, ...]


class ConsumerStarted(Event, frozen=True, kw_only=True, tag=True):
    """A consumer runs; `consumer` is its dotted name. `order` is the message's number on its socket, -1 without one."""

    worker: str
    key: str
    channel: str
    consumer: str
    order: int = -1


class ConsumerFinished(Event, frozen=True, kw_only=True, tag=True):
    """It returned after `seconds`."""

    worker: str
    key: str
    seconds: float


class ConsumerFailed(Event, frozen=True, kw_only=True, tag=True):
    """It raised; the worker goes on and the message is gone (at most once)."""

    worker: str
    key: str
    consumer: str
    error: str
    traceback: str


class WorkerStopped(Event, frozen=True, kw_only=True, tag=True):
    """The process is stopped (SIGSTOP)."""

    worker: str


class WorkerContinued(Event, frozen=True, kw_only=True, tag=True):
    """It runs again (SIGCONT)."""

    worker: str


class WorkerExited(Event, frozen=True, kw_only=True, tag=True):
    """The process ended: `signal` ("KILL", "TERM" …) or, without one, `status`.

    Of one on another machine, status -1 says only that it is heard of no more.
    """

    worker: str
    status: int = 0
    signal: str = ""


class LogLine(Event, frozen=True, kw_only=True, tag=True):
    """A line a child printed, or a log record: `level` is "info", "warning" or "error"."""

    text: str
    level: str = "info"


# --- the program itself ----------------------------------------------------------------------------------------------


class LabStarted(Event, frozen=True, kw_only=True, tag=True):
    """The live system is set up with these settings; what was before it belongs to an earlier run."""

    expiry: float
    capacity: int
    prefix: str
    workers: int


class ExpiryChanged(Event, frozen=True, kw_only=True, tag=True):
    """Messages sent from now on live `expiry` seconds."""

    expiry: float


class Frozen(Event, frozen=True, kw_only=True, tag=True):
    """The live system stands still: every gate holds what comes, and no key in Redis grows older (app/gates.py)."""


class Thawed(Event, frozen=True, kw_only=True, tag=True):
    """It goes on, after it stood still for `seconds`: what was left of every key's life is left now."""

    seconds: float


class SpeedSet(Event, frozen=True, kw_only=True, tag=True):
    """Slow motion: every gate holds each message so long that it goes at `speed`; at 1 none is held."""

    speed: float


class GatesSet(Event, frozen=True, kw_only=True, tag=True):
    """On a pipe only: a process has heard of a freeze, a thaw or another speed, and obeys from now on."""


class MessageHeld(Event, frozen=True, kw_only=True, tag=True):
    """A message waits at a gate; `number` tells it from all others that the gates of `source` have held.

    `channel` is where it is, or where it goes (a group's name at "replies", when `group` is set too). At "send" and
    "replies" it has no `key` yet: `connection` and `n` name the WebSocket message it comes from, `cause` is the message
    whose consumer sends it. `behind` more wait behind it that the gate has not seen.
    """

    gate: Gate
    number: int
    channel: str
    key: str = ""
    cause: str = ""
    group: str = ""
    connection: str = ""
    n: int = 0
    behind: int = 0


class MessagePassed(Event, frozen=True, kw_only=True, tag=True):
    """A message that a gate of `source` held has gone on, or is given up with its run when `is_dropped`."""

    gate: Gate
    number: int
    is_dropped: bool = False


class Stepped(Event, frozen=True, kw_only=True, tag=True):
    """One step: `source` let this message pass one gate; with `is_empty`, there was nothing to receive."""

    gate: Gate
    channel: str
    key: str = ""
    is_empty: bool = False


class FaultsSet(Event, frozen=True, kw_only=True, tag=True):
    """From now on messages are thrown away or held back on purpose, by globs of channels (app.settings.Faults)."""

    drop: dict[str, float]
    delay: dict[str, float]
    seed: int


class OriginCheckSet(Event, frozen=True, kw_only=True, tag=True):
    """From now on sockets may be opened by our own pages only ("origin"), by pages of our hosts, or by any ("none")."""

    check: Literal["origin", "hosts", "none"]


class AttackTried(Event, frozen=True, kw_only=True, tag=True):
    """A page of somebody else's, from `origin`, opened a socket and was answered with `status`.

    `has_cookie`: the browser sent the victim's; `outcome` is for people: how far it came, or the server's reason.
    """

    origin: str
    status: int
    has_cookie: bool
    outcome: str


class ClientAdded(Event, frozen=True, kw_only=True, tag=True):
    """A built-in client connected: `name` in the room, `address` its end of the TCP connection ("host:port")."""

    name: str
    address: str
    room: str = ""


class ClientLeft(Event, frozen=True, kw_only=True, tag=True):
    """A built-in client closed its socket or lost it."""

    name: str
    reason: str = ""


class BotsCounted(Event, frozen=True, kw_only=True, tag=True):
    """What a herd of bots counted in the last `seconds`; when `is_over`, in all its time.

    `count` were ordered for a `page` ("draw" or "chat"), at a `pace` of messages a second (0: every move); `open` are
    their open sockets, `refused` those that were not let in, `closed` the codes with which sockets were lost.
    Bytes are of whole frames; delays are seconds from a move to its return, half of them and 99 of 100 below.
    `operations` are the commands that Redis ran meanwhile, those in scripts too.
    """

    page: str
    room: str
    pace: int
    count: int
    open: int
    seconds: float
    sent: int = 0
    received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    delay_p50: float = 0.0
    delay_p99: float = 0.0
    errors: int = 0
    refused: int = 0
    closed: tuple[str, ...] = ()
    is_over: bool = False
    operations: int = 0


class BotsCompared(Event, frozen=True, kw_only=True, tag=True):
    """A herd is over that was as large as the one before and drew at another pace: what became of each figure a second.

    Figures are shares of those before (0.25: a quarter). `delay` says what became of the delay; `bytes_fell`, of the
    bytes sent, whether they fell as much as the messages.
    """

    count: int
    pace_before: int
    pace: int
    messages: float
    bytes: float
    operations: float
    delay: Literal["less", "same", "more"]
    bytes_fell: Literal["as much", "less", "not"]


class VerbFailed(Event, frozen=True, kw_only=True, tag=True):
    """A user asked for something that could not be done."""

    verb: str
    reason: str
    remedy: str = ""


class CaptureProgress(Event, frozen=True, kw_only=True, tag=True):
    """How far the reading of a capture file has come; `notes` is what was noticed (truncation, gaps)."""

    path: str
    packets: int
    frames: int
    connections: int
    done: int
    total: int
    seconds: float
    finished: bool = False
    notes: tuple[str, ...] = ()


class CommandRun(Event, frozen=True, kw_only=True, tag=True):
    """A Redis command was typed and answered; `verb` is its first word in small letters, `answer` what was printed.

    `key`, `channel` or `group` says what the first key it names is to the channel layer. `is_empty`: there was nothing,
    so the answer is nil, an empty list, 0, or -2 for the time to live of a key that does not exist.
    """

    command: str
    verb: str
    answer: str
    is_error: bool = False
    is_empty: bool = False
    key: str = ""
    channel: str = ""
    group: str = ""


class AcceptComputed(Event, frozen=True, kw_only=True, tag=True):
    """The accept value of `key` was worked out (RFC 6455 §4.2.2); `is_sent`: this key did come from a browser."""

    key: str
    accept: str
    is_sent: bool


class HandshakeTried(Event, frozen=True, kw_only=True, tag=True):
    """A handshake broken on purpose was answered with `status` (0: not at all); `outcome` is a sentence for people.

    `refused_by` is "server" or "client", "" where nobody refused; `address` the client's end of its connection
    ("host:port").
    """

    mutation: str
    status: int
    outcome: str
    refused_by: str = ""
    address: str = ""


class PageFetched(Event, frozen=True, kw_only=True, tag=True):
    """A page was asked for and answered with `status` (0: the connection ended without an answer) after `seconds`."""

    path: str
    status: int
    seconds: float


class FilterTried(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A filter of a route: the expression `pattern` on a message's `value` under `key`, which begins a match or not.

    So many characters of the value fit so many of the pattern (-1: nobody can say). Of an `include`, `rest` is what
    its inner routes see of the value.
    """

    key: str
    pattern: str
    outcome: FilterOutcome
    value: str = ""
    pattern_fitted: int = -1
    fitted: int = 0
    groups: dict[str, str | None] = {}
    rest: str | None = None


class RouteTried(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A route and what became of it; `inner` are the routes of an `include`, "own" is a kind of the application's.

    `consumer` is a dotted name. `is_default`: the framework added it behind the application's routes.
    """

    kind: Literal["route", "include", "own"]
    consumer: str
    channels: tuple[str, ...]
    outcome: RouteOutcome
    filters: tuple[FilterTried, ...] = ()
    inner: tuple[RouteTried, ...] = ()
    kwargs: dict[str, str | None] = {}
    is_default: bool = False


class RouteExplained(Event, frozen=True, kw_only=True, tag=True):
    """What the workers' routing does with a message: route number `number` (from 1) has it, 0: none.

    `consumer` would be called with `kwargs`, "" if there is no route; `problem` says why that call would fail.
    `is_listened`: some route is for the channel, so workers take messages from it at all. `view` is what Django's URLs
    make of a request that goes to its views. `key` is that of a message that was really sent, "" of one made up.
    """

    channel: str
    body: bytes
    consumer: str = ""
    kwargs: dict[str, str | None] = {}
    number: int = 0
    is_default: bool = False
    is_listened: bool = True
    problem: str = ""
    view: str = ""
    key: str = ""
    routes: tuple[RouteTried, ...] = ()


class ConsumersChecked(Event, frozen=True, kw_only=True, tag=True):
    """The text of a demo's module was loaded as a worker would; where not `is_good`, `error` says why.

    `module` is the one that was edited ("consumers"), `file` and `line` are where it went wrong ("", 0: nowhere).
    """

    is_good: bool
    module: str = ""
    error: str = ""
    file: str = ""
    line: int = 0


class ConsumersChanged(Event, frozen=True, kw_only=True, tag=True):
    """Workers that start from now on run this version: "shipped", "talk" or "edited".

    `texts` are the modules that differ from the shipped ones ("consumers", "routing" …).
    """

    version: str
    texts: dict[str, str] = {}


class CaptureOpened(Event, frozen=True, kw_only=True, tag=True):
    """A capture file was opened; `name` without its folders, "" when it was closed again for the live system."""

    name: str


class EventsDropped(Event, frozen=True, kw_only=True, tag=True):
    """`count` observations of `source` were not kept because something was too slow to take them."""

    count: int


class CountersSeen(Event, frozen=True, kw_only=True, tag=True):
    """A source's totals since it began, so that sums stay right when observations were dropped.

    `unsaid` counts what was dropped by kind, a group's copies one by one. `holding` is how many messages a worker has
    taken and not come to an end with at this moment.
    """

    events: int
    dropped: int
    unsaid: dict[str, int] = {}
    holding: int = 0


class StepShown(Event, frozen=True, kw_only=True, tag=True):
    """A lesson's step is on the screen."""

    lesson: str
    step: str


class Predicted(Event, frozen=True, kw_only=True, tag=True):
    """The learner said what will happen: the number of the option chosen, from 0."""

    lesson: str
    step: str
    option: int


class RecordingStarted(Event, frozen=True, kw_only=True, tag=True):
    """The recording of a step is played instead of the live system; what was before belongs to another run."""

    lesson: str
    step: str


class RecordingFinished(Event, frozen=True, kw_only=True, tag=True):
    """The recording of a step has come to its end."""

    lesson: str
    step: str


class Selected(Event, frozen=True, kw_only=True, tag=True):
    """Something was selected in the window.

    `kind` is "frame", "message", "run" (the consumer that runs for a message), "worker", "connection", "channel",
    "group", "key" or "database"; "" with no `item`: nothing is selected any more.
    Of a frame, `item` is its row, `opcode` its name ("TEXT"), `field` the name RFC 6455 has for the bits chosen in the
    Inspector ("" for the frame as a whole).
    """

    kind: str
    item: str
    direction: str = ""
    opcode: str = ""
    field: str = ""


def kinds() -> tuple[type[Event], ...]:
    """Return every kind of event, in the order of this file."""
    return tuple(Event.__subclasses__())
