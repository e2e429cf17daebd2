# SPDX-License-Identifier: GPL-3.0-or-later
"""A group send as one event for each script, and the events that such a one stands for."""

from __future__ import annotations

from collections.abc import Iterator

from app.events import GroupSent, MessageSent, MessageSkipped
from app.layer.keys import key_of
from app.layer.messages import copy_for
from app.layer.receipts import Copies


def as_few(told: Copies, t: float, source: str, group: str, cause: str, took: float = 0.0) -> Iterator[GroupSent]:
    """Say what became of the copies of a group's message; those dropped on purpose are not among them."""
    for one in told.slices:
        yield GroupSent(
            t=t,
            source=source,
            group=group,
            cause=cause,
            stem=one.stem,
            channels=b"\n".join(one.members).decode(),
            whole=told.whole,
            longer=told.longer,
            expiry=told.expiry,
            skipped=tuple(map(abs, one.skipped)),
            took=took,
        )


def one_by_one(event: GroupSent) -> Iterator[MessageSent | MessageSkipped]:
    """Return an event for each member."""
    t, source, group, cause = event.t, event.source, event.group, event.cause
    skipped = set(event.skipped)
    for number, channel in enumerate(event.channels.split("\n"), 1):
        if number in skipped:
            yield MessageSkipped(t=t, source=source, channel=channel, group=group, cause=cause)
        else:
            yield MessageSent(
                t=t,
                source=source,
                key=key_of(event.stem, number),
                channel=channel,
                body=copy_for(channel.encode(), event.whole, event.longer),
                expiry=event.expiry,
                cause=cause,
                group=group,
                took=event.took,
            )
