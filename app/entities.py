# SPDX-License-Identifier: GPL-3.0-or-later
"""What the state holds: a message, a channel, a connection, a worker, a source.

Times are seconds since the epoch, 0.0 while the thing has not happened.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from app.settings import Duty


class Fate(enum.Enum):
    """Where a message is, or how it ended. The first two are open: a message moves from them to exactly one other."""

    WAITING = "waiting"
    HELD = "held by a worker"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    LOST = "lost with a worker"
    NO_ROUTE = "no route"
    SOCKET_CLOSED = "socket closed"
    UNREADABLE = "unreadable"
    WIPED = "wiped"
    DROPPED = "dropped on purpose"
    UNSEEN = "fate not seen"

    __hash__ = object.__hash__  # Enum's own is slow, and messages are counted by their fate with every move

    @property
    def is_open(self) -> bool:
        """Whether the message may still get somewhere."""
        return self in (Fate.WAITING, Fate.HELD)


@dataclass
class Message:
    """A message on the channel layer; times in seconds since the epoch, 0.0 while it has not happened."""

    key: str
    channel: str
    body: bytes
    sent: float
    expiry: float
    sender: str
    cause: str = ""
    connection: str = ""
    n: int = 0
    group: str = ""
    fate: Fate = Fate.WAITING
    taken_by: str = ""
    received: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    became: tuple[str, int] = ("", 0)  # the (connection, n) it left on, for a reply
    consumer: str = ""  # what ran for it
    sending: float = 0.0  # seconds until Redis had answered its sender; 0.0: nobody said
    popped: float = 0.0  # when its place left the queue; 0.0: that was not seen apart from the rest of its receive
    reason: str = ""  # why it was lost
    popping: float = 0.0  # seconds that a worker's last trip for it to Redis took (Taken.took); 0.0: nobody said


@dataclass
class Channel:
    """A channel's queue: keys of waiting messages and of ghosts, oldest first."""

    name: str
    waiting: dict[str, float] = field(default_factory=dict)  # key -> when it expires, by World.clock
    ghosts: dict[str, float] = field(default_factory=dict)  # key -> when it expired
    bodies: dict[str, float] = field(default_factory=dict)  # as `waiting`: still in Redis, but in the queue no more
    sent: int = 0
    received: int = 0
    refused: int = 0
    unseen: int = 0  # live entries Redis has beyond those we know of
    unseen_ghosts: int = 0  # and ghosts
    left: dict[str, float] = field(default_factory=dict)  # key -> when it was sent: gone from Redis, by nobody's word

    @property
    def live(self) -> int:
        """How many messages wait in it."""
        return len(self.waiting) + self.unseen

    @property
    def dead(self) -> int:
        """How many of its entries are ghosts: they take up places too."""
        return len(self.ghosts) + self.unseen_ghosts

    @property
    def entries(self) -> int:
        """How long its list is; that is what its capacity limits."""
        return self.live + self.dead


@dataclass
class Connection:
    """A TCP connection to the interface server, or one of a capture."""

    id: str
    client: str
    server: str
    opened: float
    name: str = ""
    path: str = ""
    status: int = 0
    closed: float = 0.0
    reply_channel: str = ""
    is_foreign: bool = False  # opened by a page of another origin
    frames: dict[str, int] = field(default_factory=lambda: {"client": 0, "server": 0})
    last_frame: float = 0.0

    @property
    def is_websocket(self) -> bool:
        """Whether its opening handshake succeeded, or frames were recognised without one."""
        return self.status == 101 or self.frames["client"] + self.frames["server"] > 0


@dataclass
class Worker:
    """A worker process; `status` is starting, idle, running, stopped, killed or exited.

    `duty` chooses among the channels of its routing; `host` names its machine, "" for ours; `version` is
    that of the consumers it runs.
    """

    name: str
    pid: int
    started: float
    status: str = "starting"
    channels: tuple[str, ...] = ()
    consumer: str = ""
    key: str = ""
    order: int = -1  # of the message, on its socket
    since: float = 0.0
    done: int = 0
    failed: int = 0
    exit_status: int = 0
    signal: str = ""
    stopped_from: str = "idle"
    duty: Duty = field(default_factory=Duty)
    host: str = ""
    version: str = "shipped"
    receive: str = "atomic"  # how it takes messages

    @property
    def is_alive(self) -> bool:
        """Whether the process still exists."""
        return self.status not in ("killed", "exited")


@dataclass
class Source:
    """A process or file the lab depends on; `status` is starting, ready, failed or finished."""

    name: str
    status: str
    pid: int = 0
    detail: str = ""
    remedy: str = ""
