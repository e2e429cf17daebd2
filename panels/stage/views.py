# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Stage shows of a state: prepared values, so that painting only paints."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from app.entities import Channel, Connection, Worker
from app.events import BotsCounted
from app.metrics import queue_of
from app.settings import Duty
from app.state import State
from panels.stage.duties import EVERYTHING, command_of
from panels.stage.held import GateView, gates_of
from panels.stage.lane_views import LaneView, lane_of
from panels.stage.rates import Rates, rate_text
from panels.stage.slow import Moving, moving_of
from panels.stage.worker_words import ago, says_of

VERSIONS = {"talk": "the talk's", "edited": "edited"}  # of consumers, where they are not the shipped ones
CLIENTS_SHOWN = 5
WORKERS_SHOWN = 12
CLIENT_ROLES = ("opcode", "fin", "length", "mask", "masking_key")
ALWAYS = ("websocket.connect", "websocket.receive", "http.request")
ORDER = ("websocket.connect", "websocket.receive", "websocket.disconnect", "http.request")
SESSIONS = "sessions.session"
NO_REPLY_CHANNEL = "daphne.response.…!"


@dataclass(frozen=True)
class ClientView:
    """One open WebSocket connection; `role` is the colour of its disc."""

    id: str
    name: str
    role: str
    rate: str
    is_builtin: bool

    @property
    def letter(self) -> str:
        """What stands in the disc."""
        return _letter_of(self.name)


@dataclass(frozen=True)
class ServerView:
    """The interface server."""

    status: str
    pid: int
    port: str
    connections: int
    frames_in: float
    frames_out: float
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class GroupView:
    """A group: `members` are the discs (letter, role) of its live clients, `dead` those whose sockets have closed."""

    name: str
    members: tuple[tuple[str, str], ...]
    count: int
    dead: int = 0

    @property
    def label(self) -> str:
        """All of it in words."""
        dead = f", {self.dead} of them dead" if self.dead else ""
        return f"Group {self.name}: {self.count} member{'' if self.count == 1 else 's'}{dead}"


@dataclass(frozen=True)
class WorkerView:
    """A worker process; `says` are ways to tell its state, the longest first."""

    name: str
    pid: int
    status: str
    says: tuple[str, ...]
    key: str = ""
    duty: Duty = EVERYTHING
    host: str = ""
    version: str = "shipped"  # of its consumers

    @property
    def label(self) -> str:
        """All of it in words."""
        says = f"{self.name}, {self.says[0]}"
        if version := VERSIONS.get(self.version):
            says += f". Its consumers are {version}"
        if self.host:
            says += f". It runs on {self.host} and can be ended only there"
        return says if self.duty == EVERYTHING else f"{says}. {command_of(self.duty)}"

    @property
    def is_alive(self) -> bool:
        """Whether the process still exists."""
        return self.status not in ("killed", "exited")


@dataclass(frozen=True)
class StageView:
    """Everything on the Stage."""

    clients: tuple[ClientView, ...]
    more_clients: int
    server: ServerView
    lanes: tuple[LaneView, ...]
    groups: tuple[GroupView, ...]
    workers: tuple[WorkerView, ...]
    more_workers: int
    bots: BotsCounted | None = None
    rows: tuple[tuple[str, int], ...] = ()  # how many consumers have made in each table of the application's own
    gates: tuple[GateView, ...] = ()
    standing: str = ""  # how long everything has stood still, in words; "" when it goes on
    moving: tuple[Moving, ...] = field(default=(), compare=False)  # what gates hold in slow motion, as dots


def view_of(
    state: State, now: float, rates: Rates, port: str, is_live: bool = True, has_dots: bool = True
) -> StageView:
    """Prepare what the Stage shows at `now` (seconds since the epoch); without dots what is held stays at its gate."""
    sockets = [one for one in state.connections.values() if one.is_websocket and not one.closed]
    builtin = _builtin(state)
    faces = {one.id: (_letter_of(_name(one, builtin)), _role_of(one.id)) for one in sockets}
    workers = _workers_shown(list(state.workers.values()))
    moving = moving_of(state, now, faces, is_live) if has_dots else ()
    shown = CLIENTS_SHOWN if len(sockets) <= CLIENTS_SHOWN else CLIENTS_SHOWN - 1
    return StageView(
        clients=tuple(_client(one, builtin, now, rates) for one in sockets[:shown]),
        more_clients=max(len(sockets) - shown, 0),
        server=_server(state, len(sockets), now, rates, port),
        lanes=tuple(lane_of(state, channel, now) for channel in _channels_shown(state)),
        groups=tuple(_groups(state, faces)),
        workers=tuple(_worker(worker, now, state) for worker in workers),
        more_workers=len(state.workers) - len(workers),
        bots=state.bots,
        rows=tuple((table, count) for table, count in state.tables.items() if table != SESSIONS),
        gates=gates_of(state, workers, faces, frozenset(one.spot for one in moving)),
        moving=moving,
        standing=f"❚❚ clock stopped · {ago(now - state.clock.since)}" if state.clock.since else "",
    )


def connection_name(connection: Connection, state: State) -> str:
    """Return the name a page or a built-in client goes by, else the port its socket has."""
    return _name(connection, _builtin(state))


def _builtin(state: State) -> dict[str, str]:
    """Return the names of built-in clients by their addresses."""
    return {one.address: one.name for one in reversed(state.clients.values())}


def _name(connection: Connection, builtin: dict[str, str]) -> str:
    return connection.name or builtin.get(connection.client, "") or ":" + connection.client.rpartition(":")[2]


@lru_cache(maxsize=4096)  # asked for each socket, ten times a second
def _letter_of(name: str) -> str:
    return next((letter for letter in name if letter.isalnum()), "?").upper()


@lru_cache(maxsize=4096)
def _role_of(connection: str) -> str:
    number = int("".join(filter(str.isdigit, connection)) or 0)
    return CLIENT_ROLES[(number - 1) % len(CLIENT_ROLES)]


def _client(connection: Connection, builtin: dict[str, str], now: float, rates: Rates) -> ClientView:
    return ClientView(
        id=connection.id,
        name=_name(connection, builtin),
        role=_role_of(connection.id),
        rate="foreign" if connection.is_foreign else rate_text(rates.of(connection.id, now)),
        is_builtin=connection.client in builtin,
    )


def _server(state: State, connections: int, now: float, rates: Rates, port: str) -> ServerView:
    source = state.sources.get("server")
    failed = source is not None and source.status == "failed"
    is_off = not_running(state)
    return ServerView(
        status=source.status if source else "not running" if is_off else "starting",
        pid=source.pid if source else 0,
        port=port,
        connections=connections,
        frames_in=rates.of("client", now),
        frames_out=rates.of("server", now),
        reason=source.detail if source and failed else "",
        remedy=source.remedy if source and failed else "",
    )


def not_running(state: State) -> bool:
    """Return whether the live system could not be started at all: there is no Redis, say."""
    lab = state.sources.get("lab")
    return lab is not None and lab.status == "failed" and "server" not in state.sources


def _channels_shown(state: State) -> list[Channel]:
    """Return the three everybody must know, those with traffic, and the reply channel in use, which comes last."""
    requests = {name: Channel(name) for name in ALWAYS}
    opened = [one.reply_channel for one in state.connections.values() if one.reply_channel]
    replies = {name: Channel(name) for name in map(queue_of, opened[-1:])}
    for name, channel in state.channels.items():
        is_busy = channel.entries > 0
        if "!" in name:
            if is_busy or name in replies or not opened:
                replies[name] = channel
        elif is_busy or ("?" not in name and (channel.sent or channel.refused)):
            requests[name] = channel
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    ordered = sorted(requests.values(), key=lambda one: ranks.get(one.name, len(ranks)))
    return ordered + list(replies.values() or [Channel(NO_REPLY_CHANNEL)])


def _groups(state: State, faces: dict[str, tuple[str, str]]) -> list[GroupView]:
    behind = {one.reply_channel: one for one in state.connections.values() if one.reply_channel}
    groups = []
    for name, members in state.groups.items():
        owners = [behind[one] for one in members if one in behind]
        known = tuple(faces[one.id] for one in owners if one.id in faces)
        groups.append(GroupView(name, known, len(members), sum(one.closed > 0 for one in owners)))
    return groups


def _workers_shown(workers: list[Worker]) -> list[Worker]:
    """Return all that live, and of the dead the newest, in the order they were started."""
    room = WORKERS_SHOWN - sum(worker.is_alive for worker in workers)
    dead = [worker.name for worker in workers if not worker.is_alive]
    shown = set(dead[-room:] if room > 0 else ())
    return [worker for worker in workers if worker.is_alive or worker.name in shown]


def _worker(worker: Worker, now: float, state: State) -> WorkerView:
    return WorkerView(
        worker.name,
        worker.pid,
        worker.status,
        says_of(worker, now, state),
        worker.key,
        worker.duty,
        worker.host,
        worker.version,
    )
