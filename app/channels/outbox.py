# SPDX-License-Identifier: GPL-3.0-or-later
"""What a consumer sends: kept until it has returned or raised, then sent, each message told with its cause.

`Channel("x").send(…)` names no channel layer, so the outbox of the running consumer is kept per thread (a context
variable); that is part of the interface of Channels 1.x.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

from app import events as e
from app.layer import ChannelFull, RedisGone, Refused, Sent, Taken
from app.layer.receipts import Copies
from app.layer.told import as_few

if TYPE_CHECKING:
    from app.layer import RedisChannelLayer
    from app.layer.memory import MemoryChannelLayer

    Layer = RedisChannelLayer | MemoryChannelLayer


class Gates(Protocol):
    """What may hold a message before it is sent."""

    is_open: bool

    def hold(self, gate: Literal["replies"], channel: str, **about: Any) -> None:
        """Return when it may go on."""


Content = dict[str, Any]
Tell = Callable[[e.Event], None]

PATIENCE = 2.0  # seconds that a message waits for room in a full channel once its consumer has returned
PAUSE = 0.05  # seconds between two attempts
FEW = 10  # copies of a group's message that are told one by one

_current: ContextVar[Outbox | None] = ContextVar("outbox", default=None)


class Outbox:
    """The sends of one consumer's run: the outbox of this thread for the length of a with block, sent at its end.

    Args:
        layer: where they go.
        tell: takes an event for each thing done.
        source: who sends, for the events.
        cause: key of the message that is being handled.
        gates: hold what is sent, while they are closed.
    """

    __slots__ = ("_behind", "_cause", "_gates", "_source", "_tell", "_token", "_waiting", "layer")

    def __init__(
        self,
        layer: Layer,
        tell: Tell = lambda _: None,
        source: str = "",
        cause: str = "",
        gates: Gates | None = None,
    ) -> None:
        self.layer = layer
        self._gates = gates
        self._behind = 0  # how many wait to be sent after this one
        self._tell = tell
        self._source, self._cause = source, cause
        self._waiting: list[Callable[[], None]] = []

    def __enter__(self) -> Outbox:
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
        if self._waiting:
            self.flush()

    def send(self, channel: str, content: Content, immediately: bool = False) -> None:
        """Send to a channel, of whose name a Channel has seen to it that it is possible: afterwards, or at once.

        Raises:
            Refused: it was to be sent at once and was turned away.
        """
        if immediately:
            self.send_patiently(channel, content, 0)
        else:
            self._waiting.append(partial(self.send_patiently, channel, dict(content), PATIENCE))

    def send_group(self, group: str, content: Content, immediately: bool = False) -> None:
        """Send to a group, whose name is possible, when the consumer has returned, or at once; the same is raised."""
        post = partial(self._post_group, group, dict(content))
        if immediately:
            post()
        else:
            self._waiting.append(post)

    def send_patiently(self, channel: str, content: Content, seconds: float) -> None:
        """Send at once, but wait up to `seconds` for room in a full channel.

        Raises:
            Refused: it was turned away.
        """
        if self._gates and not self._gates.is_open:
            self._gates.hold("replies", channel, cause=self._cause, behind=self._behind)
        end = time.monotonic() + seconds
        while True:
            t = time.time()
            try:
                sent = self.layer.post(channel, content)
            except Refused as refused:
                if not isinstance(refused, ChannelFull) or time.monotonic() >= end:
                    self._tell_refused(t, channel, refused.reason)
                    raise
            else:
                return self._tell_sent(t, time.time() - t, sent)
            time.sleep(PAUSE)

    def take(self, channel: str, block: bool = False) -> Taken | None:
        """Take a message of a channel for the consumer that runs, and tell it so; None when there is none."""
        while (taken := self.layer.take([channel], block)) is not None:
            t = time.time()
            if taken.ghosts:
                self._tell(e.GhostsPassed(t=t, source=self._source, channel=taken.queue, keys=taken.ghosts))
            if taken.key:
                self._tell(e.MessageReceived(t=t, key=taken.key, channel=taken.channel, **self._told_as))
            if taken.message is not None:
                return taken
        return None

    def group_add(self, group: str, channel: str) -> None:
        """Let a channel join a group, now."""
        self.layer.group_add(group, channel)
        self._tell(e.GroupAdded(t=time.time(), group=group, channel=channel, **self._told_as))

    def group_discard(self, group: str, channel: str) -> None:
        """Let a channel leave a group, now."""
        self.layer.group_discard(group, channel)
        self._tell(e.GroupDiscarded(t=time.time(), group=group, channel=channel, **self._told_as))

    def flush(self) -> None:
        """Send what waits, in order. A message that stays refused is told and left out; the others are sent.

        Raises:
            TypeError: one holds what no message may hold; the others are sent first.
            RedisGone: Redis does not answer; how many were not sent is told.
        """
        waiting, self._waiting = self._waiting, []
        wrong: TypeError | None = None
        for number, post in enumerate(waiting, 1):
            self._behind = len(waiting) - number
            try:
                post()
            except RedisGone:
                self._warn(f"Messages that were not sent, because Redis does not answer: {self._behind + 1}")
                raise
            except (Refused, TypeError) as error:
                self._warn(f"A message was not sent: {error}")
                wrong = wrong or (error if isinstance(error, TypeError) else None)
        if wrong:
            raise wrong

    def _warn(self, text: str) -> None:
        self._tell(e.LogLine(t=time.time(), source=self._source, text=text, level="warning"))

    def tell_row(self, table: str, row: str, is_new: bool, shows: str = "") -> None:
        """Say that the consumer saved a row."""
        self._tell(e.RowSaved(t=time.time(), table=table, row=row, is_new=is_new, shows=shows, **self._told_as))

    def _post_group(self, group: str, content: Content) -> None:
        if self._gates and not self._gates.is_open:
            self._gates.hold("replies", group, cause=self._cause, group=group, behind=self._behind)
        t = time.time()
        try:
            told = self.layer.post_group(group, content)
        except Refused as refused:
            self._tell_refused(t, group, refused.reason)
            raise
        took = time.time() - t
        if not told:
            self._tell(e.GroupEmpty(t=t, group=group, **self._told_as))
        if isinstance(told, Copies) and len(told) > FEW:
            for event in as_few(told, t, group=group, took=took, **self._told_as):
                self._tell(event)
            told = list(told.dropped)
        for copy in told:
            if isinstance(copy, Sent):
                self._tell_sent(t, took, copy, group)
            else:
                self._tell(e.MessageSkipped(t=t, channel=copy.channel, group=group, **self._told_as))

    def _tell_sent(self, t: float, took: float, sent: Sent, group: str = "") -> None:
        self._tell(
            e.MessageSent(
                t=t,
                source=self._source,
                key=sent.key,
                channel=sent.channel,
                body=sent.body,
                expiry=sent.expiry,
                cause=self._cause,
                group=group,
                took=took,
            )
        )
        if sent.is_dropped:
            self._tell(e.MessageLost(t=t, source=self._source, key=sent.key, reason="dropped on purpose"))

    @property
    def _told_as(self) -> dict[str, Any]:
        return {"source": self._source, "cause": self._cause}

    def _tell_refused(self, t: float, channel: str, reason: Any) -> None:
        self._tell(e.MessageRefused(t=t, channel=channel, reason=reason, **self._told_as))


def current() -> Outbox | None:
    """Return the outbox of the consumer that runs in this thread, if one does."""
    return _current.get()


def outbox_for(layer: Layer | None, alias: str = "default") -> tuple[Outbox, bool]:
    """Return where to send, and whether that is outside a consumer, where everything is immediate.

    Args:
        layer: the layer that is meant; None: the running consumer's, or the one called `alias`.

    Raises:
        RuntimeError: no consumer runs in this thread, no layer was given, and none is known by that name.
    """
    running = _current.get()
    if running is not None and layer is running.layer:
        return running, False
    layer = getattr(layer, "channel_layer", layer)  # one that knows its name is told from it
    if running is not None and (layer is running.layer or (layer is None and alias == "default")):
        return running, False
    return Outbox(layer or _layer_called(alias)), True


def _layer_called(alias: str) -> Layer:
    from app.channels.asgi import channel_layers

    if alias not in channel_layers:
        raise RuntimeError(
            f"No consumer is running in this thread, and no layer is called {alias!r}: "
            "give Channel or Group a channel_layer, or name one in CHANNEL_LAYERS."
        )
    return channel_layers[alias].channel_layer
