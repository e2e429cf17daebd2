# SPDX-License-Identifier: GPL-3.0-or-later
"""What the processes do: sources, Redis, workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import events as e
from app.entities import Source, Worker
from app.settings import Duty
from app.state import gates
from app.state.world import PROCESS_LIMIT, World


def source_started(world: World, event: e.SourceStarted) -> None:
    gates.forget(world, event.name)
    world.forget("processes", world.sources, PROCESS_LIMIT, lambda source: source.status in ("failed", "finished"))
    world.sources[event.name] = Source(event.name, "starting", event.pid, event.detail)
    world.counted.pop(event.name, None)


def source_ready(world: World, event: e.SourceReady) -> None:
    source = world.sources.setdefault(event.name, Source(event.name, "starting"))
    source.status = "ready"
    source.detail = event.detail or source.detail


def source_failed(world: World, event: e.SourceFailed) -> None:
    source = world.sources.setdefault(event.name, Source(event.name, "failed"))
    source.status, source.detail, source.remedy = "failed", event.reason, event.remedy


def source_finished(world: World, event: e.SourceFinished) -> None:
    world.sources.setdefault(event.name, Source(event.name, "finished")).status = "finished"


def redis_lost(world: World, event: e.RedisLost) -> None:
    world.redis_lost = event.reason


def redis_back(world: World, event: e.RedisBack) -> None:
    world.redis_lost = ""


def worker_started(world: World, event: e.WorkerStarted) -> None:
    world.forget("workers", world.workers, PROCESS_LIMIT, lambda worker: not worker.is_alive)
    world.counted.pop(event.worker, None)
    world.workers[event.worker] = Worker(
        event.worker,
        event.pid,
        event.t,
        since=event.t,
        duty=Duty(event.only, event.exclude),
        host=event.host,
        version=event.version,
        receive=event.receive,
    )


def worker_ready(world: World, event: e.WorkerReady) -> None:
    if (worker := world.workers.get(event.worker)) and worker.is_alive:
        worker.channels, worker.since, worker.stopped_from = event.channels, event.t, "idle"
        if worker.status != "stopped":
            worker.status = "idle"


def consumer_started(world: World, event: e.ConsumerStarted) -> None:
    worker = world.workers.get(event.worker)
    if worker and worker.is_alive:
        worker.key, worker.consumer, worker.since, worker.order = event.key, event.consumer, event.t, event.order
        worker.stopped_from = "running"
        if worker.status != "stopped":
            worker.status = "running"


def consumer_finished(world: World, event: e.ConsumerFinished | e.ConsumerFailed) -> None:
    worker = world.workers.get(event.worker)
    if worker and worker.is_alive:
        worker.done += 1
        worker.failed += isinstance(event, e.ConsumerFailed)
        worker.key = worker.consumer = ""
        worker.since, worker.stopped_from = event.t, "idle"
        if worker.status != "stopped":
            worker.status = "idle"


def worker_stopped(world: World, event: e.WorkerStopped) -> None:
    worker = world.workers.get(event.worker)
    if worker and worker.is_alive and worker.status != "stopped":
        worker.stopped_from, worker.status, worker.since = worker.status, "stopped", event.t


def worker_continued(world: World, event: e.WorkerContinued) -> None:
    worker = world.workers.get(event.worker)
    if worker and worker.status == "stopped":
        worker.status, worker.since = worker.stopped_from, event.t


def worker_exited(world: World, event: e.WorkerExited) -> None:
    gates.forget(world, event.worker)
    if worker := world.workers.get(event.worker):
        worker.status = "killed" if event.signal else "exited"
        worker.exit_status, worker.signal, worker.since = event.status, event.signal, event.t
        worker.consumer = ""


HANDLERS: dict[type[e.Event], Callable[[World, Any], None]] = {
    e.SourceStarted: source_started,
    e.SourceReady: source_ready,
    e.SourceFailed: source_failed,
    e.SourceFinished: source_finished,
    e.RedisLost: redis_lost,
    e.RedisBack: redis_back,
    e.WorkerStarted: worker_started,
    e.WorkerReady: worker_ready,
    e.ConsumerStarted: consumer_started,
    e.ConsumerFinished: consumer_finished,
    e.ConsumerFailed: consumer_finished,
    e.WorkerStopped: worker_stopped,
    e.WorkerContinued: worker_continued,
    e.WorkerExited: worker_exited,
}
