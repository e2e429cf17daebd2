# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns everything live on one asyncio thread; the verbs a user has.

A verb may be called from any thread and returns at once. Its result is an event in the inbox, also when it fails
(`VerbFailed`).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from signal import Signals
from typing import Any, Literal

from app import orders
from app.clients.chat import ChatClient, ClientError
from app.events import Event, ExpiryChanged, LabStarted, LogLine, SourceFailed, VerbFailed
from app.frame_index import FrameIndex
from app.inbox import Inbox
from app.live import LiveSystem, SetUpError
from app.redis_server.find import NoRedis
from app.settings import Settings
from app.sources.decode import WireDecoder

NAMES = ("ada", "bob", "cy", "dora", "eli", "flo", "gus", "hal", "ivy", "jo")  # for clients nobody named
SignalName = Literal["TERM", "KILL", "STOP", "CONT"]


class Lab:
    """The live system and its verbs.

    `index` takes the frames of the wire; `inbox` the events; `observed`, when given, is told every observed event with
    its bytes, on the lab's thread (a recorder).
    """

    def __init__(
        self,
        settings: Settings,
        inbox: Inbox | None = None,
        index: FrameIndex | None = None,
        observed: Callable[[Event], None] | None = None,
    ) -> None:
        self.settings = settings
        self.inbox = Inbox() if inbox is None else inbox
        self.index = FrameIndex() if index is None else index
        self._observed = observed
        self._decoder = WireDecoder(self.index)
        self._live = LiveSystem(settings, self._take)
        self._clients: dict[str, ChatClient] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._turn = asyncio.Lock()  # one change of the set-up at a time
        self._leaving = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()  # verbs being done

    @property
    def address(self) -> str:
        """Where the pages are, "" until they answer."""
        return self._live.address

    # --- life ---

    def start(self) -> None:
        """Start the thread and on it the live system."""
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(started)), name="lab")
        self._thread.start()
        started.wait()

    def stop(self) -> None:
        """End everything and wait for it: no process, socket or file is left."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._leaving.set)
            self._thread.join()
            self._thread = None

    async def _main(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._own_error)
        starting = asyncio.create_task(self._try("start", self._begin))
        started.set()
        await self._leaving.wait()
        for task in {starting, *self._tasks}:
            task.cancel()
        await asyncio.gather(starting, *self._tasks, return_exceptions=True)
        await asyncio.gather(*(client.leave() for client in self._clients.values()), return_exceptions=True)
        await self._live.stop()

    async def _begin(self) -> None:
        try:
            async with self._turn:
                self._say_started(self.settings.workers)
                await self._live.start()
        except (NoRedis, SetUpError, OSError) as error:
            self._take(SourceFailed(t=time.time(), source="lab", name="lab", reason=str(error)))

    def _own_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error of ours on this thread: say so, and hand it to the hook; the rest runs on."""
        error = context.get("exception")
        text = f"An error of the program: {context['message']}"
        if isinstance(error, BaseException):
            text += "\n" + "".join(traceback.format_exception(error))
            hook = threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
            threading.excepthook(hook)
        self._take(LogLine(t=time.time(), source="lab", text=text, level="error"))

    def _take(self, event: Event) -> None:
        """An observed event: record it, decode it, leave it in the inbox."""
        if self._observed is not None:
            self._observed(event)
        self.inbox.put_all(self._decoder.feed(event))

    def _say_started(self, workers: int) -> None:
        settings = self._live.settings
        self._take(
            LabStarted(
                t=time.time(),
                source="lab",
                expiry=settings.expiry,
                capacity=settings.capacity,
                prefix=settings.prefix,
                workers=workers,
            )
        )

    def _do(self, verb: str, work: Callable[[], Awaitable[Any]]) -> concurrent.futures.Future[None]:
        """Have a verb done on the lab's thread; what goes wrong becomes an event."""
        if self._loop is None:
            raise RuntimeError("the lab was not started")
        return asyncio.run_coroutine_threadsafe(self._try(verb, work), self._loop)

    async def _try(self, verb: str, work: Callable[[], Awaitable[Any]]) -> None:
        task = asyncio.current_task()
        if task is None or self._leaving.is_set():
            return
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await work()
        except (ClientError, SetUpError, NoRedis) as error:
            self._fail(verb, str(error))
        except KeyError as error:
            self._fail(verb, f"there is no {error.args[0]} alive")
        except Exception as error:
            context = {"message": f"{verb} failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
            raise

    def _fail(self, verb: str, reason: str, remedy: str = "") -> None:
        self._take(VerbFailed(t=time.time(), source="lab", verb=verb, reason=reason, remedy=remedy))

    # --- verbs: the set-up ---

    def set_up(
        self, workers: int | None = None, expiry: int | None = None, clients: list[str] | None = None
    ) -> concurrent.futures.Future[None]:
        """Start from scratch with so many workers, this expiry in seconds, and built-in clients of these names."""

        async def work() -> None:
            async with self._turn:
                await asyncio.gather(*(client.leave() for client in self._clients.values()))
                self._clients.clear()
                await self._live.clear()
                self._live.set_expiry(self.settings.expiry if expiry is None else expiry)
                count = self.settings.workers if workers is None else workers
                self._say_started(count)
                await self._live.start_workers(count)
                if clients:
                    await self._live.until_ready()
                    await asyncio.gather(*(self._join(name, "lobby") for name in clients))

        return self._do("set_up", work)

    def reset(self) -> concurrent.futures.Future[None]:
        """Go back to the start state: no message, no group, the workers of the settings."""
        return self.set_up()

    def set_expiry(self, seconds: int) -> concurrent.futures.Future[None]:
        """Let messages sent from now on live so many seconds."""

        async def work() -> None:
            if seconds < 1:
                raise SetUpError(f"an expiry is at least one second, not {seconds}")
            self._live.set_expiry(seconds)
            self._take(ExpiryChanged(t=time.time(), source="lab", expiry=seconds))

        return self._do("set_expiry", work)

    # --- verbs: workers ---

    def spawn_worker(self) -> concurrent.futures.Future[None]:
        """Start one more worker."""
        return self._do("spawn_worker", lambda: self._start_worker(""))

    def restart_worker(self, worker: str) -> concurrent.futures.Future[None]:
        """Start a dead worker again under its name."""
        return self._do("restart_worker", lambda: self._start_worker(worker))

    def start_workers(self) -> concurrent.futures.Future[None]:
        """Start the dead workers again, or as many as the settings say when there is none."""

        async def work() -> None:
            async with self._turn:
                await self._live.revive_workers()

        return self._do("start_workers", work)

    async def _start_worker(self, name: str) -> None:
        async with self._turn:  # not in the middle of a set-up, which would forget it
            await self._live.start_worker(name or self._live.crew.next_name())

    def signal_worker(self, worker: str, signal: SignalName) -> concurrent.futures.Future[None]:
        """Send a signal: TERM finishes the message at hand, KILL loses it, STOP freezes the process, CONT thaws it."""

        async def work() -> None:
            self._live.crew.signal(worker, Signals[f"SIG{signal}"])

        return self._do("signal_worker", work)

    def kill_all_workers(self) -> concurrent.futures.Future[None]:
        """KILL every worker."""
        return self._do("kill_all_workers", self._live.crew.kill)

    # --- verbs: clients ---

    def add_client(self, name: str | None = None, room: str = "lobby") -> concurrent.futures.Future[None]:
        """Let a built-in client join a room."""
        taken = [taken for taken, client in self._clients.copy().items() if not client.has_left]
        chosen = name or next((free for free in NAMES if free not in taken), f"guest {len(taken) + 1}")
        return self._do("add_client", lambda: self._join(chosen, room))

    def remove_client(self, client: str) -> concurrent.futures.Future[None]:
        """Let a built-in client leave."""

        async def work() -> None:
            await self._clients.pop(client).leave()

        return self._do("remove_client", work)

    def send_text(self, client: str, text: str) -> concurrent.futures.Future[None]:
        """Let a built-in client say something."""
        return self._do("send_text", lambda: self._clients[client].say(text))

    async def _join(self, name: str, room: str) -> None:
        if name in self._clients and not self._clients[name].has_left:
            raise ClientError(f"There is a built-in client called {name} already.")
        if not self.address:
            raise ClientError(f"{name} cannot join: the pages do not answer yet.")
        client = self._clients[name] = ChatClient(name, room, self.address, self._take)
        try:
            await client.join()
        except BaseException:
            if self._clients.get(name) is client:
                del self._clients[name]
            raise
        if self._clients.get(name) is not client:  # a set-up came in between
            await client.leave()

    # --- verbs: Redis ---

    def watch_keys(self, is_shown: bool) -> None:
        """Look at the keys in Redis while they are on the screen."""
        self._live.watch_keys(is_shown)

    def restart_redis(self) -> concurrent.futures.Future[None]:
        """End the private Redis and start an empty one."""

        async def work() -> None:
            self._live.order_redis(orders.RestartRedis())

        return self._do("restart_redis", work)
