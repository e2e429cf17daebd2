# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer for asyncio code, such as the interface server; every method is that of `sync`, to be awaited."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from app.layer.aioline import AsyncLine, AsyncLines
from app.layer.core import Core
from app.layer.errors import RedisGone, ReplyError, TripError, translated
from app.layer.listening import Listening
from app.layer.receipts import Copies, Sent, Taken
from app.layer.refused import Refused
from app.layer.statistics import Figures
from app.layer.trips import Pause, Steps, Trip
from app.layer.walk import Walk

Result = TypeVar("Result")
Done = Callable[[list[Sent | Refused] | Exception], None]


class AsyncRedisChannelLayer(Core):
    """An ASGI 1.x channel layer on Redis, for one event loop. Calls made at once leave in one write."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = [AsyncLines(server) for server in self._servers]
        self._working: set[asyncio.Task[Any]] = set()

    async def send(self, channel: str, message: Mapping[str, Any]) -> None:
        """Put a message into a channel; never waits for a reader."""
        await self._run(self._sending.post(channel, message))

    async def receive(self, channels: Sequence[str], block: bool = False) -> tuple[str | None, dict[str, Any] | None]:
        """Take the next message of any of the channels: (channel, message), or (None, None) if there is none."""
        return await self._run(self._receiving.receive(channels, block))

    receive_many = receive

    async def receive_async(self, channels: Sequence[str]) -> tuple[str | None, dict[str, Any] | None]:
        """Wait for a message (the extension "async")."""
        return await self.receive(channels, block=True)

    async def new_channel(self, pattern: str) -> str:
        """Return an unused channel name that begins with `pattern`, which ends in `?`."""
        return await self._run(self._upkeep.new_channel(pattern))

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel join a group, or renew its membership."""
        await self._run(self._groups.add(group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        """Let a channel leave a group, if it is in it."""
        await self._run(self._groups.discard(group, channel))

    async def group_channels(self, group: str) -> list[str]:
        """Return the names of a group's members."""
        return await self._run(self._groups.channels(group))

    async def send_group(self, group: str, message: Mapping[str, Any]) -> None:
        """Send a message to every member of a group; members that are full get none."""
        await self._run(self._groups.post(group, message))

    async def flush(self) -> None:
        """Delete all messages, groups and counters: the keys under our two prefixes and no others."""
        await self._run(self._upkeep.flush())

    async def channel_statistics(self, channel: str) -> Figures:
        """Return the six values of ASGI 1.x for one channel."""
        return await self._run(self._statistics.of_channel(channel))

    async def global_statistics(self) -> Figures:
        """Return the six values for all channels together; it looks through all keys."""
        return await self._run(self._statistics.of_layer())

    # --- the same, with receipts ---

    async def post(self, channel: str, message: Mapping[str, Any]) -> Sent:
        """Send, and say what is in Redis now."""
        return await self._run(self._sending.post(channel, message))

    async def post_many(self, sends: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Sent | Refused]:
        """Send (channel, message) pairs in order, many to a trip; a refused one is answered with its exception."""
        return await self._run(self._sending.post_many(sends))

    async def post_group(self, group: str, message: Mapping[str, Any]) -> Copies:
        """Send to a group, and say of each member what became of its copy."""
        return await self._run(self._groups.post(group, message))

    async def take(self, channels: Sequence[str], block: bool = False) -> Taken | None:
        """Look once for a message; None when there was nothing at all. Cancelled while waiting it loses none."""
        return await self._run(self._receiving.take(channels, block))

    async def take_batch(self, channel: str, block: bool = False) -> tuple[Taken, ...]:
        """Take up to 100 messages of a channel that nobody else reads, in order, in one trip."""
        return await self._run(self._receiving.take_batch(channel, block))

    def post_soon(self, sends: Sequence[tuple[str, Mapping[str, Any]]], done: Done) -> None:
        """Do as `post_many`, at once and without a task; `done` is told the answers, or what would be raised."""
        line = self._lines[0].shared
        if len(sends) == 1 and len(self._lines) == 1 and line is not None and not self.rules.is_one_by_one:
            self._post_at(line, sends, done)
        else:
            self._walk(sends, done)

    async def listen(self, channel: str, take: Callable[[tuple[Taken, ...]], None]) -> None:
        """Hand on what comes into a channel that nobody else reads, batch after batch, until Redis is gone.

        Cancelled, it may lose what Redis has just handed out.

        Raises:
            RedisGone: Redis does not answer.
        """
        listening = Listening(self._receiving, channel, take)
        while True:
            if not self.rules.strict_spec:
                await listening.run(self._lines[listening.shard])
            take(await self.take_batch(channel, block=True))  # this way it goes always, and tells what is wrong

    async def ping(self) -> None:
        """Ask whether Redis answers.

        Raises:
            RedisGone: it does not.
        """
        await self._run(self._upkeep.ping())

    async def wake(self) -> None:
        """End every `take` of this layer that waits; no message is lost by it."""
        await self._run(self._upkeep.wake())

    async def run_id(self) -> str:
        """Return the identity of the running Redis; another one than before means that its data is gone (S-11)."""
        return await self._run(self._upkeep.run_id())

    async def close(self) -> None:
        """Hang up."""
        for lines in self._lines:
            await lines.drop()
        await asyncio.gather(*self._working, return_exceptions=True)

    # --- travelling ---

    def _walk(self, sends: Sequence[tuple[str, Mapping[str, Any]]], done: Done) -> None:
        Walk(self._lines, self._finish_walk, done).begin(self._sending.post_all(sends))

    def _post_at(self, line: AsyncLine, sends: Sequence[tuple[str, Mapping[str, Any]]], done: Done) -> None:
        """Send one message on a line that is open: the usual case."""
        sending = self._sending
        try:
            route, sent = sending.prepared(*sends[0])
        except Refused as refused:
            return done([refused])
        except TypeError as error:
            return done(error)

        def told(reply: Any) -> None:
            if reply == 1:
                done([sent])
            elif reply == 0:
                done([sending.full(route)])
            elif isinstance(reply, ReplyError) and str(reply).startswith("NOSCRIPT"):
                line.forget()
                self._walk(sends, done)
            else:
                error = translated(reply) if isinstance(reply, ReplyError) else reply
                done([error] if isinstance(error, Refused) else error)

        line.ask(sending.trip(route, sent), told)
        line.flush()

    async def _run(self, steps: Steps[Result], step: Trip | list[Trip] | Pause | None = None) -> Result:
        """Take all steps; `step` is the one to go on with."""
        try:
            step = step or next(steps)
            while True:
                try:
                    reply = await self._reply_to(step)
                except TripError as error:  # the operation may know what to do
                    step = steps.throw(error)
                else:
                    step = steps.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _reply_to(self, step: Trip | list[Trip] | Pause) -> Any:
        if isinstance(step, Pause):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, list):
            return await self._replies_to(step)
        if step.waits:
            reply = await self._waited(step)
        else:
            (reply,) = await self._lines[step.shard].call([step])
        if isinstance(reply, ReplyError):
            return await self._after_error(step, reply)
        if step.then is None:
            return reply
        began = time.perf_counter()
        more = [Trip(step.shard, data) for data in step.then([reply])[0]]
        return [reply, *await self._lines[step.shard].call(more), time.perf_counter() - began] if more else [reply]

    async def _after_error(self, trip: Trip, error: ReplyError) -> Any:
        """Teach Redis a script it does not know; raise what else is wrong."""
        if trip.script is not None and str(error).startswith("NOSCRIPT"):
            self._lines[trip.shard].forget()
            (reply,) = await self._lines[trip.shard].call([trip])
            if not isinstance(reply, ReplyError):
                return reply
            error = reply
        raise translated(error) from error

    async def _replies_to(self, trips: list[Trip]) -> list[Any]:
        """Make several trips at once; errors are returned, not raised, because some of them may have succeeded."""
        replies: list[Any] = [None] * len(trips)
        for shard in {trip.shard for trip in trips}:
            places = [place for place, trip in enumerate(trips) if trip.shard == shard]
            together = [trips[place] for place in places]
            for place, reply in zip(places, await self._lines[shard].call(together), strict=True):
                replies[place] = translated(reply) if isinstance(reply, ReplyError) else reply
        return replies

    def _finish_walk(
        self, steps: Steps[Result], step: Trip | list[Trip] | Pause, done: Callable[[Result | Exception], None]
    ) -> None:
        """Take the rest of the steps in a task."""

        def tell(task: asyncio.Task[Result]) -> None:
            if not task.cancelled():
                done(task.exception() or task.result())  # type: ignore[arg-type]  # what we raise is an Exception

        self._work_on(self._run(steps, step)).add_done_callback(tell)

    def _work_on(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    # --- waiting ---

    async def _waited(self, trip: Trip) -> Any:
        future = await self._lines[trip.shard].wait(trip)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._put_back_later(trip.shard, future)
            raise

    def _put_back_later(self, shard: int, popped: asyncio.Future[Any]) -> None:
        """Whoever waited is gone, but BLPOP still waits: what it pops goes back to the head of its queue."""
        self._work_on(self._put_back(shard, popped))

    async def _put_back(self, shard: int, popped: asyncio.Future[Any]) -> None:
        with contextlib.suppress(RedisGone):
            reply = await popped
            if isinstance(reply, list):
                await self._run(self._upkeep.put_back(shard, *reply))
