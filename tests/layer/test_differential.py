# SPDX-License-Identifier: GPL-3.0-or-later
"""Against the real asgi_redis 1.4.3: the same calls give the same results and keys, and the two exchange messages."""

import math
import random
import time

import pytest
import redis

from app.layer import ChannelFull, RedisChannelLayer
from tests.layer.peers import NotHere, TheirLayer
from tests.redis_fixture import real_redis

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHANNELS = ["chat", "http.request", "one?abcdefghijkl", "server.x!a", "server.x!b", "server.y!c", "n-o_r.mal"]
GROUPS = ["room", "hall"]
COMMON = ("messages_count", "channel_full_count", "messages_pending")
LONG = {"expiry": 900, "group_expiry": 1800}  # s: nothing expires by itself, however slow the machine


@pytest.fixture
def their(request):
    """A function that makes asgi_redis layers."""
    made = []

    def make(**kwargs):
        try:
            made.append(TheirLayer(**kwargs))
        except NotHere as error:
            pytest.skip(f"asgi_redis 1.4.3 is needed: {error}")
        return made[-1]

    yield make
    for layer in made:
        layer.close()


class Pair:
    """Both layers, each on a database of its own, given the same calls."""

    def __init__(self, url, their, seed):
        self.dice = random.Random(seed)
        self.urls = [f"{url}?db={number}" for number in (0, 1)]
        self.calls = []  # when each call began and ended: (with ours, with theirs)
        kwargs = {**LONG, "capacity": 4, "channel_capacity": {"http.*": 2}}
        self.ours = RedisChannelLayer(hosts=self.urls[:1], **kwargs)
        self.theirs = their(hosts=self.urls[1:], **kwargs)
        self.clients = [redis.Redis.from_url(url) for url in self.urls]

    def call(self, name, *args):
        results, times = [], []
        for layer in (self.ours, self.theirs):
            begun = time.time()
            try:
                results.append(getattr(layer, name)(*args))
            except (ChannelFull, RuntimeError) as error:
                results.append("ChannelFull" if isinstance(error, ChannelFull) else str(error))
            times.append((begun, time.time()))
        self.calls.append(times)
        return results

    def same(self, name, *args):
        ours, theirs = self.call(name, *args)
        assert ours == theirs, (name, args)

    def step(self):
        """One random call."""
        dice = self.dice
        what = dice.choices(
            [
                "send",
                "receive",
                "group_add",
                "group_discard",
                "group_channels",
                "send_group",
                "statistics",
                "ghost",
                "flush",
            ],
            [30, 25, 8, 3, 5, 10, 8, 6, 0.5],
        )[0]
        channel, group = dice.choice(CHANNELS), dice.choice(GROUPS)
        if what == "send":
            self.same("send", channel, self.message())
        elif what == "receive":
            self.same("receive", [self.queue(channel)], False)
        elif what in ("group_add", "group_discard"):
            self.same(what, group, channel)
        elif what == "group_channels":
            self.same(what, group)
        elif what == "send_group":
            self.same(what, group, self.message())
        elif what == "ghost":
            self.make_ghost(channel)
        elif what == "flush":
            self.same("flush")
        else:
            self.compare_statistics(self.queue(channel))

    def message(self):
        dice = self.dice
        values = [
            True,
            None,
            -(2**62),
            0.25,
            "bob ü 🐙",
            b"\x00\xff",
            [1, ["a", b"b"]],
            {"in": {"side": []}},
            "x" * 300,
        ]
        return {f"key{n}": dice.choice(values) for n in range(dice.choice([0, 1, 3, 15, 16]))}

    def make_ghost(self, channel):
        """Let a waiting message expire, in both."""
        length = self.clients[0].llen("asgi:" + self.queue(channel))
        if length:
            place = self.dice.randrange(length)
            for client in self.clients:
                client.delete(client.lindex("asgi:" + self.queue(channel), place))

    def compare_statistics(self, queue):
        entries = self.clients[0].lrange("asgi:" + queue, 0, -1)
        if all(map(self.clients[0].exists, entries)):  # ghosts break theirs
            before = [head_age(client, queue) for client in self.clients]
            both = self.call("channel_statistics", queue)
            after = [head_age(client, queue) for client in self.clients]
            assert {name: both[0][name] for name in COMMON} == {name: both[1][name] for name in COMMON}
            for least, given, most in zip(before, both, after, strict=True):
                assert math.floor(least) <= given["messages_max_age"] <= math.ceil(most), queue
        ours, theirs = self.call("global_statistics")
        assert theirs.items() <= ours.items()

    @staticmethod
    def queue(channel):
        return channel[: channel.find("!") + 1] or channel

    def compare_keys(self):
        ours, theirs = map(snapshot, self.clients)
        assert {key: value for key, (value, _) in ours.items()} == {key: value for key, (value, _) in theirs.items()}
        for key, (_, end) in ours.items():
            assert self.same_call(key, end, theirs[key][1]), (key, end, theirs[key][1])

    def same_call(self, key, *ends):
        """Whether one and the same call gave both keys their time to live, however long it took."""
        begun = [end - lifetime(key) for end in ends]
        return any(
            all(start - 0.002 <= at <= end + 0.002 for at, (start, end) in zip(begun, call, strict=True))
            for call in reversed(self.calls)
        )


def lifetime(key):
    """The seconds that asgi_redis 1.4.3 gives a key of this kind."""
    if isinstance(key, tuple):
        return LONG["expiry"]  # a body
    if key.startswith(b"asgi-meta:"):
        return 86400 if key.startswith(b"asgi-meta:#global#:") else 3600
    return LONG["group_expiry"] if key.startswith(b"asgi::group:") else LONG["expiry"] + 1


def head_age(client, queue):
    """How long the first message of a queue has waited, in seconds; 0 when there is none."""
    head = client.lindex("asgi:" + queue, 0)
    return LONG["expiry"] - client.pttl(head) / 1000 if head else 0


def snapshot(client):
    """Return what is in a database, without what is random: {name: ((type, content), when it ends)}."""
    found = {}
    for key in client.keys("*"):
        kind = client.type(key)
        if kind == b"list":
            bodies = client.lrange(key, 0, -1)
            assert all(len(body) == len("asgi:") + 32 for body in bodies)
            content = [client.get(body) for body in bodies]
            for n, body in enumerate(bodies):
                if content[n] is not None:
                    found[key, n] = ("body", content[n]), client.pexpiretime(body) / 1000
        elif kind == b"zset":
            content = client.zrange(key, 0, -1)
        elif key.startswith(b"asgi-meta:"):
            content = client.get(key)
        else:
            continue  # a body: seen with its list
        found[key] = (kind, content), client.pexpiretime(key) / 1000
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_that_two_thousand_random_calls_do_the_same_in_both(redis_url, their, seed):
    pair = Pair(redis_url, their, seed)
    for n in range(2000):
        pair.step()
        if n % 25 == 0:
            pair.compare_keys()
    pair.compare_keys()
    pair.ours.close()


MESSAGE = {"text": "hi ü", "bytes": b"\x81\x00", "n": [1, {"a": None}]}


def exchange(ours, theirs):
    """Send each kind of message both ways."""
    for sender, reader in ((ours, theirs), (theirs, ours)):
        for channel in ("chat", "one?abcdefghijkl", "server.x!me"):
            for n in range(4):
                sender.send(channel, {**MESSAGE, "number": n})
            queue = Pair.queue(channel)
            seen = []
            for _ in range(12):
                name, message = reader.receive([queue])
                seen += [message] if name == channel else []
            assert sorted(message["number"] for message in seen) == [0, 1, 2, 3], (channel, seen)
            assert all(message.items() >= MESSAGE.items() for message in seen)
        for member in ("server.x!a", "server.y!b", "one?abcdefghijkl"):
            sender.group_add("room", member)
        assert sorted(reader.group_channels("room")) == ["one?abcdefghijkl", "server.x!a", "server.y!b"]
        sender.send_group("room", MESSAGE)
        assert reader.receive(["server.x!"]) == ("server.x!a", MESSAGE)
        assert reader.receive(["server.y!"]) == ("server.y!b", MESSAGE)
        assert reader.receive(["one?abcdefghijkl"]) == ("one?abcdefghijkl", MESSAGE)
        for member in ("server.x!a", "server.y!b", "one?abcdefghijkl"):
            reader.group_discard("room", member)
        assert sender.group_channels("room") == []


@pytest.mark.parametrize("keys", [None, ["secret", "older"]], ids=["open", "encrypted"])
@pytest.mark.parametrize("count", [1, 3])
def test_that_messages_are_exchanged_both_ways(their, keys, count):
    import contextlib

    with contextlib.ExitStack() as stack:
        hosts = [stack.enter_context(real_redis()).url for _ in range(count)]
        ours = RedisChannelLayer(hosts=hosts, symmetric_encryption_keys=keys)
        stack.callback(ours.close)
        exchange(ours, their(hosts=hosts, symmetric_encryption_keys=keys))
