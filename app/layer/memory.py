# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel layer in the memory of one process, for tests of applications (asgi1_checklist §15)."""

from __future__ import annotations

import random
import string
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from app.layer import messages, names
from app.layer.receipts import Sent, Skipped, Taken
from app.layer.refused import ChannelFull, MessageTooLarge

BLOCK_SECONDS = 5.0  # that a blocking receive waits, as the layer on Redis


class MemoryChannelLayer:
    """An ASGI 1.x channel layer without Redis. Threads may share it.

    Args:
        expiry: seconds after which an unread message is gone.
        group_expiry: seconds after which a membership that is not renewed is gone.
        capacity: messages a channel may hold.
        channel_capacity: accepted and ignored, as in asgiref 1.1.2.
    """

    ChannelFull: ClassVar[type[ChannelFull]] = ChannelFull
    MessageTooLarge: ClassVar[type[MessageTooLarge]] = MessageTooLarge
    extensions: ClassVar[list[str]] = ["groups", "flush"]

    def __init__(
        self, expiry: int = 60, group_expiry: int = 86400, capacity: int = 10, channel_capacity: Any = None
    ) -> None:
        self.expiry, self.group_expiry, self.capacity = expiry, group_expiry, capacity
        self._changed = threading.Condition(threading.RLock())
        self._is_woken = False
        self.flush()

    def flush(self) -> None:
        """Forget everything."""
        with self._changed:
            self._queues: defaultdict[str, deque[tuple[float, Sent]]] = defaultdict(deque)
            self._groups: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def send(self, channel: str, message: Mapping[str, Any]) -> None:
        """Put a message into a channel; raises ChannelFull or MessageTooLarge."""
        self.post(channel, message)

    def post(self, channel: str, message: Mapping[str, Any]) -> Sent:
        """Send, and say what is in the channel now."""
        names.check_channel(channel)
        sent = Sent(uuid.uuid4().hex, channel, messages.encode(message), self.expiry)
        with self._changed:
            queue = self._queues[names.queue_of(channel)]
            self._pass_ghosts(queue)
            if len(queue) >= self.capacity:
                raise ChannelFull(channel)
            queue.append((time.monotonic() + self.expiry, sent))
            self._changed.notify_all()
        return sent

    def receive(self, channels: Sequence[str], block: bool = False) -> tuple[str | None, dict[str, Any] | None]:
        """Take the next message of any of the channels: (channel, message), or (None, None)."""
        while taken := self.take(channels, block):
            if taken.key:
                return taken.channel, taken.message
        return None, None

    receive_many = receive

    def take(self, channels: Sequence[str], block: bool = False) -> Taken | None:
        """Look for a message of the channels, in random order of them; with `block` wait up to 5 s for one."""
        for name in channels:
            names.check_receivable(name)
        end = time.monotonic() + BLOCK_SECONDS
        with self._changed:
            while True:
                for name in random.sample(list(channels), len(channels)):
                    if taken := self._pop(name):
                        return taken
                left = end - time.monotonic()
                if not block or left <= 0 or self._is_woken:
                    self._is_woken = False
                    return None
                self._changed.wait(left)

    def new_channel(self, pattern: str) -> str:
        """Return an unused channel name that begins with `pattern`, which ends in `?`."""
        if not pattern.endswith("?"):
            raise TypeError(f"A new channel's pattern must end in '?': {pattern!r}.")
        return pattern + "".join(random.choices(string.ascii_letters, k=8))

    def group_add(self, group: str, channel: str) -> None:
        """Let a channel join a group, or renew its membership."""
        with self._changed:
            self._groups[names.check_group(group)][names.check_channel(channel)] = time.monotonic() + self.group_expiry

    def group_discard(self, group: str, channel: str) -> None:
        """Let a channel leave a group, if it is in it."""
        with self._changed:
            self._groups[names.check_group(group)].pop(names.check_channel(channel), None)

    def group_channels(self, group: str) -> list[str]:
        """Return the names of a group's members."""
        now = time.monotonic()
        return [name for name, end in self._groups[names.check_group(group)].items() if end > now]

    def send_group(self, group: str, message: Mapping[str, Any]) -> None:
        """Send a message to every member of a group; members that are full get none."""
        self.post_group(group, message)

    def post_group(self, group: str, message: Mapping[str, Any]) -> list[Sent | Skipped]:
        """Send to a group, and say of each member what became of its copy."""
        told: list[Sent | Skipped] = []
        for name in self.group_channels(group):
            try:
                told.append(self.post(name, message))
            except ChannelFull:
                told.append(Skipped(name))
        return told

    def wake(self) -> None:
        """End a `take` that waits in another thread."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def ping(self) -> None:
        """Memory always answers."""

    def close(self) -> None:
        """There is nothing to hang up."""

    def _pop(self, name: str) -> Taken | None:
        queue = self._queues[name]
        ghosts = self._pass_ghosts(queue)
        if not queue:
            return Taken(name, "", "", None, ghosts=ghosts) if ghosts else None
        _, sent = queue.popleft()
        return Taken(name, sent.channel, sent.key, messages.decode(sent.body)[1], ghosts=ghosts)

    def _pass_ghosts(self, queue: deque[tuple[float, Sent]]) -> tuple[str, ...]:
        """Remove what has expired; its channels leave all groups, as ASGI 1.x asks. Returns the keys."""
        ghosts = []
        while queue and queue[0][0] <= time.monotonic():
            _, sent = queue.popleft()
            ghosts.append(sent.key)
            for members in self._groups.values():
                members.pop(sent.channel, None)
        return tuple(ghosts)
