# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes as a source: real ones, on a real Redis."""

import asyncio
import os
import signal
import time

import pytest

from app import events as e
from app.layer import RedisChannelLayer
from app.sources.crew import Crew
from tests.redis_fixture import _shared_redis, redis_server, redis_url

__all__ = ["_shared_redis", "redis_server", "redis_url"]


class CrewAtWork:
    """A crew, its events, and a layer to give it work."""

    def __init__(self, url):
        self.url = url
        self.events = []
        self.crew = Crew(self.events.append)
        self.layer = RedisChannelLayer(hosts=[url])

    async def start(self, *more):
        words = ["--redis", self.url, "--settings", "", "--routing", "tests.worker.consumers.routing", *more]
        await self.crew.start("worker-1", words)
        await self.until(lambda: self.of(e.WorkerReady), "ready")

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition, what):
        end = time.monotonic() + 10
        while not (value := condition()):
            assert time.monotonic() < end, f"waited in vain: {what}"
            await asyncio.sleep(0.005)
        return value


@pytest.fixture
def play(redis_url):
    """Play a scene, a coroutine function that takes a crew at work."""

    def play(scene):
        async def main():
            work = CrewAtWork(redis_url)
            try:
                await asyncio.wait_for(scene(work), 20)
            finally:
                await work.crew.kill()
                work.layer.close()

        asyncio.run(main())

    return play


def test_that_every_message_a_killed_worker_held_is_said_to_be_lost(play):
    async def scene(work):
        await work.start("--threads", "2")
        work.layer.send("slow", {"seconds": 60})
        work.layer.send("slow", {"seconds": 60})
        await work.until(lambda: len(work.of(e.ConsumerStarted)) == 2, "both threads are busy")
        held = {event.key for event in work.of(e.MessageReceived)}
        await work.crew.kill()
        assert {(event.key, event.worker) for event in work.of(e.MessageLost)} == {(key, "worker-1") for key in held}

    play(scene)


def test_that_a_process_left_behind_by_a_consumer_does_not_hide_the_end_of_its_worker(play):
    async def scene(work):
        await work.start()
        work.layer.send("spawn", {"seconds": 30})
        left = await work.until(lambda: work.layer.receive(["answers"])[1], "the other process runs")
        try:
            began = time.monotonic()
            await work.crew.kill()
            assert time.monotonic() - began < 5
            assert [event.signal for event in work.of(e.WorkerExited)] == ["KILL"]
        finally:
            os.kill(left["pid"], signal.SIGKILL)

    play(scene)


def test_that_the_end_of_a_worker_is_told_before_it_is_started_again(play):
    async def scene(work):
        await work.start()
        work.crew.signal("worker-1", signal.SIGKILL)
        await work.until(lambda: not work.crew.alive, "dead")
        await work.start()
        kinds = [type(event) for event in work.events if isinstance(event, e.WorkerStarted | e.WorkerExited)]
        assert kinds == [e.WorkerStarted, e.WorkerExited, e.WorkerStarted]

    play(scene)
