# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's state in words."""

from __future__ import annotations

from app.entities import Worker
from app.events import WITHIN_RECEIVE
from app.state import State
from panels.stage.duties import in_words
from panels.stage.held import SAYS, are_gates_shown, held_by

BETWEEN = {"popped": "BLPOP ❚❚ GET", "fetched": "GET ❚❚ DEL", "deleted": "DEL ❚❚"}  # in short


def says_of(worker: Worker, now: float, state: State) -> tuple[str, ...]:
    """Say a worker's state, and what is held of it while gates are closed: several ways, the longest first."""
    is_held = worker.is_alive and worker.status != "stopped" and are_gates_shown(state)
    return (_held_says(worker, state) if is_held else ()) or _worker_says(worker, now)


def _held_says(worker: Worker, state: State) -> tuple[str, ...]:
    held, consumer = held_by(state, worker.name), worker.consumer.rpartition(".")[2]
    if held and held.gate == "replies":
        return (f"held: {consumer} sends", f"{consumer} sends", "sends")
    if held and held.gate in WITHIN_RECEIVE:
        return (f"holds it {SAYS[held.gate]}", SAYS[held.gate], BETWEEN[held.gate])
    if held:
        return ("held before its consumer", "before consumer", "held")
    is_frozen = state.clock.since and worker.status == "idle" and not worker.host
    return ("takes nothing: frozen", "frozen") if is_frozen else ()


def _worker_says(worker: Worker, now: float) -> tuple[str, ...]:
    for_ms = f"{max(now - worker.since, 0) * 1000:.0f} ms" if now - worker.since < 10 else ago(now - worker.since)
    consumer = worker.consumer.rpartition(".")[2] + (f" #{worker.order}" if worker.order > 0 else "")
    if worker.status == "running":
        return (f"running {consumer} for {for_ms}", f"{consumer} · {for_ms}", consumer, "running")
    if worker.status == "stopped":
        held = f"stopped, holds {consumer}" if worker.consumer else "stopped"
        return (f"{held} · {ago(now - worker.since)}", f"stopped · {ago(now - worker.since)}", "stopped")
    if worker.is_alive and worker.host:
        return (f"{worker.status} · on {worker.host}", f"on {worker.host}", worker.status)
    if worker.is_alive and (duty := in_words(worker.duty)):
        return (f"{worker.status} · {duty[0]}", *duty, worker.status)
    if worker.is_alive:
        return (f"{worker.status} · {worker.done} done", worker.status) if worker.done else (worker.status,)
    end = "killed" if worker.signal == "KILL" else f"ended by {worker.signal}" if worker.signal else "exited"
    if not worker.signal:
        end = f"exited with {worker.exit_status}" if worker.exit_status >= 0 else "gone"
    return (f"{end} {ago(now - worker.since)} ago", f"{end} {ago(now - worker.since)}", end)


def ago(seconds: float) -> str:
    """Return a span of time as minutes and seconds, or hours, minutes and seconds."""
    seconds = max(int(seconds), 0)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
