# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.layer import RedisChannelLayer
from tests.demo.django_demo import _django, database
from tests.redis_fixture import _shared_redis, own_redis, redis_server, redis_url

__all__ = ["_django", "_shared_redis", "database", "own_redis", "redis_server", "redis_url"]


@pytest.fixture
def layer(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    yield layer
    layer.close()
