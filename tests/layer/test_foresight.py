# SPDX-License-Identifier: GPL-3.0-or-later
"""A lone reader asks for the body that is probably next in the write that waits for it (app/layer/foresight.py)."""

import re

import pytest

from app.layer import RedisChannelLayer, keys
from app.layer.foresight import Foresight, following
from app.ports import next_free


def foreseen(*keys):
    foresight = Foresight()
    for key in keys:
        foresight.see(key)
    return foresight.key


def numbered(number, end="a" * 24):
    return b"asgi:%08x" % (number * keys.STEP % 2**32) + end.encode()


@pytest.mark.parametrize(
    ("numbers", "next_one"),
    [
        ([1], None),
        ([1, 2], 3),
        ([9, 10, 11], 12),
        ([1, 2, 4], None),
        ([1, 2, 4, 5], 6),
        ([2, 1], None),
        ([1, 3, 5], None),
    ],
)
def test_that_two_in_turn_tell_the_next(numbers, next_one):
    assert foreseen(*map(numbered, numbers)) == (numbered(next_one) if next_one else b"")


def test_that_other_keys_tell_nothing():
    assert foreseen(numbered(1), numbered(2), numbered(3, "b" * 24)) == b""
    assert foreseen(b"asgi:theirs", b"asgi:theirs") == b""
    assert foreseen(b"", b"") == b""


def test_that_keys_in_turn_are_told_apart_by_their_first_digits():
    made = [keys.new_key() for _ in range(300)]
    assert len({key[:4] for key in made}) > 290
    assert len({key[:8] for key in made}) == 300
    assert all(re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", key) for key in made)


class Reader:
    """A layer that is about to wait, and the messages it is given, with what Redis was asked for."""

    def __init__(self, url):
        self.layer = RedisChannelLayer(hosts=[url], capacity=100)
        for channels in (["chat"], ["chat", "other"]):  # nothing: the next look waits at once
            self.layer.take(channels)

    def takes(self, client, *channels):
        before = calls(client)
        taken = self.layer.take(list(channels) or ["chat"], block=True)
        self.asked = {name: count for name, count in calls(client).items() if count != before.get(name)}
        return taken


def calls(client):
    stats = client.info("commandstats")
    return {name: stats[f"cmdstat_{name}"]["calls"] for name in ("getdel", "evalsha") if f"cmdstat_{name}" in stats}


@pytest.fixture
def client(redis_server):
    return redis_server.client()


@pytest.fixture
def reader(redis_url):
    reader = Reader(redis_url)
    yield reader
    reader.layer.close()


@pytest.fixture
def sender(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url], capacity=100)
    while len(keys._store) < 20:  # those made at once must not end in the middle of a test
        keys.new_key()
    yield layer
    layer.close()


def test_that_the_third_message_comes_with_its_body_and_leaves_nothing_behind(client, reader, sender):
    sender.flush()
    for n in range(8):
        sent = sender.post("chat", {"n": n})
        taken = reader.takes(client)
        assert (taken.key, taken.channel, taken.message) == (sent.key, "chat", {"n": n})
        assert 0 < taken.took < 1
        asked = reader.asked
        reader.layer.ping()  # the DEL is behind us: nobody waited for it
        assert client.keys("asgi:*") == []
    assert "getdel" not in asked


def test_that_a_body_which_is_not_the_readers_stays_where_it_is(client, reader, sender):
    for n in range(2):
        sender.post("chat", {"n": n})
        reader.takes(client)
    others = sender.post("other", {"n": 2})  # its is the body that is foreseen
    sender.post("chat", {"n": 3})
    assert reader.takes(client).message == {"n": 3}
    assert client.exists("asgi:" + others.key)
    assert sender.receive(["other"]) == ("other", {"n": 2})


def test_that_a_foreseen_message_that_expired_is_a_ghost(client, reader, sender):
    for n in range(2):
        sender.post("chat", {"n": n})
        reader.takes(client)
    sent = sender.post("chat", {"n": 2})
    client.delete("asgi:" + sent.key)
    taken = reader.takes(client)
    assert (taken.key, taken.ghosts) == ("", (sent.key,))
    sender.post("chat", {"n": 3})
    assert reader.takes(client).message == {"n": 3}


def test_that_a_key_of_another_type_in_place_of_the_body_is_unreadable(client, reader, sender):
    for n in range(2):
        key = sender.post("chat", {"n": n}).key
        reader.takes(client)
    odd = following(key.encode()).decode()
    client.hset("asgi:" + odd, "a", "b")
    client.rpush("asgi:chat", "asgi:" + odd)
    taken = reader.takes(client)
    assert (taken.key, taken.message) == (odd, None)
    assert client.exists("asgi:" + odd)


def test_that_more_in_the_queue_is_seen_and_taken_by_the_script(client, reader, sender):
    for n in range(2):
        sender.post("chat", {"n": n})
        reader.takes(client)
    for n in range(2, 5):
        sender.post("chat", {"n": n})
    assert reader.takes(client).message == {"n": 2}  # foreseen, and two are left
    assert "evalsha" not in reader.asked
    assert reader.takes(client).message == {"n": 3}
    assert "evalsha" in reader.asked


def test_that_a_message_of_another_queue_is_foreseen_too(client, reader, sender):
    for n in range(2):
        sender.post("chat", {"n": n})
        reader.takes(client, "chat", "other")
    sender.post("other", {"n": 2})
    sender.post("other", {"n": 3})
    taken = [reader.takes(client, "chat", "other") for _ in range(2)]
    assert [(one.channel, one.message["n"]) for one in taken] == [("other", 2), ("other", 3)]


def test_that_redis_may_end_while_a_delete_is_unheard(own_redis):
    reader, sender = Reader(own_redis.url), RedisChannelLayer(hosts=[own_redis.url])
    for n in range(4):
        sender.post("chat", {"n": n})
        assert reader.takes(own_redis.client()).message == {"n": n}
    own_redis.stop()
    own_redis.start()
    sender.post("chat", {"n": 4})
    assert reader.takes(own_redis.client()).message == {"n": 4}
    reader.layer.close()
    sender.close()


def test_that_an_unheard_delete_is_no_sign_of_a_dead_line(own_redis):
    client = own_redis.client()
    port = next_free("127.0.0.1", 24000)
    client.config_set("port", port)  # only there a line is looked at before it is used
    reader, sender = Reader(f"redis://127.0.0.1:{port}/0"), RedisChannelLayer(hosts=[own_redis.url])
    connections = []
    for n in range(6):
        sender.post("chat", {"n": n})
        assert reader.takes(client).message == {"n": n}
        client.ping()  # the answer to the DEL is there now
        connections.append(client.info("stats")["total_connections_received"])
    assert len(set(connections[1:])) == 1
    own_redis.stop()
    own_redis.start()
    own_redis.client().config_set("port", port)
    sender.post("chat", {"n": 6})
    assert reader.takes(own_redis.client()).message == {"n": 6}
    reader.layer.close()
    sender.close()
