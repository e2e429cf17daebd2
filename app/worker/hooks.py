# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application wants done around consumers and when a worker begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Hooks:
    """Called before each consumer and after it, also where it raised; when a loop begins, and once for a process."""

    started: Callable[[], object] = _nothing
    finished: Callable[[], object] = _nothing
    ready: Callable[[], object] = _nothing
    process_ready: Callable[[], object] = _nothing


def django_hooks(sender: object) -> Hooks:
    """Return hooks that send the signals of Channels 1.x; old database connections are closed by one of them."""
    from app.channels import signals

    def send_started() -> None:
        signals.consumer_started.send(sender, environ={})

    return Hooks(
        started=send_started,
        finished=lambda: signals.consumer_finished.send(sender),
        ready=lambda: signals.worker_ready.send(sender),
        process_ready=lambda: signals.worker_process_ready.send(sender),
    )
