# SPDX-License-Identifier: GPL-3.0-or-later
import threading

import pytest

from app.layer import ChannelFull, MessageTooLarge, RedisChannelLayer, Sent
from tests.redis_fixture import wait_until


def test_that_up_to_a_hundred_come_in_one_trip_in_order(make_layer):
    layer = make_layer(capacity=500)
    layer.post_many((f"server.x!{n % 3}", {"n": n}) for n in range(250))
    sizes, seen = [], []
    while batch := layer.take_batch("server.x!"):
        sizes.append(len(batch))
        seen += batch
    assert sizes == [100, 100, 50]
    assert [(taken.channel, taken.message) for taken in seen] == [(f"server.x!{n % 3}", {"n": n}) for n in range(250)]


def test_that_an_empty_batch_is_empty_and_names_are_checked(layer):
    assert layer.take_batch("server.x!") == ()
    with pytest.raises(TypeError, match="receive with"):
        layer.take_batch("server.x!me")


def test_that_ghosts_and_unreadable_bodies_in_a_batch_are_told_where_they_were(layer, redis_server):
    client = redis_server.client()
    keys = [layer.post("server.x!a", {"n": n}).key for n in range(5)]
    client.delete("asgi:" + keys[0], "asgi:" + keys[2], "asgi:" + keys[4])
    client.set("asgi:" + keys[3], "no message")
    first, bad, last = layer.take_batch("server.x!")
    assert (first.message, first.ghosts) == ({"n": 1}, (keys[0],))
    assert (bad.key, bad.message, bad.body, bad.ghosts) == (keys[3], None, b"no message", (keys[2],))
    assert (last.key, last.message, last.ghosts) == ("", None, (keys[4],))
    assert client.keys("asgi:*") == []


def test_that_a_waiting_batch_returns_when_messages_come(layer, redis_server):
    sender, client = RedisChannelLayer(hosts=[redis_server.url]), redis_server.client()

    def send_when_it_waits():
        wait_until(lambda: client.info("clients")["blocked_clients"], "somebody waits")
        for n in range(3):
            sender.send("server.x!me", {"n": n})

    thread = threading.Thread(target=send_when_it_waits)
    thread.start()
    seen = []
    while len(seen) < 3:
        seen += layer.take_batch("server.x!", block=True)
    thread.join()
    assert [taken.message["n"] for taken in seen] == [0, 1, 2]
    sender.close()


def test_that_many_sends_are_answered_one_by_one_in_order(make_layer):
    layer = make_layer(capacity=3, message_limit=200)
    answers = layer.post_many([("chat", {"n": n}) for n in range(4)] + [("b", {"x": "y" * 300}), ("b", {})])
    assert [type(answer) for answer in answers] == [Sent, Sent, Sent, ChannelFull, MessageTooLarge, Sent]
    assert [layer.receive(["chat"])[1]["n"] for _ in range(3)] == [0, 1, 2]
    assert layer.receive(["b"]) == ("b", {})


def test_that_many_sends_work_when_redis_does_not_know_the_script(make_layer, redis_server):
    layer = make_layer(capacity=500)
    redis_server.client().script_flush()
    layer.post_many(("chat", {"n": n}) for n in range(150))
    assert [layer.receive(["chat"])[1]["n"] for _ in range(150)] == list(range(150))


def test_that_a_bad_name_among_many_sends_nothing_of_its_trip(layer, redis_server):
    with pytest.raises(TypeError):
        layer.post_many([("chat", {}), ("not a name", {})])
    assert redis_server.client().keys("*") == []
