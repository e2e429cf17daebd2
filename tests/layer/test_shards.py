# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib

import pytest

from app.layer import RedisChannelLayer
from app.layer.hosts import servers_of
from app.layer.shards import Ring, shard_of
from tests.redis_fixture import real_redis

# asgi1_checklist §14: shards for 2, 3, 4 and 5 servers
VECTORS = {
    "chat": (0, 0, 0, 0),
    "chat-default": (1, 1, 2, 3),
    "liveblog": (1, 2, 2, 3),
    "daphne.response.AbCdEfGhIj!": (0, 0, 0, 0),
    "http.request.body?abcdefghijkl": (0, 0, 0, 0),
    "websocket.send!RgWoUaOwfLjw": (1, 1, 2, 2),
}


@pytest.fixture(scope="module")
def three_servers():
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(real_redis()) for _ in range(3)]


@pytest.fixture
def three(three_servers):
    for server in three_servers:
        with server.client() as client:
            client.flushall()
    return three_servers


@pytest.fixture
def layer(three, make_layer):
    return make_layer(hosts=[server.url for server in three], capacity=100)


@pytest.mark.parametrize(("name", "shards"), VECTORS.items())
def test_that_names_fall_on_the_servers_asgi_redis_chose(name, shards):
    assert tuple(shard_of(name, count) for count in (2, 3, 4, 5)) == shards


def test_that_normal_channels_take_turns_and_others_stay(three):
    ring = Ring(3)
    assert [ring.for_send("chat") for _ in range(4)] == [0, 1, 2, 0]
    assert {ring.for_send("websocket.send!RgWoUaOwfLjw") for _ in range(4)} == {1}
    assert list(ring.all_of("chat")) == [0, 1, 2]
    assert list(ring.all_of("websocket.send!RgWoUaOwfLjw")) == [1]


def test_that_the_messages_of_a_channel_are_on_all_servers_and_all_are_found(layer, three):
    for n in range(9):
        layer.send("chat", {"n": n})
    assert [server.client().llen("asgi:chat") for server in three] == [3, 3, 3]
    assert sorted(layer.receive(["chat"])[1]["n"] for _ in range(9)) == list(range(9))
    assert layer.receive(["chat"]) == (None, None)


def test_that_a_bound_channel_keeps_its_order_on_one_server(layer, three):
    for n in range(9):
        layer.send("server.x!me", {"n": n})
    lengths = sorted(server.client().llen("asgi:server.x!") for server in three)
    assert lengths == [0, 0, 9]
    assert [layer.receive(["server.x!"])[1]["n"] for _ in range(9)] == list(range(9))


def test_that_many_sends_at_once_go_round_the_servers_too(layer, three):
    layer.post_many([("chat", {"n": n}) for n in range(6)])
    assert [server.client().llen("asgi:chat") for server in three] == [2, 2, 2]


def test_that_a_group_reaches_members_on_every_server(layer):
    members = [f"server.{n}!me" for n in range(12)] + ["plain"]
    for member in members:
        layer.group_add("room", member)
    assert sorted(layer.group_channels("room")) == sorted(members)
    assert sorted(copy.channel for copy in layer.post_group("room", {"n": 1})) == sorted(members)
    assert all(layer.receive([f"server.{n}!"]) == (f"server.{n}!me", {"n": 1}) for n in range(12))
    assert layer.receive(["plain"]) == ("plain", {"n": 1})


def test_that_statistics_and_flush_cover_all_servers(layer, three):
    for _ in range(6):
        layer.send("chat", {})
    assert layer.channel_statistics("chat")["messages_pending"] == 6
    assert layer.global_statistics()["messages_count"] == 6
    layer.flush()
    assert [server.client().keys("*") for server in three] == [[], [], []]
    assert layer.run_id().count(",") == 2


def test_that_a_waiting_receive_finds_what_comes_on_any_server(three):
    hosts = [server.url for server in three]
    sender, reader = RedisChannelLayer(hosts=hosts), RedisChannelLayer(hosts=hosts)
    for n in range(6):
        sender.send("chat", {"n": n})
        assert reader.receive(["chat"], block=True) == ("chat", {"n": n})
    sender.close()
    reader.close()


def test_that_hosts_may_be_urls_pairs_and_sentinels():
    def urls(hosts, services=None):
        return [server.url for server in servers_of(hosts, services, {})]

    assert urls(None) == ["redis://localhost:6379/0"]
    assert urls([("localhost", 1), "unix:///r", ("::1", 7)]) == [
        "redis://localhost:1/0",
        "unix:///r",
        "redis://[::1]:7/0",
    ]
    assert urls([("a", 1), ("b", 2)], ["x", "y"]) == ["redis+sentinel://a:1,b:2/x", "redis+sentinel://a:1,b:2/y"]
    assert urls([{"sentinels": [("a", 1)], "master_name": "x"}]) == ["redis+sentinel://a:1/x"]
    with pytest.raises(ValueError, match="pair"):
        urls(["redis://a:1"], ["x"])
