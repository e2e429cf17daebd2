# SPDX-License-Identifier: GPL-3.0-or-later
"""What Redis itself says: expiries as they happen, queue lengths, and the keys while they are on the screen.

Our processes tell what they send and take, so Redis is asked for little: expiry notifications (`Ex`, free of cost), the
length of queues that had traffic, and the keys themselves only while somebody looks (docs/architecture.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.events import ChannelMeasured, CountersSeen, Event, KeysSeen, MessageExpired, MessageSent, RedisBack, RedisLost
from app.settings import Settings
from app.sources.redis_keys import look_at_keys, seconds_left
from app.sources.tasks import end_tasks
from app.sources.unfetched import Unfetched

POLL = 0.25  # seconds
FIRST_POLL = 0.02  # seconds, while Redis is still starting
START_PATIENCE = 3.0  # seconds that Redis may take to start before it counts as lost
QUEUE_LIMIT = 64  # queues measured; the longest unused is forgotten first
EXPIRED_LIMIT = 10_000  # keys remembered as told
NEWS = 1.0  # seconds after the last news of a queue in which it is told again and again while news are behind
ENTRY_LIMIT = 200  # entries of one queue that are looked at for their bodies


class RedisWatch:
    """Asks one Redis; `run` lives as long as the lab."""

    def __init__(self, url: str, settings: Settings, emit: Callable[[Event], None]) -> None:
        self.shows_keys = False
        self.left_of: Callable[[bytes, int], float] = seconds_left
        self.settings = settings
        self._emit = emit
        self._redis = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=2.0)
        self._body = re.compile(re.escape(settings.prefix).encode() + rb"([0-9a-f]{32})\Z")
        self._unfetched = Unfetched()
        self._queues: dict[str, tuple[int, int]] = {}
        self._news: dict[str, float] = {}  # queue -> when something was last told of it
        self._expired_keys: dict[str, None] = {}  # told already; a dict because it keeps their order

    def notice(self, event: Event) -> None:
        """Learn from an event which queues have traffic, and who has which message."""
        self._unfetched.notice(event)
        if isinstance(event, MessageSent):
            name = event.channel
            queue = name[: name.index("!") + 1] if "!" in name else name
            self._queues[queue] = self._queues.pop(queue, (0, 0))
            self._news[queue] = time.time()
            if len(self._queues) > QUEUE_LIMIT:
                oldest = next(iter(self._queues))
                del self._queues[oldest], self._news[oldest]
        elif isinstance(event, CountersSeen) and event.dropped:
            self._news = dict.fromkeys(self._queues, time.time())

    async def run(self) -> None:
        """Watch for ever; says when Redis is lost and when it is back."""
        is_lost = is_known = False
        patience = time.monotonic() + START_PATIENCE
        while True:
            try:
                await self._redis.ping()
                if is_lost:
                    self._emit(RedisBack(t=time.time(), source="redis"))
                is_lost, is_known = False, True
                await self._watch()
            except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
                if not is_lost and (is_known or time.monotonic() > patience):
                    self._emit(RedisLost(t=time.time(), source="redis", reason=str(error)))
                    is_lost = True
            await asyncio.sleep(POLL if is_known or is_lost else FIRST_POLL)

    async def _watch(self) -> None:
        """Hear and poll until either fails. (TaskGroup and gather lose a cancelling that comes while a task fails.)"""
        tasks = (asyncio.create_task(self._hear_expiries()), asyncio.create_task(self._poll()))
        for task in tasks:
            task.add_done_callback(_error_of)  # asked for at once: a second cancelling may end us before we could
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_tasks(tasks)
        raise next(error for error in map(_error_of, tasks) if error)

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    async def _hear_expiries(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.psubscribe("__keyevent@*__:expired")
            while True:
                message = await pubsub.get_message(timeout=1.0)
                if message is None:
                    continue
                name: bytes = message["data"]
                now = time.time()
                if match := self._body.match(name):
                    await self._body_expired(match[1].decode(), now)
                elif (queue := name.decode(errors="replace").removeprefix(self.settings.prefix)) in self._queues:
                    self._tell(queue, 0, 0)

    async def _poll(self) -> None:
        while True:
            for queue in [*self._queues]:
                await self._measure(queue)
            await self._ask_for_doubtful()
            for lost in self._unfetched.lost(time.time()):
                self._emit(lost)
            if self.shows_keys:
                await self._look()
            await asyncio.sleep(POLL)

    async def _ask_for_doubtful(self) -> None:
        """A body that is gone, and nobody said that it had it: it died with a worker."""
        keys = self._unfetched.doubtful(now := time.time())
        if keys:
            async with self._redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.exists(self.settings.prefix + key)
                for key, is_there in zip(keys, await pipe.execute(), strict=True):
                    if not is_there and self._unfetched.queue_of(key):
                        self._unfetched.miss(key, now)

    async def _measure(self, queue: str) -> None:
        """Look at one queue; an entry without a body has expired, also where no notification told it."""
        name = self.settings.prefix + queue
        length = await self._redis.llen(name)
        if not length:
            self._tell(queue, 0, 0)
            return
        entries: list[bytes] = await self._redis.lrange(name, 0, ENTRY_LIMIT - 1)  # type: ignore[assignment]
        async with self._redis.pipeline(transaction=False) as pipe:
            for entry in entries:
                pipe.exists(entry)
            has_body = await pipe.execute()
        now = time.time()
        bodiless = [entry for entry, is_live in zip(entries, has_body, strict=True) if not is_live]
        # Between the two looks a reader may have taken both, entry and body: only what is still there is a ghost.
        ghosts = set(bodiless) & set(await self._redis.lrange(name, 0, ENTRY_LIMIT - 1)) if bodiless else ()
        for ghost in ghosts:
            if match := self._body.match(ghost):
                self._expired(match[1].decode(), now)
        length -= len(bodiless) - len(ghosts)
        self._tell(queue, length, length - len(ghosts))

    async def _body_expired(self, key: str, t: float) -> None:
        """A body whose place is still in its queue expired unread; without one somebody has popped it before."""
        if self._unfetched.is_leftover(key):
            return None
        queue, prefix = self._unfetched.queue_of(key), self.settings.prefix
        with contextlib.suppress(redis.ResponseError):  # somebody else's key in place of the queue
            if queue and await self._redis.lpos(prefix + queue, prefix + key) is None:
                return self._unfetched.miss(key, t)
        self._expired(key, t)

    def _expired(self, key: str, t: float) -> None:
        """Say once that a message expired."""
        if key not in self._expired_keys:
            self._expired_keys[key] = None
            if len(self._expired_keys) > EXPIRED_LIMIT:
                del self._expired_keys[next(iter(self._expired_keys))]
            self._emit(MessageExpired(t=t, source="redis", key=key))

    def _tell(self, queue: str, length: int, live: int) -> None:
        now = time.time()
        is_behind = now - self._news.get(queue, 0.0) < NEWS and self._unfetched.is_behind(now)
        if self._queues.get(queue) != (length, live) or is_behind:
            self._queues[queue] = (length, live)
            self._emit(ChannelMeasured(t=now, source="redis", channel=queue, length=length, live=live))

    async def _look(self) -> None:
        keys, total = await look_at_keys(self._redis, self.settings, self.left_of)
        self._emit(KeysSeen(t=time.time(), source="redis", keys=keys, total=total))


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    """Return what a task failed with; asyncio complains of an error that nobody asked for."""
    return task.exception() if task.done() and not task.cancelled() else None
