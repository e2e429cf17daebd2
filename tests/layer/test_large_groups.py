# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups above the slice: read first, then served slice by slice."""

import pytest
import redis

from app.layer import Sent, Skipped

SIZE = 4500


@pytest.fixture
def room(make_layer, redis_server):
    layer = make_layer(capacity=100_000)
    members = [f"server.{n % 7}!{n}" for n in range(SIZE)]
    redis_server.client().zadd("asgi::group:room", dict.fromkeys(members, 2**32))
    return layer, members


def test_that_every_member_of_a_large_group_gets_exactly_one_copy(room, redis_server):
    layer, members = room
    redis_server.client().config_resetstat()
    told = layer.post_group("room", {"n": 1, "text": "x" * 100})
    scripts = redis_server.client().info("commandstats")
    assert sum(scripts[f"cmdstat_{name}"]["calls"] for name in ("eval", "evalsha") if f"cmdstat_{name}" in scripts) <= 6
    assert sorted(copy.channel for copy in told) == sorted(members)
    assert len({copy.key for copy in told}) == SIZE
    seen = [taken for n in range(7) for taken in all_of(layer, f"server.{n}!")]
    assert {(taken.channel, taken.key) for taken in seen} == {(copy.channel, copy.key) for copy in told}
    assert all(taken.message == {"n": 1, "text": "x" * 100} for taken in seen)


def all_of(layer, queue):
    seen = []
    while batch := layer.take_batch(queue):
        seen += batch
    return seen


def test_that_bodies_told_of_slices_are_those_in_redis(room, redis_server):
    layer, _ = room
    told = layer.post_group("room", {"n": 1})
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.mget(["asgi:" + copy.key for copy in told]) == [copy.body for copy in told]


def test_that_capacity_holds_across_slices(room):
    layer, _ = room
    layer.capacity = 500
    told = layer.post_group("room", {"n": 1})
    assert sum(isinstance(copy, Sent) for copy in told) == 7 * 500
    assert sum(isinstance(copy, Skipped) for copy in told) == SIZE - 7 * 500
    figures = layer.global_statistics()
    assert (figures["messages_count"], figures["channel_full_count"]) == (3500, 1000)


def test_that_a_group_of_exactly_one_slice_is_one_script(make_layer, redis_server):
    layer = make_layer(capacity=100_000)
    members = [f"server.x!{n}" for n in range(2000)]
    client = redis_server.client()
    client.zadd("asgi::group:room", dict.fromkeys(members, 2**32))
    layer.post_group("room", {})  # Redis knows the script from now on
    client.config_resetstat()
    assert len(layer.post_group("room", {})) == 2000
    assert client.info("commandstats")["cmdstat_evalsha"]["calls"] == 1
