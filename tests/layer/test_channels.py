# SPDX-License-Identifier: GPL-3.0-or-later
import re

import pytest

from app.layer import ChannelFull, MessageTooLarge, OutOfMemory
from tests.redis_fixture import wait_until


def test_that_messages_come_out_in_the_order_they_went_in(layer):
    for n in range(5):
        layer.send("chat", {"n": n})
    assert [layer.receive(["chat"]) for _ in range(6)] == [("chat", {"n": n}) for n in range(5)] + [(None, None)]


def test_that_every_kind_of_value_survives_and_bytes_stay_apart_from_text(layer):
    message = {"text": "bob ü 🐙", "bytes": b"\x00\xff", "n": -(2**63), "x": 0.5, "none": None, "yes": True, "in": [{}]}
    layer.send("chat", {**message, "tuple": (1, "a")})
    assert layer.receive(["chat"]) == ("chat", {**message, "tuple": [1, "a"]})


def test_that_changing_a_message_after_sending_it_changes_nothing(layer):
    message = {"list": [1]}
    layer.send("chat", message)
    message["list"].append(2)
    assert layer.receive(["chat"]) == ("chat", {"list": [1]})


def test_that_receiving_from_several_channels_finds_the_one_that_has_something(layer):
    layer.send("b", {"n": 1})
    assert layer.receive(["a", "b", "c"]) == ("b", {"n": 1})
    assert layer.receive([]) == (None, None)


def test_that_a_busy_channel_does_not_starve_a_quiet_one(make_layer):
    layer = make_layer(capacity=200)
    for n in range(100):
        layer.send("busy", {"n": n})
    layer.send("quiet", {})
    seen = [layer.receive(["busy", "quiet"])[0] for _ in range(60)]
    assert "quiet" in seen  # fails by chance once in 2 ** 60


def test_that_a_process_specific_channel_is_read_up_to_its_mark_and_gives_the_full_name(layer):
    layer.send("server.x!abc", {"n": 1})
    layer.send("server.x!def", {"n": 2})
    assert layer.receive(["server.x!"]) == ("server.x!abc", {"n": 1})
    assert layer.receive(["server.x!"]) == ("server.x!def", {"n": 2})
    with pytest.raises(TypeError, match=r"receive with 'server\.x!' instead"):
        layer.receive(["server.x!abc"])


def test_that_a_full_channel_refuses_and_takes_again_when_there_is_room(layer):
    for n in range(5):
        layer.send("chat", {"n": n})
    with pytest.raises(ChannelFull, match="'chat' holds 5 messages"):
        layer.send("chat", {"n": 5})
    layer.receive(["chat"])
    layer.send("chat", {"n": 5})


def test_that_everything_under_one_process_specific_name_shares_its_capacity(layer):
    for n in range(5):
        layer.send(f"server.x!{n}", {})
    with pytest.raises(layer.ChannelFull):
        layer.send("server.x!other", {})


def test_that_capacity_may_differ_by_glob_and_by_regular_expression(make_layer):
    layer = make_layer(channel_capacity={"http.*": 1, re.compile("web"): 2, "websocket.*": 99})
    assert [layer.capacity_of(name) for name in ("http.request", "websocket.receive", "chat")] == [1, 2, 5]
    layer.send("http.request", {})
    with pytest.raises(ChannelFull):
        layer.send("http.request", {})


def test_that_a_message_above_the_limit_is_refused_and_one_just_below_is_not(layer):
    with pytest.raises(MessageTooLarge, match="1048576"):
        layer.send("chat", {"text": "x" * 1024 * 1024})
    layer.send("chat", {"text": "x" * (1024 * 1024 - 11)})
    assert len(layer.receive(["chat"])[1]["text"]) == 1024 * 1024 - 11
    with pytest.raises(layer.MessageTooLarge):
        layer.send("chat", {"text": "\n" * 600_000})  # two characters each in JSON


def test_that_an_unread_message_expires_and_its_ghost_is_skipped_and_told(layer, redis_server):
    client = redis_server.client()
    layer.expiry = 1
    lost = layer.post("chat", {"n": 1})
    layer.expiry = 60
    layer.send("chat", {"n": 2})
    wait_until(lambda: not client.exists("asgi:" + lost.key), "the body expires")
    assert client.llen("asgi:chat") == 2
    taken = layer.take(["chat"])
    assert (taken.message, taken.ghosts) == ({"n": 2}, (lost.key,))


def test_that_ghosts_alone_are_told_once_and_count_towards_capacity(layer, redis_server):
    layer.expiry = 1
    keys = [layer.post("chat", {"n": n}).key for n in range(5)]
    client = redis_server.client()
    wait_until(lambda: not client.exists(*("asgi:" + key for key in keys)), "the bodies expire")
    with pytest.raises(ChannelFull):
        layer.send("chat", {})
    taken = layer.take(["chat"])
    assert (taken.queue, taken.key, taken.message, taken.ghosts) == ("chat", "", None, tuple(keys))
    assert layer.take(["chat"]) is None


def test_that_a_new_channel_is_unused_and_only_for_a_single_reader(layer):
    name = layer.new_channel("http.request.body?")
    assert re.fullmatch(r"http\.request\.body\?[A-Za-z]{12}", name)
    layer.send(name, {"content": b""})
    assert layer.receive([name]) == (name, {"content": b""})
    for pattern in ("server!", "plain", ""):
        with pytest.raises(TypeError):
            layer.new_channel(pattern)


def test_that_a_body_that_is_no_message_is_told_and_not_given_out(layer, redis_server):
    client = redis_server.client()
    client.set("asgi:" + "f" * 32, "\x01garbage")
    client.rpush("asgi:chat", "asgi:" + "f" * 32)
    taken = layer.take(["chat"])
    assert (taken.key, taken.message, taken.body) == ("f" * 32, None, b"\x01garbage")
    assert layer.receive(["chat"]) == (None, None)


def test_that_redis_out_of_memory_refuses_and_writes_nothing(layer, redis_server):
    client = redis_server.client()
    client.config_set("maxmemory", "1")
    with pytest.raises(OutOfMemory):
        layer.send("chat", {"text": "hi"})
    client.config_set("maxmemory", "0")
    assert client.keys("*") == []


def test_that_flush_deletes_our_keys_and_no_others(make_layer, redis_server):
    layer, client = make_layer(prefix="as[g]i*:", stats_prefix="st:"), redis_server.client()
    client.set("asgi:mine", "1")
    layer.send("chat", {})
    layer.group_add("room", "chat")
    layer.flush()
    assert client.keys("*") == ["asgi:mine"]


def test_that_a_waiting_receive_returns_when_a_message_comes(layer, redis_server):
    import threading

    from app.layer import RedisChannelLayer

    sender, client = RedisChannelLayer(hosts=[redis_server.url]), redis_server.client()

    def send_when_it_waits():
        wait_until(lambda: client.info("clients")["blocked_clients"], "somebody waits")
        sender.send("chat", {"n": 1})

    thread = threading.Thread(target=send_when_it_waits)
    thread.start()
    assert layer.receive(["chat", "other"], block=True) == ("chat", {"n": 1})
    thread.join()
    assert client.keys("asgi:*") == []
    sender.close()
