# SPDX-License-Identifier: GPL-3.0-or-later
"""What server, workers, Redis and other sources do, and what consumers do in workers."""

from __future__ import annotations

from typing import Literal

from app.events.base import Event


class SourceStarted(Event, frozen=True, kw_only=True, tag=True):
    """A process or file the lab depends on is there: `name` is "redis", "server" …; `detail` is for people."""

    name: str
    pid: int = 0
    detail: str = ""


class SourceReady(Event, frozen=True, kw_only=True, tag=True):
    """It answers now; for the interface server `detail` is the address of its pages."""

    name: str
    detail: str = ""


class SourceFailed(Event, frozen=True, kw_only=True, tag=True):
    """Something around us failed; the rest runs on. `remedy` says what to do."""

    name: str
    reason: str
    remedy: str = ""


class SourceFinished(Event, frozen=True, kw_only=True, tag=True):
    """It ended, as asked or at its natural end."""

    name: str
    detail: str = ""


class RedisLost(Event, frozen=True, kw_only=True, tag=True):
    """Redis does not answer."""

    reason: str


class RedisBack(Event, frozen=True, kw_only=True, tag=True):
    """Redis answers again."""


class WorkerStarted(Event, frozen=True, kw_only=True, tag=True):
    """A worker process exists; it has not said anything yet. `only` and `exclude` are globs that choose its channels.

    `host` names the machine it runs on, "" for ours; `version` is that of the consumers it runs (ConsumersChanged).
    `receive`: how it takes messages, with one script or with three commands.
    """

    worker: str
    pid: int
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    host: str = ""
    version: str = "shipped"
    receive: Literal["atomic", "classic"] = "atomic"


class WorkerReady(Event, frozen=True, kw_only=True, tag=True):
    """A worker listens to its channels."""

    worker: str
    channels: tuple[str, ...]


class ConsumerStarted(Event, frozen=True, kw_only=True, tag=True):
    """A consumer runs; `consumer` is its dotted name. `order` is the message's number on its socket, -1 without one."""

    worker: str
    key: str
    channel: str
    consumer: str
    order: int = -1


class ConsumerFinished(Event, frozen=True, kw_only=True, tag=True):
    """It returned after `seconds`."""

    worker: str
    key: str
    seconds: float


class ConsumerFailed(Event, frozen=True, kw_only=True, tag=True):
    """It raised; the worker goes on and the message is gone (at most once)."""

    worker: str
    key: str
    consumer: str
    error: str
    traceback: str


class WorkerStopped(Event, frozen=True, kw_only=True, tag=True):
    """The process is stopped (SIGSTOP)."""

    worker: str


class WorkerContinued(Event, frozen=True, kw_only=True, tag=True):
    """It runs again (SIGCONT)."""

    worker: str


class WorkerExited(Event, frozen=True, kw_only=True, tag=True):
    """The process ended: `signal` ("KILL", "TERM" …) or, without one, `status`.

    Of one on another machine, status -1 says only that it is heard of no more.
    """

    worker: str
    status: int = 0
    signal: str = ""


class LogLine(Event, frozen=True, kw_only=True, tag=True):
    """A line a child printed, or a log record: `level` is "info", "warning" or "error"."""

    text: str
    level: str = "info"
