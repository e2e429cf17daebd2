# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop all that runs, and change what may change meanwhile."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as replace_fields

from app import orders
from app.events import (
    ConnectionClosed,
    Event,
    LogLine,
    MessagesWiped,
    SourceFailed,
    SourceFinished,
    SourceReady,
    SourceStarted,
    WorkerReady,
)
from app.live import launch
from app.live.checking import Checking
from app.live.connections import Connections
from app.live.explaining import Explainer
from app.live.failing import Failing
from app.live.flushing import flush
from app.live.freezing import Freezing
from app.live.room import Inviting, Sharing
from app.ports import WILDCARDS, bracketed, room_addresses
from app.redis_server.find import find_server
from app.redis_server.guard import password_of
from app.settings import Faults, Settings
from app.sources.crew import Crew
from app.sources.processes import ChildProcess
from app.sources.tasks import end_tasks, kept
from app.versions import Version

if TYPE_CHECKING:
    from app.sources.redis_watch import RedisWatch

HEAD_START = 0.4  # seconds between the first worker, with which the pages answer, and the others
READY_PATIENCE = 20.0  # seconds for a process to become ready
CLOSING = 0.3  # seconds that sockets are given to close at a reset


class SetUpError(Exception):
    """The live system, or a part of it, could not be set up."""


class LiveSystem:
    """Everything that runs; all methods are for the lab's thread."""

    def __init__(self, settings: Settings, emit: Callable[[Event], None]) -> None:
        self.settings = settings
        self.address = ""
        self.crew = Crew(self._observe)
        self._emit = emit
        self._folder: Path | None = None
        self._secret = secrets.token_hex(16)  # of this run's Redis
        self.is_private = "://" not in settings.redis
        self._guard, self._server = (ChildProcess(it, self._observe, self._ended) for it in ("redis", "server"))
        self.failing, self.checking = Failing(self._server, self.crew), Checking(self._server, self.crew)
        self.explainer = Explainer(emit)
        self.version = Version()  # of the demo's consumers
        self.sharing = Sharing(settings, self._server, emit)
        self.inviting = Inviting(emit, self._observe_guest, lambda name: name in self.crew.names)
        self.freezing = Freezing(self._server, self.crew, self.inviting, emit, settings.prefix)
        self._watch: RedisWatch | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()
        self._working = asyncio.Event()
        self._leaving = False
        self._is_prepared = False  # whether the demo's database is there
        self._connections = Connections()
        self._shows_keys = False

    # --- life ---

    async def start(self) -> None:
        """Start all; each process waits for the others by itself. Raises NoRedis or SetUpError."""
        self._folder = Path(tempfile.mkdtemp(prefix="channelscope-"))  # mode 0700; the guard removes it
        self.freezing.url = self.redis_url("admin") if self.is_private else ""
        self._tasks = [kept(self.crew.watch(), "the watch on workers", self._emit)]
        await self._start_missing()
        await self.start_workers(self.settings.workers)
        await self._start_watch()

    async def stop(self) -> None:
        """End all."""
        self._leaving = True
        await self.inviting.close()
        await end_tasks(self._tasks)
        await self.freezing.close()
        await asyncio.gather(self.crew.kill(), self.explainer.end(), self._server.end(1.0))
        if self._watch:
            await self._watch.close()
        await self._guard.end(3.0)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def clear(self) -> None:
        """Back to nothing: no worker, no message, no group, no open socket."""
        await self.hold()
        await self._start_missing()
        await self._flush()
        if self._watch is None:
            await self._start_watch()

    async def hold(self) -> None:
        """No worker and no open socket, until `clear` begins anew; also where nothing could be started."""
        await self.crew.dismiss()
        self._working.clear()
        await self.freezing.forget()
        self._server.order(orders.CloseSockets())
        await self._connections.until_no_socket(CLOSING)  # what they say at their end is to be flushed too

    async def until_ready(self) -> None:
        """Wait until pages can be served; raises SetUpError."""
        try:
            async with asyncio.timeout(READY_PATIENCE):
                await self._ready.wait()
                await self._working.wait()
        except TimeoutError:
            raise SetUpError(f"no worker was ready within {READY_PATIENCE:.0f} s") from None

    async def _start_missing(self) -> None:
        """Start Redis and the server where they do not run: at the beginning, or after they have ended."""
        if self.is_private and not self._guard.is_alive:
            await self._guard.until_ended()
            await self._start_guard()
        if not self._server.is_alive:
            await self._server.until_ended()
            await self._start_server()

    async def _start_guard(self) -> None:
        assert self._folder is not None
        if not self._folder.exists():  # the guard before took it along, and the demo's database in it
            self._folder.mkdir(mode=0o700)
            self._is_prepared = False
        secret = {"CHANNELSCOPE_SECRET_OF_REDIS": self._secret}
        program = await asyncio.to_thread(find_server, self.settings.redis)
        await self._guard.start("app.redis_server", ["--server", str(program), "--folder", str(self._folder)], **secret)

    async def _start_server(self) -> None:
        settings = self.settings
        port = self.address.rpartition(":")[2] or str(settings.port)  # open pages find it again at its old address
        args = ["--host", settings.host, "--port", port, "--first-connection", str(self._connections.newest + 1)]
        self._ready.clear()
        self._emit(SourceStarted(t=time.time(), source="lab", name="server", detail=f":{port}"))
        args += [*launch.server_args(settings), *self.freezing.options]
        await self._server.start("app.server", args, **self._environment())
        self._emit(SourceStarted(t=time.time(), source="lab", name="server", pid=self._server.pid, detail=f":{port}"))

    async def _start_watch(self) -> None:
        """Begin to watch Redis, once the pages answer: until then there is little to see."""
        from app.sources.redis_watch import RedisWatch

        self._watch = RedisWatch(self.redis_url("inspector"), self.settings, self._emit)
        self._watch.shows_keys = self._shows_keys
        self._watch.left_of = self.freezing.left_of
        self._tasks.append(kept(self._watch.run(), "the watch on Redis", self._emit))

    # --- workers ---

    async def start_worker(self, name: str) -> None:
        """Start one worker under this name, for the channels that it was given."""
        self.explainer.outdate()
        args = launch.worker_args(self.settings, self._is_prepared, self.freezing.options)
        told = {"version": self.version.name, "receive": self.settings.receive}
        await self.crew.start(name, args, told, **self.worker_environment())

    async def start_workers(self, count: int) -> None:
        """Start so many: worker-1 … The very first makes the demo's database, so the others wait for it."""
        names = [f"worker-{i + 1}" for i in range(count)]
        if names and not self._is_prepared:
            first = names.pop(0)
            await self.start_worker(first)
            await self.crew.until_listening(first, READY_PATIENCE)
            await asyncio.sleep(HEAD_START if names else 0)
        await asyncio.gather(*(self.start_worker(name) for name in names))

    async def revive_workers(self) -> None:
        """Start the dead ones again, or as many as the settings say when there is none."""
        names: Sequence[str] = self.crew.names or [f"worker-{i + 1}" for i in range(self.settings.workers)]
        await asyncio.gather(*(self.start_worker(name) for name in names))

    # --- what may change while it runs ---

    def adopt(self, settings: Settings) -> None:
        """Tell everybody about other settings; how a worker works is settled when it starts."""
        before, self.settings = self.settings, settings
        self._server.order(orders.SetExpiry(settings.expiry))
        self._server.order(orders.SetCapacity(settings.capacity))
        self.crew.order(orders.SetExpiry(settings.expiry))
        self.inviting.adopt(settings)
        self.failing.adopt(before, settings)
        self.checking.adopt(before, settings)
        if self._watch:
            self._watch.settings = settings

    async def set_faults(self, faults: Faults) -> None:
        """Let things go wrong on purpose."""
        self.settings = replace(self.settings, faults=faults)
        await self.failing.tell(self.failing.order_of(faults))

    def set_expiry(self, seconds: int) -> None:
        """Tell everybody how long messages sent from now on live."""
        self.adopt(replace(self.settings, expiry=seconds))

    def order_server(self, order: orders.AnyOrder) -> None:
        """Tell the interface server something."""
        self._server.order(order)

    def watch_keys(self, is_shown: bool) -> None:
        """Look at the keys in Redis while they are on the screen."""
        self._shows_keys = is_shown
        if self._watch:
            self._watch.shows_keys = is_shown

    async def invite(self, address: str = "") -> None:
        """Invite workers of other machines to an address of this one, or to the likeliest; raises SetUpError."""
        if not self.is_private:
            raise SetUpError("this Redis was not started by the program: a worker joins it with --redis and its URL")
        if self.freezing.is_frozen:
            raise SetUpError("the live system stands still, and guests cannot be held: thaw it first")
        if not (address := address or next(iter(room_addresses()), "")):
            raise SetUpError("this machine is in no network: join one, or let a phone make a hotspot")
        await self.inviting.open(self.redis_url("admin"), address, self.settings)

    def order_redis(self, order: orders.AnyOrder) -> None:
        """Tell the guard something; raises SetUpError for a Redis that is not ours."""
        if not self.is_private:
            raise SetUpError("this Redis was not started by the program, so it is left alone")
        self._guard.order(order)

    async def _flush(self) -> None:
        await flush(self.redis_url("admin"), self.settings.prefix)
        self._emit(MessagesWiped(t=time.time(), source="lab", reason="flush"))

    # --- shared ---

    def redis_url(self, user: str) -> str:
        """Return where Redis is, for one of its users (app/redis_server)."""
        if not self.is_private:
            return self.settings.redis
        return f"unix://{user}:{password_of(user, self._secret)}@{self._folder}/redis.sock"

    def worker_environment(self, version: Version | None = None) -> dict[str, str]:
        """Return what workers of a version find in their environment, or of the one that runs."""
        return {**self._environment(), **(version or self.version).environment(self._folder)}

    def _environment(self) -> dict[str, str]:
        return launch.environment(self.settings, self._folder, self.redis_url("layer"))

    def _observe_guest(self, event: Event) -> None:
        if self._watch:
            self._watch.notice(event)
        self._emit(event)

    def _observe(self, event: Event) -> None:
        if any(one.notice(event) for one in (self.failing, self.checking, self.freezing)):
            return
        if isinstance(event, SourceReady) and event.name == "server":
            if here := WILDCARDS.get(self.settings.host):
                scheme, port = event.detail.partition(":")[0], event.detail.rpartition(":")[2]
                event = replace_fields(event, detail=f"{scheme}://{bracketed(here)}:{port}")
            self.address = event.detail
            self._ready.set()
        elif isinstance(event, WorkerReady):
            self._working.set()
            self._is_prepared = True
        elif isinstance(event, LogLine) and event.source == "redis" and "WARNING" in event.text:
            return  # advice on kernel settings for production servers
        self._connections.notice(event)
        self._observe_guest(event)
        self.sharing.notice(event)

    def _ended(self, process: ChildProcess) -> None:
        now, name = time.time(), process.name
        if process is self._server:
            self.sharing.server_ended()
            self.freezing.server_ended()
            for connection in sorted(self._connections.open):
                self._observe(ConnectionClosed(t=now, source="lab", connection=connection, reason="server ended"))
        if self._leaving:
            self._emit(SourceFinished(t=now, source="lab", name=name))
        else:
            reason, remedy = f"the process ended by itself with status {process.status}", "Reset starts it again."
            self._emit(SourceFailed(t=now, source="lab", name=name, reason=reason, remedy=remedy))
