# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection for asyncio: commands of one turn of the loop leave in one write, replies go to who asked."""

from __future__ import annotations

import asyncio
import contextlib
import select
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import hiredis
import redis

from app.layer.errors import RedisGone, ReplyError, gone
from app.layer.hosts import Server
from app.layer.line import CONNECT_PAUSES
from app.layer.trips import Script, Trip

Told = Callable[[Any], None]  # is given a reply, which may be a ReplyError, or RedisGone; must not raise


class AsyncLine(asyncio.Protocol):
    """One connection. redis-py made it (URL, TLS, login, Sentinel); from then on its bytes come here."""

    def __init__(self, connection: Any) -> None:
        self._streams_writer = connection._writer
        connection._reader = connection._writer = None  # they are ours now
        self._transport: asyncio.WriteTransport = self._streams_writer.transport
        self._streams = self._transport.get_protocol()
        self._transport.set_protocol(self)
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=ReplyError)
        self._out: list[bytes] = []
        self._waiting: deque[tuple[Told, float]] = deque()
        self._timeout: float | None = connection.socket_timeout
        self._watch: asyncio.TimerHandle | None = None
        self._poll = select.poll()
        self._poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        self._known: set[Script] = set()
        self.is_open = True

    @staticmethod
    async def connected(server: Server) -> AsyncLine:
        """Return a new line; try a few times, because nothing has been said yet."""
        for pause in (*CONNECT_PAUSES, None):
            connection = server.async_connection()
            try:
                await connection.connect()
                return AsyncLine(connection)
            except (redis.RedisError, OSError) as error:
                if pause is None or not isinstance(error, redis.ConnectionError):
                    raise gone(error) from error
            await asyncio.sleep(pause)
        raise AssertionError  # the last turn of the loop leaves it

    def call(self, trip: Trip) -> asyncio.Future[Any]:
        """Send one command with the others of this turn; the future is its reply, which may be an error as a value."""
        if not self._out:
            self._loop.call_soon(self.flush)
        future: asyncio.Future[Any] = self._loop.create_future()
        self.ask(trip, partial(_settle, future))
        return future

    def ask(self, trip: Trip, told: Told) -> None:
        """Send one command at the next `flush`."""
        is_known = trip.script is None or trip.script in self._known
        # The first call with a script teaches it, so that none is done out of order because Redis did not know it.
        self._out.append(trip.data if is_known else trip.in_full)
        if not is_known:
            self._known.add(trip.script)  # type: ignore[arg-type]
        self._waiting.append((told, self._loop.time()))
        if self._watch is None and self._timeout is not None:
            self._watch = self._loop.call_later(self._timeout, self._look)

    def flush(self) -> None:
        """Write what was asked."""
        if self._out and self.is_open:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def forget(self) -> None:
        """Redis does not know a script any more: teach it all of them again."""
        self._known.clear()

    @property
    def is_usable(self) -> bool:
        """Whether it is open; where nothing is under way, Redis may have hung up and the loop not have seen it yet."""
        return self.is_open and (bool(self._waiting) or not self._poll.poll(0))

    async def close(self) -> None:
        """Hang up."""
        self._fail(ConnectionError("the line was closed."))
        with contextlib.suppress(OSError):
            await self._streams_writer.wait_closed()

    # --- asyncio.Protocol ---

    def data_received(self, data: bytes) -> None:
        """Hand replies to those who wait for them."""
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            if not self._waiting:  # such as "max number of clients reached"
                return self._fail(ConnectionError(f"it said {reply!r} without being asked."))
            told, _ = self._waiting.popleft()
            told(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        self._fail(exc or ConnectionError("it closed the connection."))
        self._streams.connection_lost(exc)

    # --- inside ---

    def _look(self) -> None:
        """Whether the oldest call has waited too long; one timer serves all."""
        self._watch = None
        if not self._waiting or self._timeout is None:
            return
        waited = self._loop.time() - self._waiting[0][1]
        if waited >= self._timeout:
            self._fail(TimeoutError(f"no answer within {self._timeout} s."))
        else:
            self._watch = self._loop.call_later(self._timeout - waited, self._look)

    def _fail(self, error: Exception) -> None:
        self.is_open = False
        if self._watch is not None:
            self._watch.cancel()
        while self._waiting:
            told, _ = self._waiting.popleft()
            told(gone(error))
        self._transport.abort()


def _settle(future: asyncio.Future[Any], reply: Any) -> None:
    if not future.done():
        if isinstance(reply, RedisGone):
            future.set_exception(reply)
        else:
            future.set_result(reply)


class AsyncLines:
    """The connections to one server: one that all calls share, and one for each call that waits in Redis."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._shared: AsyncLine | None = None
        self._connecting = asyncio.Lock()
        self._free: deque[AsyncLine] = deque()
        self._busy: set[AsyncLine] = set()

    async def call(self, trips: list[Trip]) -> list[Any]:
        """Send commands together and return their replies, errors among them.

        Raises:
            RedisGone: there is no answer; whether Redis did it is not known.
        """
        line = self._shared
        if line is None or not line.is_usable:
            line = await self._renewed(line)
        futures = [line.call(trip) for trip in trips]
        if len(futures) == 1:
            return [await futures[0]]
        return await asyncio.gather(*futures)

    async def wait(self, trip: Trip) -> asyncio.Future[Any]:
        """Send a command that Redis may answer late, on a line of its own; return the future of its reply."""
        line = await self.lend()
        future = line.call(trip)
        line.flush()
        future.add_done_callback(lambda _: self.give_back(line))
        return future

    async def lend(self) -> AsyncLine:
        """Return a line that nobody else uses until it is given back."""
        line = await self._borrow()
        self._busy.add(line)
        return line

    def give_back(self, line: AsyncLine) -> None:
        """Let others use it, if it is still open."""
        self._busy.discard(line)
        if line.is_open:
            self._free.append(line)

    @property
    def shared(self) -> AsyncLine | None:
        """The line that all calls share, where it is open."""
        return self._shared if self._shared is not None and self._shared.is_open else None

    async def drop(self) -> None:
        """Hang up."""
        lines = [*self._free, *self._busy, *([self._shared] if self._shared else [])]
        self._free.clear()
        self._shared = None
        for line in lines:
            await line.close()
        await self._server.hang_up()

    def forget(self) -> None:
        """Teach Redis all scripts again."""
        if self._shared is not None:
            self._shared.forget()

    async def _renewed(self, old: AsyncLine | None) -> AsyncLine:
        async with self._connecting:
            if self._shared is old or self._shared is None:  # nobody else has renewed it meanwhile
                if old is not None:
                    await old.close()
                self._shared = await AsyncLine.connected(self._server)
            return self._shared

    async def _borrow(self) -> AsyncLine:
        while self._free:
            if (line := self._free.pop()).is_usable:
                return line
            await line.close()
        return await AsyncLine.connected(self._server)
