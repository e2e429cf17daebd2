# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layers that a project knows by name: a worker's own, or those of its setting CHANNEL_LAYERS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from app.channels.routing import Router, Routing, imported

if TYPE_CHECKING:
    from app.channels.outbox import Layer

DEFAULT = "default"
# The layers of 2016 that we stand in for.
OURS = {
    "asgi_redis.RedisChannelLayer": "app.layer.RedisChannelLayer",
    "asgi_redis.core.RedisChannelLayer": "app.layer.RedisChannelLayer",
    "asgiref.inmemory.ChannelLayer": "app.layer.memory.MemoryChannelLayer",
}


class InvalidChannelLayerError(ValueError):
    """CHANNEL_LAYERS does not say what is needed."""


class ChannelLayerWrapper:
    """A layer with its name and its routing; everything else is the layer's own."""

    def __init__(self, channel_layer: Layer, alias: str, routing: Routing) -> None:
        self.channel_layer, self.alias, self.routing = channel_layer, alias, routing
        self.router = Router(routing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.channel_layer, name)


class ChannelLayerManager:
    """The layers by alias; one that nobody has set is made from the settings when it is first asked for."""

    def __init__(self) -> None:
        self._layers: dict[str, ChannelLayerWrapper] = {}

    def __getitem__(self, alias: str) -> ChannelLayerWrapper:
        if alias not in self._layers:
            self._layers[alias] = self.make_backend(alias)
        return self._layers[alias]

    def __contains__(self, alias: object) -> bool:
        return alias in self._layers or alias in self.configs

    def set(self, alias: str, layer: ChannelLayerWrapper | None) -> ChannelLayerWrapper | None:
        """Put a layer there, or take it away with None; returns what was there."""
        old = self._layers.pop(alias, None)
        if layer is not None:
            self._layers[alias] = layer
        return old

    @property
    def configs(self) -> dict[str, dict[str, Any]]:
        """The setting CHANNEL_LAYERS; empty without Django or without the setting."""
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured

        try:
            return getattr(settings, "CHANNEL_LAYERS", {})
        except ImproperlyConfigured:
            return {}

    def routing_of(self, alias: str) -> Routing:
        """Return the routing of a layer, made or only named in the settings; none is an empty one."""
        if alias in self._layers:
            return self._layers[alias].routing
        routing: Routing = self.configs.get(alias, {}).get("ROUTING", [])
        return routing

    def make_backend(self, alias: str) -> ChannelLayerWrapper:
        """Make a layer with its CONFIG; the Redis of CHANNELSCOPE_REDIS, if there is one, is the default's.

        Raises:
            InvalidChannelLayerError: BACKEND or ROUTING is missing, or the backend is not to be had.
        """
        config = dict(self._needed(alias, "CONFIG", {}))
        backend = self._needed(alias, "BACKEND")
        if (url := os.environ.get("CHANNELSCOPE_REDIS")) and alias == DEFAULT and "asgi_redis" in backend:
            config["hosts"] = [url]
        return self._wrapped(alias, backend, config)

    def make_test_backend(self, alias: str) -> ChannelLayerWrapper:
        """Make a layer with its TEST_CONFIG, for tests against the real thing; the same is raised."""
        if "TEST_CONFIG" not in self.configs.get(alias, {}):
            raise InvalidChannelLayerError(f"CHANNEL_LAYERS[{alias!r}] has no TEST_CONFIG.")
        return self._wrapped(alias, self._needed(alias, "BACKEND"), dict(self._needed(alias, "TEST_CONFIG")))

    def _wrapped(self, alias: str, backend: str, config: dict[str, Any]) -> ChannelLayerWrapper:
        try:
            make = imported(OURS.get(backend, backend))
        except ImportError as error:
            raise InvalidChannelLayerError(f"The BACKEND of CHANNEL_LAYERS[{alias!r}]: {error}") from error
        return ChannelLayerWrapper(make(**config), alias, self._needed(alias, "ROUTING"))

    def _needed(self, alias: str, key: str, default: Any = None) -> Any:
        value = self.configs.get(alias, {}).get(key, default)
        if value is None:
            raise InvalidChannelLayerError(f"CHANNEL_LAYERS[{alias!r}] has no {key}.")
        return value


channel_layers = ChannelLayerManager()


def get_channel_layer(alias: str = DEFAULT) -> ChannelLayerWrapper:
    """Return a layer for a project's `asgi.py`, with Django set up."""
    import django

    django.setup()
    return channel_layers[alias]
