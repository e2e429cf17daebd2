# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys are those of asgi_redis 1.4.3, so that the talk's `keys`, `lrange`, `get`, `ttl` show what they showed."""

import re

import redis


def test_that_a_message_is_a_body_a_place_in_a_list_and_four_counters(layer, redis_server):
    sent = layer.post("websocket.receive", {"text": "hi"})
    with redis.Redis.from_url(redis_server.url) as client:
        body_key = f"asgi:{sent.key}".encode()
        assert re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", sent.key)
        assert client.get(body_key) == bytes.fromhex("81a474657874a26869") == sent.body
        assert client.lrange("asgi:websocket.receive", 0, -1) == [body_key]
        assert (client.ttl(body_key), client.ttl("asgi:websocket.receive")) == (60, 61)
        counters = ("asgi-meta:websocket.receive:messages_count", "asgi-meta:#global#:messages_count")
        assert client.mget(counters) == [b"1", b"1"]
        assert [client.ttl(name) for name in counters] == [3600, 86400]
        assert client.dbsize() == 4


def test_that_a_refusal_is_counted(make_layer, redis_server):
    layer = make_layer(capacity=0)
    try:
        layer.send("daphne.x!abc", {})
    except layer.ChannelFull:
        counters = ("asgi-meta:daphne.x!:channel_full_count", "asgi-meta:#global#:channel_full_count")
        client = redis_server.client()
        assert client.mget(counters) == ["1", "1"]
        assert client.dbsize() == 2


def test_that_a_process_specific_channels_name_travels_in_the_body(layer, redis_server):
    sent = layer.post("daphne.x!abc", {})
    assert sent.body == b"\x81\xb0__asgi_channel__\xacdaphne.x!abc"
    assert redis_server.client().lrange("asgi:daphne.x!", 0, -1) == ["asgi:" + sent.key]


def test_that_a_group_is_a_sorted_set_with_a_double_colon(layer, redis_server):
    import time

    layer.group_add("room", "daphne.x!abc")
    client = redis_server.client()
    assert client.ttl("asgi::group:room") == 86400
    assert abs(client.zscore("asgi::group:room", "daphne.x!abc") - time.time()) < 5


def test_that_a_group_copys_key_looks_like_any_other(layer):
    layer.group_add("room", "a")
    assert re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", layer.post_group("room", {})[0].key)


def test_that_receiving_leaves_nothing_but_counters(layer, redis_server):
    layer.send("chat", {})
    layer.receive(["chat"])
    assert redis_server.client().keys("asgi:*") == []
