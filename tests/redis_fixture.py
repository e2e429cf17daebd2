# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Redis for tests: on a unix socket in a folder of its own, ended and cleared away afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from app.redis_server.find import find_server


class RealRedis:
    """A server process; `url` names its socket."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="channelscope-test-"))
        self.url = f"unix://{self.folder}/redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        command = [find_server(), "--port", "0", "--unixsocket", self.folder / "redis.sock", "--unixsocketperm", "600"]
        command += ["--save", "", "--appendonly", "no", "--dir", self.folder, "--hz", "100"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with self.client() as client:
            wait_until(lambda: answers(client), "Redis answers")

    def stop(self) -> None:
        """End it at once."""
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None
        (self.folder / "redis.sock").unlink(missing_ok=True)

    def client(self) -> redis.Redis:
        """Return a plain client, to look at keys."""
        return redis.Redis.from_url(self.url, decode_responses=True)


def answers(client: redis.Redis) -> bool:
    """Whether Redis answers."""
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def wait_until(condition, what: str, seconds: float = 10.0):
    """Return the first true value of `condition()`; fail when none comes in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.005)
    return value


@contextmanager
def real_redis() -> Iterator[RealRedis]:
    """Run a server for the length of a with block."""
    server = RealRedis()
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def _shared_redis() -> Iterator[RealRedis]:
    with real_redis() as server:
        yield server


@pytest.fixture
def redis_server(_shared_redis: RealRedis) -> RealRedis:
    """A running server with nothing in it, shared by the tests of a module."""
    with _shared_redis.client() as client:
        client.flushall()
        client.config_set("maxmemory", "0")
    return _shared_redis


@pytest.fixture
def redis_url(redis_server: RealRedis) -> str:
    """The URL of a running, empty Redis."""
    return redis_server.url


@pytest.fixture
def own_redis() -> Iterator[RealRedis]:
    """A server of the test's own, to be stopped and started at will."""
    with real_redis() as server:
        yield server
