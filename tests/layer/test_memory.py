# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer in memory does what the layer on Redis does, as far as a consumer's test can tell."""

import threading

import pytest

from app.layer import RedisChannelLayer
from app.layer.memory import MemoryChannelLayer
from tests.redis_fixture import _shared_redis, redis_server, redis_url

__all__ = ["_shared_redis", "redis_server", "redis_url"]


@pytest.fixture(params=["memory", "redis"])
def layer(request):
    if request.param == "memory":
        yield MemoryChannelLayer(capacity=3)
        return
    layer = RedisChannelLayer(hosts=[request.getfixturevalue("redis_url")], capacity=3)
    yield layer
    layer.close()


def test_that_messages_come_out_in_order_and_are_copies(layer):
    message = {"n": [1], "b": b"\xff"}
    layer.send("x", message)
    message["n"].append(2)
    layer.send("x", {"n": 2})
    assert layer.receive(["y", "x"]) == ("x", {"n": [1], "b": b"\xff"})
    assert layer.receive_many(["x"]) == ("x", {"n": 2})
    assert layer.receive(["x"]) == (None, None)


def test_that_a_process_channel_is_received_up_to_its_mark(layer):
    layer.send("here!a", {"n": 1})
    assert layer.receive(["here!"]) == ("here!a", {"n": 1})


def test_that_a_full_channel_refuses_and_a_group_skips_it(layer):
    for n in range(3):
        layer.send("x", {"n": n})
    with pytest.raises(layer.ChannelFull):
        layer.send("x", {})
    layer.group_add("g", "x")
    layer.group_add("g", "y")
    layer.send_group("g", {"to": "all"})
    assert layer.receive(["y"]) == ("y", {"to": "all"})
    assert sorted(layer.group_channels("g")) == ["x", "y"]
    layer.group_discard("g", "x")
    assert layer.group_channels("g") == ["y"]


@pytest.mark.parametrize("content", ["text", {"o": object()}])
def test_that_what_is_no_message_is_refused(layer, content):
    with pytest.raises(TypeError):
        layer.send("x", content)
    with pytest.raises(TypeError):
        layer.send("a b", {})


def test_that_an_expired_message_is_passed_and_its_channel_leaves_its_groups(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("app.layer.memory.time.monotonic", lambda: now[0])
    layer = MemoryChannelLayer(expiry=60)
    layer.group_add("g", "x")
    old = layer.post("x", {"n": 1})
    now[0] = 30.0
    layer.send("x", {"n": 2})
    now[0] = 61.0
    taken = layer.take(["x"])
    assert (taken.message, taken.ghosts) == ({"n": 2}, (old.key,))
    assert layer.group_channels("g") == []
    layer.send("x", {"n": 3})
    now[0] = 200.0
    assert layer.receive(["x"]) == (None, None)


def test_that_a_blocking_receive_gets_what_comes_and_can_be_woken(layer):
    timer = threading.Timer(0.05, lambda: layer.send("x", {"n": 1}))
    timer.start()
    assert layer.receive(["x"], block=True) == ("x", {"n": 1})
    timer.join()


def test_that_new_channels_and_flush_are_those_of_asgi(layer):
    assert layer.new_channel("body?").startswith("body?")
    with pytest.raises(TypeError):
        layer.new_channel("body!")
    layer.send("x", {})
    layer.group_add("g", "x")
    layer.flush()
    assert layer.receive(["x"]) == (None, None)
    assert layer.group_channels("g") == []
