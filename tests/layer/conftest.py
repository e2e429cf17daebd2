# SPDX-License-Identifier: GPL-3.0-or-later
import asyncio
import inspect

import pytest

from app.layer import AsyncRedisChannelLayer, RedisChannelLayer
from tests.redis_fixture import _shared_redis, own_redis, redis_server, redis_url

__all__ = ["_shared_redis", "own_redis", "redis_server", "redis_url"]


class Awaited:
    """The asyncio face with every call run to its end, so that one test serves both faces."""

    def __init__(self, layer, loop):
        self.__dict__.update(layer=layer, loop=loop)

    def __getattr__(self, name):
        value = getattr(self.layer, name)
        if not inspect.iscoroutinefunction(value):
            return value
        return lambda *args, **kwargs: self.loop.run_until_complete(value(*args, **kwargs))

    def __setattr__(self, name, value):
        setattr(self.layer, name, value)


@pytest.fixture(params=["sync", "asyncio"])
def make_layer(request, redis_url):
    """A function that makes a layer of one of the two faces on the test's Redis."""
    with asyncio.Runner() as runner:
        layers = []

        def make(**kwargs):
            kwargs = {"hosts": [redis_url], "capacity": 5, **kwargs}
            if request.param == "sync":
                layers.append(RedisChannelLayer(**kwargs))
            else:
                layers.append(Awaited(AsyncRedisChannelLayer(**kwargs), runner.get_loop()))
            return layers[-1]

        yield make
        for layer in layers:
            layer.close()


@pytest.fixture
def layer(make_layer):
    return make_layer()
