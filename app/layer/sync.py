# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer for synchronous code, such as workers."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from app.layer.core import Core
from app.layer.errors import ReplyError, TripError, translated
from app.layer.hosts import BLPOP_TIMEOUT
from app.layer.line import Lines
from app.layer.receipts import Copies, Sent, Taken
from app.layer.refused import Refused
from app.layer.statistics import Figures
from app.layer.trips import Pause, Steps, Trip

if TYPE_CHECKING:
    from app.layer.aio import AsyncRedisChannelLayer

Result = TypeVar("Result")


class RedisChannelLayer(Core):
    """An ASGI 1.x channel layer on Redis. Threads may share it.

    A call raises RedisGone when Redis does not answer, after a bounded time; the next call connects again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = [Lines(server) for server in self._servers]
        self._arguments = args, kwargs
        self._async_faces: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncRedisChannelLayer]
        self._async_faces = weakref.WeakKeyDictionary()

    def send(self, channel: str, message: Mapping[str, Any]) -> None:
        """Put a message into a channel; never waits for a reader.

        Raises:
            ChannelFull, MessageTooLarge, OutOfMemory, KeyTaken: it was refused.
            RedisGone: Redis does not answer.
        """
        self.post(channel, message)

    def receive(self, channels: Sequence[str], block: bool = False) -> tuple[str | None, dict[str, Any] | None]:
        """Take the next message of any of the channels: (channel, message), or (None, None) if there is none.

        A process-specific channel is named up to its `!`. With `block` it waits up to 5 s for one to come.
        """
        return self._run(self._receiving.receive(channels, block))

    receive_many = receive  # the old name, which Channels 1.1.8 still calls

    async def receive_async(self, channels: Sequence[str]) -> tuple[str | None, dict[str, Any] | None]:
        """Wait for a message in asyncio code (the extension "async"), on connections of the running loop."""
        from app.layer.aio import AsyncRedisChannelLayer  # most who use this class have no loop

        loop = asyncio.get_running_loop()
        if (face := self._async_faces.get(loop)) is None:
            args, kwargs = self._arguments
            face = self._async_faces[loop] = AsyncRedisChannelLayer(*args, **kwargs)
        return await face.receive(channels, block=True)

    async def close_async(self) -> None:
        """Hang up what `receive_async` connected in the running loop."""
        if face := self._async_faces.pop(asyncio.get_running_loop(), None):
            await face.close()

    def new_channel(self, pattern: str) -> str:
        """Return an unused channel name that begins with `pattern`, which ends in `?`."""
        return self._run(self._upkeep.new_channel(pattern))

    def group_add(self, group: str, channel: str) -> None:
        """Let a channel join a group, or renew its membership."""
        self._run(self._groups.add(group, channel))

    def group_discard(self, group: str, channel: str) -> None:
        """Let a channel leave a group, if it is in it."""
        self._run(self._groups.discard(group, channel))

    def group_channels(self, group: str) -> list[str]:
        """Return the names of a group's members."""
        return self._run(self._groups.channels(group))

    def send_group(self, group: str, message: Mapping[str, Any]) -> None:
        """Send a message to every member of a group; members that are full get none."""
        self._run(self._groups.post(group, message))

    def flush(self) -> None:
        """Delete all messages, groups and counters: the keys under our two prefixes and no others."""
        self._run(self._upkeep.flush())

    def channel_statistics(self, channel: str) -> Figures:
        """Return the six values of ASGI 1.x for one channel."""
        return self._run(self._statistics.of_channel(channel))

    def global_statistics(self) -> Figures:
        """Return the six values for all channels together; it looks through all keys."""
        return self._run(self._statistics.of_layer())

    # --- the same, with receipts ---

    def post(self, channel: str, message: Mapping[str, Any]) -> Sent:
        """Send, and say what is in Redis now."""
        sending = self._sending
        if self.rules.is_one_by_one:
            return self._run(sending.post(channel, message))
        route, sent = sending.prepared(channel, message)
        if not self._asked(sending.trip(route, sent)):
            raise sending.full(route)
        return sent

    def post_many(self, sends: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Sent | Refused]:
        """Send (channel, message) pairs in order, many to a trip; a refused one is answered with its exception."""
        return self._run(self._sending.post_many(sends))

    def post_group(self, group: str, message: Mapping[str, Any]) -> Copies:
        """Send to a group, and say of each member what became of its copy."""
        return self._run(self._groups.post(group, message))

    def take(self, channels: Sequence[str], block: bool = False) -> Taken | None:
        """Look once for a message; None when there was nothing at all.

        What is there is popped, read and deleted by one script. While waiting it is BLPOP, then the body, or with it
        where it was foreseen: a process killed before it has deleted the body loses the message, as in asgi_redis.
        """
        receiving = self._receiving
        place = receiving.usual(channels)
        if place is None:
            return self._run(receiving.take(channels, block))
        if place.is_expecting or not block:
            began = time.perf_counter()
            reply = self._asked(place.receive())
            taken = receiving.looked(place, reply, time.perf_counter() - began)
            if taken is not None or not block:
                return taken
        trip = place.take_foreseen(BLPOP_TIMEOUT)
        replies = self._lines[place.shard].call(trip.data, trip.count, trip.then)
        if type(replies[0]) is ReplyError:  # a key is somebody else's: the steps know what to do
            return self._run(receiving.take(channels, block))
        return receiving.waited(place, *replies)

    def take_batch(self, channel: str, block: bool = False) -> tuple[Taken, ...]:
        """Take up to 100 messages of a channel that nobody else reads, in order, in one trip."""
        return self._run(self._receiving.take_batch(channel, block))

    def is_waiting(self, channels: Sequence[str]) -> bool:
        """Say whether anything is in one of the channels, ghosts too; nothing is taken."""
        return self._run(self._receiving.is_waiting(channels))

    def ping(self) -> None:
        """Ask whether Redis answers.

        Raises:
            RedisGone: it does not.
        """
        self._run(self._upkeep.ping())

    def wake(self) -> None:
        """End a `take` that waits in another thread, or below a signal handler; no message is lost by it."""
        self._run(self._upkeep.wake())

    def run_id(self) -> str:
        """Return the identity of the running Redis; another one than before means that its data is gone (S-11)."""
        return self._run(self._upkeep.run_id())

    def close(self) -> None:
        """Hang up."""
        for lines in self._lines:
            lines.drop()

    # --- travelling ---

    def _asked(self, trip: Trip) -> Any:
        """Return the reply of one command."""
        (reply,) = self._lines[trip.shard].call(trip.data)
        return self._after_error(trip, reply) if type(reply) is ReplyError else reply

    def _run(self, steps: Steps[Result]) -> Result:
        try:
            step = next(steps)
            while True:
                try:
                    if type(step) is Trip:  # as nearly always; a call less for each
                        replies = self._lines[step.shard].call(step.data, step.count, step.then)
                        reply = replies if step.then is not None else replies[0]
                        if type(replies[0]) is ReplyError:
                            reply = self._after_error(step, replies[0])
                    else:
                        reply = self._reply_to(step)  # type: ignore[arg-type]
                except TripError as error:  # the operation may know what to do
                    step = steps.throw(error)
                else:
                    step = steps.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _reply_to(self, step: list[Trip] | Pause) -> Any:
        if not isinstance(step, Pause):
            return self._replies_to(step)
        time.sleep(step.seconds)

    def _after_error(self, trip: Trip, error: ReplyError) -> Any:
        """Teach Redis a script it does not know; raise what else is wrong."""
        if trip.script is not None and str(error).startswith("NOSCRIPT"):
            (reply,) = self._lines[trip.shard].call(trip.in_full)
            if not isinstance(reply, ReplyError):
                return reply
            error = reply
        raise translated(error) from error

    def _replies_to(self, trips: list[Trip]) -> list[Any]:
        """Make several trips at once; errors are returned, not raised, because some of them may have succeeded."""
        if len(self._lines) == 1:
            return self._together(trips)
        replies: list[Any] = [None] * len(trips)
        for shard in {trip.shard for trip in trips}:
            places = [place for place, trip in enumerate(trips) if trip.shard == shard]
            for place, reply in zip(places, self._together([trips[place] for place in places]), strict=True):
                replies[place] = reply
        return replies

    def _together(self, trips: list[Trip]) -> list[Any]:
        first, *rest = trips
        # The first teaches Redis the script, so that none is done out of order because it was not known.
        data = first.in_full if first.script else first.data
        replies = self._lines[first.shard].call(data + b"".join([trip.data for trip in rest]), len(trips))
        return [translated(reply) if isinstance(reply, ReplyError) else reply for reply in replies]
