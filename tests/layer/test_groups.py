# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app import codec, events
from app.layer import OutOfMemory, Sent, Skipped, told
from tests.redis_fixture import wait_until


def test_that_every_member_gets_a_copy_with_a_key_of_its_own(layer):
    for channel in ("server.x!bob", "plain", "one?abc"):
        layer.group_add("room", channel)
    copies = layer.post_group("room", {"text": "hi", "data": b"\x81"})
    assert len({copy.key for copy in copies}) == 3
    assert layer.receive(["server.x!"]) == ("server.x!bob", {"text": "hi", "data": b"\x81"})
    assert layer.receive(["plain"]) == ("plain", {"text": "hi", "data": b"\x81"})
    assert layer.receive(["one?abc"]) == ("one?abc", {"text": "hi", "data": b"\x81"})


def test_that_the_bodies_told_are_the_bodies_in_redis(layer, redis_server):
    import redis

    long = "server.x!" + "a" * 60
    for channel in ("plain", "server.x!bob", long):
        layer.group_add("room", channel)
    layer.post("plain", {})
    with redis.Redis.from_url(redis_server.url) as client:
        for size in (1, 15, 16, 40):
            for copy in layer.post_group("room", {f"key{n}": n for n in range(size)}):
                assert isinstance(copy, Sent)
                assert client.get("asgi:" + copy.key) == copy.body
            layer.receive(["server.x!"])
            assert layer.receive(["server.x!"])[0] in (long, "server.x!bob")
            layer.receive(["plain"])


def test_that_a_full_member_is_skipped_and_told_and_never_refused(layer):
    layer.group_add("room", "full")
    layer.group_add("room", "free")
    for _ in range(5):
        layer.send("full", {})
    copies = layer.post_group("room", {"n": 1})
    assert [type(one) for one in copies if one.channel == "full"] == [Skipped]
    assert [type(one) for one in copies if one.channel == "free"] == [Sent]


def test_that_a_members_own_capacity_counts(make_layer):
    layer = make_layer(channel_capacity={"small": 1})
    layer.group_add("room", "small")
    assert isinstance(layer.post_group("room", {})[0], Sent)
    assert layer.post_group("room", {}) == [Skipped("small")]


def test_that_adding_twice_counts_once_and_discarding_a_stranger_is_no_error(layer):
    layer.group_add("room", "a")
    layer.group_add("room", "a")
    layer.group_discard("room", "stranger")
    assert layer.group_channels("room") == ["a"]
    layer.group_discard("room", "a")
    assert list(layer.group_channels("room")) == []
    assert layer.post_group("room", {}) == []


def test_that_a_membership_runs_out_unless_it_is_renewed(make_layer, redis_server):
    layer = make_layer(group_expiry=60)
    layer.group_add("room", "old")
    layer.group_add("room", "fresh")
    redis_server.client().zincrby("asgi::group:room", -61, "old")
    assert [copy.channel for copy in layer.post_group("room", {})] == ["fresh"]
    assert redis_server.client().zrange("asgi::group:room", 0, -1) == ["fresh"]
    assert layer.group_channels("room") == ["fresh"]


def test_that_a_group_nobody_renews_is_gone(make_layer, redis_server):
    make_layer(group_expiry=1).group_add("room", "a")
    wait_until(lambda: not redis_server.client().exists("asgi::group:room"), "the group expires")


def test_that_a_group_send_without_memory_is_refused_as_a_whole(layer, redis_server):
    client = redis_server.client()
    layer.group_add("room", "a")
    layer.group_add("room", "b")
    client.config_set("maxmemory", "1")
    with pytest.raises(OutOfMemory) as refused:
        layer.send_group("room", {})
    assert refused.value.reason == "out of memory"
    assert client.keys("*") == ["asgi::group:room"]


def test_that_few_events_tell_every_copy_of_many(layer, redis_server):
    import redis

    layer.capacity = 3
    members = {f"server.{n % 2}!{n}" for n in range(5)} | {"plain", "server.long!" + "x" * 60}
    for channel in members:
        layer.group_add("room", channel)
    layer.send("server.0!9", {})
    copies = layer.post_group("room", {"n": 1})
    (event,) = told.as_few(copies, 1.0, "worker-1", "room", "cause")
    each = list(told.one_by_one(codec.decode(codec.encode(event))))
    assert {one.channel for one in each} == members
    assert [(one.channel, one.key, one.body) for one in each if isinstance(one, events.MessageSent)] == [
        (copy.channel, copy.key, copy.body) for copy in copies if isinstance(copy, Sent)
    ]
    skipped = [one.channel for one in each if isinstance(one, events.MessageSkipped)]
    assert skipped == [copy.channel for copy in copies if isinstance(copy, Skipped)]
    assert len(skipped) == 1
    with redis.Redis.from_url(redis_server.url) as client:
        assert all(client.get("asgi:" + one.key) == one.body for one in each if isinstance(one, events.MessageSent))
