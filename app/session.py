# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as a file (`.cscope`): the observed events that are kept, with their bytes, packed; and back into a store.

A file is a recording (app.recording), so it plays without Redis and network and looks the same on any machine. What
fell off the old end of the store is told by a prologue: who was connected, which workers lived, what waited.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from app import events as e
from app.entities import Fate
from app.frame_index import FrameIndex
from app.inbox import Inbox
from app.recording import Recorder, RecordingError, read_recording
from app.sources.decode import WireDecoder
from app.state import State
from app.store import Store

SUFFIX = ".cscope"
SOURCE = "session"
BATCH = 512  # events


def save_session(path: Path, store: Store) -> int:
    """Write what a store keeps; returns the number of events. Raises OSError.

    A file of that name is replaced when all is written: a full disk costs nobody the session he saved before.
    """
    part, count = path.with_name(f".{path.stem}.part{path.suffix}"), 0
    try:
        with Recorder(part) as record:
            for event in whole(store):
                record(event)
                count += 1
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def whole(store: Store) -> Iterator[e.Event]:
    """Yield what a store keeps as it was observed, bytes included; a prologue tells what was before."""
    events = store.newest_since(store.start)
    first = next((event.row for event in events if isinstance(event, e.FrameSeen)), 0)
    yield from prologue(store.base, events[0].t if events else 0.0)
    for event in events:
        if isinstance(event, e.BytesSeen):
            data = store.index.spool.read(event.connection, event.direction, event.offset, event.length)
            yield replace(event, data=data)
        elif isinstance(event, e.Selected) and event.kind == "frame" and event.item.isdecimal():
            yield replace(event, item=str(int(event.item) - first))
        else:
            yield event


def prologue(state: State, t: float) -> Iterator[e.Event]:
    """Yield events that add up to what of a state still matters: the set-up, sockets, groups, workers, what waits."""
    if state.settings is None:
        return
    yield replace(state.settings, t=t)
    for source in state.sources.values():
        yield e.SourceStarted(t=t, source=SOURCE, name=source.name, pid=source.pid, detail=source.detail)
        if source.status == "ready":
            yield e.SourceReady(t=t, source=SOURCE, name=source.name, detail=source.detail)
    for worker in state.workers.values():
        yield e.WorkerStarted(t=t, source=SOURCE, worker=worker.name, pid=worker.pid)
        if worker.is_alive:
            yield e.WorkerReady(t=t, source=SOURCE, worker=worker.name, channels=worker.channels)
        else:
            yield e.WorkerExited(
                t=t, source=SOURCE, worker=worker.name, status=worker.exit_status, signal=worker.signal
            )
    yield from state.clients.values()
    yield from _connections(state, t)
    for group, members in state.groups.items():
        for channel, joined in members.items():
            yield e.GroupAdded(t=joined, source=SOURCE, group=group, channel=channel)
    yield from _waiting(state)
    if state.speed < 1:
        yield e.SpeedSet(t=t, source=SOURCE, speed=state.speed, redis=state.clock.speed)
    if state.clock.since:
        yield e.Frozen(t=max(state.clock.since, t), source=SOURCE)


def _connections(state: State, t: float) -> Iterator[e.Event]:
    for one in state.connections.values():
        if one.closed:
            continue
        yield e.ConnectionOpened(t=one.opened, source=SOURCE, connection=one.id, client=one.client, server=one.server)
        if one.reply_channel:
            yield e.ReplyChannelOpened(t=t, source=SOURCE, connection=one.id, channel=one.reply_channel)


def _waiting(state: State) -> Iterator[e.Event]:
    for message in state.messages.values():
        if message.fate is Fate.WAITING:
            yield e.MessageSent(
                t=message.sent, source=message.sender, key=message.key, channel=message.channel, body=message.body,
                expiry=message.expiry, cause=message.cause, connection=message.connection, n=message.n,
                group=message.group,
            )  # fmt: skip


class SessionSource:
    """A session file being read on a thread; the frames come into `index`, the events into `inbox`.

    Raises:
        RecordingError: the file is missing, or none of ours.
    """

    def __init__(self, path: Path) -> None:
        next(read_recording(path), None)  # a foreign file, or one with nothing whole in it, is to be told at once
        self.path = path
        self.inbox = Inbox()
        self.index = FrameIndex()
        self._is_wanted = True
        self._thread = threading.Thread(target=self._read, name=f"session {path.name}", daemon=True)

    @property
    def is_reading(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading and give the bytes back."""
        self._is_wanted = False
        self._thread.join()
        self.index.spool.close()

    def _read(self) -> None:
        decoder, batch, last = WireDecoder(self.index), list[e.Event](), 0.0
        try:
            for event in read_recording(self.path):
                batch += decoder.feed(event)
                last = event.t
                if len(batch) >= BATCH:
                    self.inbox.put_all(batch)
                    batch = []
                if not self._is_wanted:
                    return
        except RecordingError as error:  # told as the last thing that happened, at the time of the session
            batch.append(e.SourceFailed(t=last, source=SOURCE, name=SOURCE, reason=str(error)))
        self.inbox.put_all(batch)
