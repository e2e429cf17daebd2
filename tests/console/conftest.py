# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Redis for the tests of the console."""

from tests.redis_fixture import _shared_redis, redis_server

__all__ = ["_shared_redis", "redis_server"]
