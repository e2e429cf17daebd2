# SPDX-License-Identifier: GPL-3.0-or-later
"""A message's run through its consumer, and what is said of it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any, Literal

from app import events as e
from app.channels.exceptions import ChannelSocketException, ConsumeLater, DenyConnection
from app.channels.message import Message
from app.channels.outbox import Outbox
from app.channels.routing import Consumer, Router, dotted_name
from app.layer import ChannelFull, RedisChannelLayer, Taken
from app.worker.gates import Gates
from app.worker.hooks import Hooks

RETRIES = 10  # times a consumer may say ConsumeLater to one message
RETRIES_KEY = "__retries__"
LATER_PATIENCE = 0.5  # seconds that such a message waits for room in its channel


class Runner:
    """Runs consumers, one message after another.

    Args:
        layer: where they send, unless they name another.
        router: knows the consumer of a message.
        say: takes an event for each thing that happens.
        worker: who runs them, in events.
        hooks: what is called around each.
        gates: what they send is held there, and counted as waiting.
    """

    def __init__(
        self,
        layer: RedisChannelLayer,
        router: Router,
        say: Callable[[e.Event], None],
        worker: str,
        hooks: Hooks,
        gates: Gates,
    ) -> None:
        self._layer, self._router, self._say, self._worker = layer, router, say, worker
        self._hooks, self._gates = hooks, gates

    def run(self, taken: Taken) -> None:
        """Find a message's consumer and run it; whatever it raises is said, and the message is gone."""
        content, worker = taken.message, self._worker
        if content is None:
            text = f"The message {taken.key} on {taken.channel} cannot be read: {taken.body[:80]!r}"
            return self._lose(taken, "unreadable", text)
        what = "the routing"
        try:
            message = Message(content, taken.channel, self._layer)
            if content.get(RETRIES_KEY, 0) >= RETRIES:
                message.__doomed__ = True
            match = self._router.match(message)
            if match is None:
                return self._lose(taken, "no route", f"No route for a message on {message.channel}: {_shown(content)}")
            what = dotted_name(match[0])
            seconds = self._consume(taken, message, what, *match)
        except (Exception, SystemExit) as error:  # the edge of foreign code: it may raise anything, the worker goes on
            self._fail(taken, what, error)
        else:
            self._say(e.ConsumerFinished(t=time.time(), source=worker, worker=worker, key=taken.key, seconds=seconds))

    def _consume(self, taken: Taken, message: Message, name: str, consumer: Consumer, kwargs: dict[str, Any]) -> float:
        """Run the consumer and send what it sent; returns how many seconds it ran."""
        order, worker = message.content.get("order"), self._worker
        order = order if isinstance(order, int) else -1
        self._say(
            e.ConsumerStarted(
                t=time.time(), source=worker, worker=worker, key=taken.key, channel=taken.channel, consumer=name,
                order=order,
            )
        )  # fmt: skip
        began = time.monotonic() - self._gates.waited  # while gates hold its messages it does not run
        outbox = Outbox(self._layer, self._say, worker, taken.key, self._gates)
        try:
            self._hooks.started()
            with outbox:
                try:
                    consumer(message, **kwargs)
                except (DenyConnection, ChannelSocketException, ConsumeLater) as wish:
                    self._obey(wish, message, outbox)
        finally:
            self._hooks.finished()
        return time.monotonic() - self._gates.waited - began

    def _fail(self, taken: Taken, consumer: str, error: BaseException) -> None:
        """Say what was raised; `consumer` may also be the routing."""
        self._say(
            e.ConsumerFailed(
                t=time.time(),
                source=self._worker,
                worker=self._worker,
                key=taken.key,
                consumer=consumer,
                error=f"{type(error).__name__}: {error}",
                traceback=_traceback_from_consumer(error),
            )
        )

    def _lose(self, taken: Taken, reason: Literal["no route", "unreadable"], text: str) -> None:
        """Say that nobody acts on the message."""
        now = time.time()
        self._say(e.MessageLost(t=now, source=self._worker, worker=self._worker, key=taken.key, reason=reason))
        self._warn(text)

    def _obey(self, wish: Exception, message: Message, outbox: Outbox) -> None:
        """Do what a consumer raised to ask for."""
        if isinstance(wish, ChannelSocketException):
            wish.run(message)
        elif isinstance(wish, ConsumeLater):
            self._put_back(message, outbox)
        elif message.channel.name != "websocket.connect" or message.reply_channel is None:
            raise ValueError("DenyConnection is only for consumers of websocket.connect.") from None
        else:
            message.reply_channel.send({"close": True})

    def _put_back(self, message: Message, outbox: Outbox) -> None:
        retries = message.get(RETRIES_KEY, 0) + 1
        if retries > RETRIES:
            return self._warn(f"Dropped after {RETRIES} retries: a message on {message.channel}.")
        try:
            outbox.send_patiently(message.channel.name, {**message.content, RETRIES_KEY: retries}, LATER_PATIENCE)
        except ChannelFull:
            self._warn(f"Dropped because {message.channel} is full: a message to be consumed later.")

    def _warn(self, text: str) -> None:
        self._say(e.LogLine(t=time.time(), source=self._worker, text=text, level="warning"))


def _traceback_from_consumer(error: BaseException) -> str:
    """Return the traceback without the worker's own frames at its top."""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))


def _shown(content: dict[str, Any]) -> str:
    text = repr(content)
    return text if len(text) <= 300 else text[:300] + "…"
