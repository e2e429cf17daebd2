# SPDX-License-Identifier: GPL-3.0-or-later
"""Test cases with a channel layer in memory, and a client that lets consumers run (asgi1_checklist §12)."""

from __future__ import annotations

import copy
import functools
import random
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import close_old_connections
from django.test import TestCase, TransactionTestCase

from app.channels.asgi import DEFAULT, ChannelLayerWrapper, channel_layers
from app.channels.channel import Group
from app.channels.message import Message
from app.channels.outbox import Outbox
from app.channels.routing import Routing, include
from app.channels.signals import consumer_finished, consumer_started
from app.layer.memory import MemoryChannelLayer


class ChannelTestCaseMixin:
    """Each test has layers of its own in memory, with the routing that the settings name."""

    test_channel_aliases: ClassVar[Sequence[str]] = [DEFAULT]

    _old_layers: ClassVar[dict[str, ChannelLayerWrapper | None]]

    @classmethod
    def _pre_setup(cls) -> None:
        super()._pre_setup()  # type: ignore[misc]  # Django's
        cls._old_layers = {
            alias: channel_layers.set(alias, _in_memory(alias, channel_layers.routing_of(alias)))
            for alias in cls.test_channel_aliases
        }

    def _post_teardown(self) -> None:
        for alias, layer in self._old_layers.items():
            channel_layers.set(alias, layer)
        super()._post_teardown()  # type: ignore[misc]

    def get_next_message(self, channel: str, alias: str = DEFAULT, require: bool = False) -> Message | None:
        """Take the next message of a channel, None when there is none; with `require` the test then fails."""
        message = _next_message(channel, alias)
        if message is None and require:
            self.fail(f"There is no message on {channel}.")  # type: ignore[attr-defined]
        return message


class ChannelTestCase(ChannelTestCaseMixin, TestCase):
    """Django's TestCase with layers in memory."""


class TransactionChannelTestCase(ChannelTestCaseMixin, TransactionTestCase):
    """Django's TransactionTestCase with layers in memory."""


class Client:
    """Sends messages and lets their consumers run; answers come on a reply channel of its own."""

    def __init__(self, alias: str = DEFAULT) -> None:
        self.alias = alias
        self.reply_channel = alias + "".join(random.choices(string.ascii_letters, k=5))

    @property
    def channel_layer(self) -> ChannelLayerWrapper:
        """The layer that it talks to."""
        return channel_layers[self.alias]

    def get_next_message(self, channel: str) -> Message | None:
        """Take the next message of a channel; None when there is none."""
        return _next_message(channel, self.alias)

    def get_consumer_by_channel(self, channel: str) -> Any:
        """Return the consumer that a message with an empty text would go to; None when there is none."""
        match = self.channel_layer.router.match(Message({"text": ""}, channel, self.channel_layer.channel_layer))
        return match and match[0]

    def send(self, to: str, content: Mapping[str, Any] | None = None) -> None:
        """Send a message with our reply channel in it."""
        self.channel_layer.send(to, {"reply_channel": self.reply_channel, **copy.deepcopy(dict(content or {}))})

    def consume(self, channel: str, fail_on_none: bool = True) -> Any:
        """Take the next message of a channel and run its consumer, with what it raises; returns what it returns.

        Raises:
            AssertionError: there is no message, or no consumer for it; unless `fail_on_none` is False.
        """
        message = self.get_next_message(channel)
        match = self.channel_layer.router.match(message) if message else None
        if message is None or match is None:
            if fail_on_none:
                raise AssertionError(f"There is no {'consumer for the' if message else ''} message on {channel}.")
            return None
        consumer, kwargs = match
        with _as_a_worker(type(self)), Outbox(self.channel_layer.channel_layer):
            return consumer(message, **kwargs)

    def send_and_consume(
        self, channel: str, content: Mapping[str, Any] | None = None, fail_on_none: bool = True
    ) -> Any:
        """Send a message and run its consumer."""
        self.send(channel, content)
        return self.consume(channel, fail_on_none=fail_on_none)

    def receive(self) -> Any:
        """Return the content of the next answer; None when there is none."""
        message = self.get_next_message(self.reply_channel)
        return None if message is None else message.content

    def join_group(self, group_name: str) -> None:
        """Let our reply channel join a group."""
        Group(group_name, alias=self.alias).add(self.reply_channel)


class apply_routes:
    """Gives layers another routing: a decorator of tests and of test classes, and a context manager.

    Args:
        routes: a routing, a single route, or a list of routings.
        aliases: the layers' names.
    """

    def __init__(self, routes: Any, aliases: Sequence[str] = (DEFAULT,)) -> None:
        self.routes, self._aliases = routes, aliases
        self._old: dict[str, ChannelLayerWrapper | None] = {}

    def __enter__(self) -> None:
        for alias in self._aliases:
            old = self._old[alias] = channel_layers.set(alias, None)
            channel_layers.set(alias, _in_memory(alias, _flat(self.routes), old))

    def __exit__(self, *error: object) -> None:
        for alias in self._aliases:
            channel_layers.set(alias, self._old.pop(alias))

    enter, exit = __enter__, __exit__

    def __call__(self, test: Any) -> Any:
        """Decorate a test, or a class of them."""
        if isinstance(test, type):
            return self._class(test)

        @functools.wraps(test)
        def with_routes(*args: Any, **kwargs: Any) -> Any:
            with self:
                return test(*args, **kwargs)

        return with_routes

    def _class(self, tests: Any) -> Any:
        """Decorate a class: its tests' own layers take over the routing that they find."""
        set_up, tear_down = tests.setUpClass, tests.tearDownClass

        def with_routes(cls: Any) -> None:
            self.__enter__()
            set_up()

        def without_routes(cls: Any) -> None:
            tear_down()
            self.__exit__()

        tests.setUpClass, tests.tearDownClass = classmethod(with_routes), classmethod(without_routes)
        return tests


def _in_memory(alias: str, routing: Routing, old: ChannelLayerWrapper | None = None) -> ChannelLayerWrapper:
    """Return a layer with this routing; its memory is that of the old one, if there is one."""
    return ChannelLayerWrapper(old.channel_layer if old else MemoryChannelLayer(), alias, routing)


def _flat(routes: Any) -> Routing:
    if not isinstance(routes, (list, tuple)):
        return routes if isinstance(routes, (str, Mapping)) else [routes]
    return [include(route) if isinstance(route, (list, tuple, str)) else route for route in routes]


def _next_message(channel: str, alias: str) -> Message | None:
    layer = channel_layers[alias].channel_layer
    name, content = layer.receive([channel])
    return None if name is None or content is None else Message(content, name, layer)


@contextmanager
def _as_a_worker(sender: type) -> Iterator[None]:
    """Send the signals around a consumer; the test's database connection stays open."""
    consumer_finished.disconnect(close_old_connections)
    try:
        consumer_started.send(sender=sender, environ={})
        yield
    finally:
        consumer_finished.send(sender=sender)
        consumer_finished.connect(close_old_connections)
