# SPDX-License-Identifier: GPL-3.0-or-later
from tests.redis_fixture import _shared_redis, own_redis, redis_server, redis_url

__all__ = ["_shared_redis", "own_redis", "redis_server", "redis_url"]
