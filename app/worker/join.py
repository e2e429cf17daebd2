# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that was invited by a lab on another machine: it asks for the terms, and tells what it does."""

from __future__ import annotations

import argparse
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import codec
from app.events import Event, EventsDropped, WorkerExited, WorkerReady
from app.invitation import BEAT, CLAIM, CONNECTION, KEY, TOLD, USER, Hello, Terms, batch_of, parts_of

MOMENT = 0.05  # seconds that events wait for company
LIMIT = 20_000  # events that may wait; more are dropped and counted
CLAIMED = 3  # seconds that a name stays taken without a word from its worker
PATIENCE = 6.0  # seconds without an answer after which the invitation counts as over


class NotInvited(ValueError):
    """Why this worker cannot join."""


def accept(args: argparse.Namespace) -> Announcer:
    """Ask for the terms of `args.join` and put them into `args`, where nothing else was asked for.

    Raises:
        NotInvited: the code is wrong, nobody answers, or the invitation is over.
    """
    try:
        host, port, token = parts_of(args.join)
    except ValueError as error:
        raise NotInvited(str(error)) from None

    def new_client(name: str) -> Any:
        once = Retry(NoBackoff(), 0)  # whoever is refused is to hear it at once
        return redis.Redis(
            host,
            port,
            username=USER,
            password=token,
            client_name=name,
            protocol=2,
            retry=once,
            socket_timeout=5,
            socket_connect_timeout=5,
        )

    with new_client("newcomer") as client:
        _ask(client, args, f"{host}:{port}")
        name = _name_of(client, args.name)
    where = f"[{host}]" if ":" in host else host
    args.redis = f"redis://{USER}:{token}@{where}:{port}/0"
    args.name = name
    only, exclude = tuple(args.only_channels), tuple(args.exclude_channels)
    hello = Hello(worker=name, host=_host(), pid=os.getpid(), now=0.0, only=only, exclude=exclude)
    return Announcer(new_client(CONNECTION + name), hello)


def _ask(client: Any, args: argparse.Namespace, where: str) -> None:
    """Take over the terms."""
    try:
        said = client.get(KEY)
    except redis.AuthenticationError:
        raise NotInvited("the token is wrong or the invitation is over: ask for a new line") from None
    except (redis.RedisError, OSError) as error:
        reason = f"nobody answers at {where}: is the invitation still open, and are you in the same network?"
        raise NotInvited(f"{reason} ({error})") from None
    if said is None:
        raise NotInvited("the invitation has no terms: try again in a moment")
    terms = msgspec.json.decode(said, type=Terms)
    for option in ("prefix", "expiry", "group_expiry", "capacity", "receive", "settings", "routing"):
        setattr(args, option, getattr(terms, option))
    args.only_channels = args.only_channels or list(terms.only)


def _name_of(client: Any, wanted: str) -> str:
    """Claim the name that was asked for, else the host's, with a number where it is taken."""
    named = re.sub(r"[^A-Za-z0-9._-]", "-", wanted or _host()).strip("-._")[:50] or "guest"
    if re.fullmatch(r"worker-\d+", named):
        named = f"{named}-elsewhere"
    numbered = (named if number == 1 else f"{named}-{number}" for number in range(1, 1000))
    return next(name for name in numbered if client.set(CLAIM + name, os.getpid(), nx=True, ex=CLAIMED))


def _host() -> str:
    return socket.gethostname().partition(".")[0] or "elsewhere"


class Announcer:
    """Tells the lab what happens, in batches, on a thread of its own: a slow network never slows the worker down."""

    def __init__(self, client: Any, hello: Hello) -> None:
        self._hello = hello
        self._lines: list[bytes] = []
        self._dropped = 0
        self._lock = threading.Lock()
        self._leaving = threading.Event()
        self._client = client
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
        self.on_over: Callable[[], None] = lambda: None  # called when nobody answers any more

    def start(self) -> None:
        """Begin: the lab learns that there is a worker."""
        self._thread.start()

    def say(self, event: Event) -> None:
        """Tell an event soon."""
        if isinstance(event, WorkerReady) and event.worker == self._hello.worker:
            self._hello = msgspec.structs.replace(self._hello, channels=event.channels)
        line = codec.encode(event)
        with self._lock:
            if len(self._lines) < LIMIT:
                self._lines.append(line)
            else:
                self._dropped += 1

    def close(self) -> None:
        """Tell the rest and that the worker has ended; returns soon, whoever answers or does not."""
        self.say(WorkerExited(t=time.time(), source=self._hello.worker, worker=self._hello.worker))
        self._leaving.set()
        self._thread.join(3.0)

    def _run(self) -> None:
        answered, told = time.monotonic(), 0.0
        while True:
            is_last = self._leaving.is_set()
            now = time.monotonic()
            if self._lines or is_last or now - told > BEAT:
                told = now
                try:
                    self._publish()
                    answered = time.monotonic()
                except (redis.RedisError, OSError):
                    if now - answered > PATIENCE:
                        return self.on_over()
            if is_last:
                return
            self._leaving.wait(MOMENT)

    def _publish(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
            dropped, self._dropped = self._dropped, 0
        name = self._hello.worker
        if dropped:
            lines.append(codec.encode(EventsDropped(t=time.time(), source=name, count=dropped)))
        try:
            self._client.publish(TOLD, batch_of(msgspec.structs.replace(self._hello, now=time.time()), lines))
            if self._leaving.is_set():
                self._client.delete(CLAIM + name)
            else:
                self._client.set(CLAIM + name, self._hello.pid, ex=CLAIMED)
        except (redis.RedisError, OSError):
            with self._lock:
                self._lines = lines + self._lines
            raise
