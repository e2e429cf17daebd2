# SPDX-License-Identifier: GPL-3.0-or-later
"""What all verbs stand on: one asyncio thread with everything live on it, and how a verb is done there."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from app.capture.errors import CaptureError
from app.clients.attack import AttackPage
from app.clients.chat import ChatClient, ClientError
from app.clients.handshake import Attempts
from app.events import (
    ConnectionClosed,
    ConsumersChanged,
    Event,
    HandshakeSeen,
    LabStarted,
    LogLine,
    MessageSent,
    SourceFailed,
    SourceFinished,
    SourceReady,
    SourceStarted,
    VerbFailed,
)
from app.frame_index import FrameIndex
from app.inbox import Inbox
from app.live import CannotFreeze, LiveSystem, SetUpError
from app.recording import RecordingError
from app.redis_server.find import NoRedis
from app.right_of_way import RightOfWay
from app.settings import Settings
from app.sources.decode import WireDecoder
from app.sources.processes import ChildProcess

if TYPE_CHECKING:
    from app.sources.pcap import CaptureSource

ATTACK = "attack page"  # what it is called as a source, and as a client
EVEN_WHEN_REPLAYING = (ConnectionClosed, LogLine, SourceFailed, SourceFinished, SourceReady, SourceStarted)


class Core:
    """The live system on its thread.

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
        self.right_of_way = RightOfWay()  # for whoever shows what happens
        self._observed = observed
        self._taken: list[Event] = []  # in this turn of the loop, and not yet in the inbox
        self._decoder = WireDecoder(self.index)
        self._live = LiveSystem(settings, self._take_live)
        self._clients: dict[str, ChatClient] = {}
        self._herd: ChildProcess | None = None  # the bots, if there are any
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._turn = asyncio.Lock()  # one change of the set-up at a time
        self._typing = asyncio.Lock()  # one command of the console at a time
        self._leaving = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()  # verbs being done
        self._errands: set[asyncio.Task[None]] = set()  # what goes on until the next set-up: pages, a recording
        self._is_replaying = False  # a recording is shown, the live system is not
        self._capture: CaptureSource | None = None
        self.first_row = 0  # of the frames that belong to this set-up
        self._opened: HandshakeSeen | None = None  # of the newest WebSocket that the server let in
        self._newest: dict[str, MessageSent] = {}  # of each channel that workers listen to
        self._editing = asyncio.Lock()  # one change of the demo's consumers at a time
        self._version_numbers = itertools.count(1)  # of what the consumers were changed to
        self._attempts = Attempts(self._take)
        self._attack: AttackPage | None = None  # while it is served

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
        tasks = {starting, *self._tasks}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._let_go()
        await self._live.stop()
        self._hand_over()

    async def _let_go(self) -> None:
        """End what users began beside the live system: clients, errands, an open capture."""
        herd, self._herd = self._herd, None
        if herd is not None:
            await herd.end()
        errands, clients, capture = set(self._errands), [*self._clients.values()], self._capture
        self._clients.clear()
        self._capture = None
        for errand in errands:
            errand.cancel()
        await self._end_attack()
        await asyncio.gather(*errands, *(client.leave() for client in clients), return_exceptions=True)
        if capture is not None:
            await asyncio.to_thread(capture.close)

    async def _serve_attack(self) -> None:
        """Serve the page of app/clients/attack.py."""
        if not self.address:
            raise ClientError("There is nothing to attack: the pages do not answer yet.")
        await self._end_attack()
        page = self._attack = AttackPage(self.address)
        await page.open()
        self._take(SourceReady(t=time.time(), source="lab", name=ATTACK, detail=page.origin()))

    async def _end_attack(self) -> None:
        page, self._attack = self._attack, None
        if page is not None:
            await page.close()
            self._take(SourceFinished(t=time.time(), source="lab", name=ATTACK))

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

    def _run_errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Start what goes on until it ends or the next set-up comes."""
        errand = asyncio.create_task(work)
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    def tell(self, event: Event) -> None:
        """Add an event of the program itself, such as that a step is shown, as if it had been observed."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._take, event)

    def _take_live(self, event: Event) -> None:
        """An event of the live system: while a recording is shown, only what matters to its processes counts."""
        self.right_of_way.give()
        if not self._is_replaying or isinstance(event, EVEN_WHEN_REPLAYING):
            self._take(event)

    def _take(self, event: Event) -> None:
        """An observed event: record it, decode it, leave it in the inbox."""
        if self._observed is not None and not self._is_replaying:
            self._observed(event)
        events = self._decoder.feed(event)
        for derived in events[1:]:
            if isinstance(derived, HandshakeSeen) and derived.status == 101 and derived.source == "server":
                self._opened = derived
        if isinstance(event, MessageSent) and "!" not in event.channel and "?" not in event.channel:
            self._newest[event.channel] = event
        if not self._taken and self._loop is not None:
            self._loop.call_soon(self._hand_over)
        self._taken += events

    def _hand_over(self) -> None:
        """Leave what was taken in the inbox, once for each turn of the loop."""
        events, self._taken = self._taken, []
        self.inbox.put_all(events)

    def _say_started(self, workers: int) -> None:
        self.index.clear()
        self.first_row = self.index.end
        self._opened = None
        self._newest.clear()
        self._is_replaying = False
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

    def _tell_version(self) -> None:
        """Say which version of the demo's consumers is run from now on."""
        version = self._live.version
        self._take(ConsumersChanged(t=time.time(), source="lab", version=version.name, texts=dict(version.texts)))

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
        task.add_done_callback(partial(self._tried, verb))
        try:
            await work()
        except (ClientError, SetUpError, CannotFreeze, NoRedis, CaptureError, RecordingError) as error:
            self._fail(verb, str(error))
        except KeyError as error:
            self._fail(verb, f"there is no {error.args[0]} alive")

    def _tried(self, verb: str, task: asyncio.Task[Any]) -> None:
        """A verb is done; what else it raised is an error of ours."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            task.get_loop().call_exception_handler({"message": f"{verb} failed", "exception": error})

    async def _in_turn(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do what must not come into the middle of a set-up."""
        async with self._turn:
            await work()

    def _fail(self, verb: str, reason: str, remedy: str = "") -> None:
        self._take(VerbFailed(t=time.time(), source="lab", verb=verb, reason=reason, remedy=remedy))
