# SPDX-License-Identifier: GPL-3.0-or-later
"""Any interleaving of sends, reads, expiries and kills over real processes: never twice, in order, one fate each."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.layer import ChannelFull, RedisChannelLayer, Skipped
from tests.redis_fixture import wait_until

ROOT = Path(__file__).parent.parent.parent
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHANNELS = ["chat", "server.x!a", "server.x!b", "one?abc"]
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS | st.text(max_size=40) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@FEW
@given(message=st.dictionaries(st.text(max_size=10), VALUES, max_size=6))
def test_that_any_message_comes_out_as_it_went_in(redis_server, message):
    layer = RedisChannelLayer(hosts=[redis_server.url])
    layer.flush()
    for channel in CHANNELS:
        layer.group_add("room", channel)
    layer.send("chat", message)
    layer.send_group("room", message)
    assert layer.receive(["chat"]) == layer.receive(["chat"]) == ("chat", message)
    assert {layer.receive(["server.x!"])[0] for _ in range(2)} == {"server.x!a", "server.x!b"}
    assert layer.receive(["one?abc"]) == ("one?abc", message)
    layer.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(CHANNELS)),
        st.tuples(st.just("group"), st.just("")),
        st.tuples(st.just("take"), st.sampled_from([*CHANNELS, "all"])),
        st.tuples(st.just("batch"), st.just("server.x!a")),
        st.tuples(st.just("expire"), st.sampled_from(CHANNELS)),
        st.tuples(st.just("read elsewhere"), st.sampled_from(CHANNELS)),
        st.tuples(st.just("kill elsewhere"), st.just("")),
    ),
    max_size=60,
)


class Ledger:
    """Plays steps, and keeps the fate of each message: waiting, taken, expired, refused or skipped, lost."""

    def __init__(self, server, elsewhere):
        self.server, self.elsewhere, self.client = server, elsewhere, server.client()
        self.layer = RedisChannelLayer(hosts=[server.url], capacity=3)
        self.layer.flush()
        for channel in CHANNELS:
            self.layer.group_add("room", channel)
        self.attempts = self.refused = 0
        self.sent, self.taken, self.ghosts, self.expired = {}, [], [], set()

    def play(self, steps):
        for what, channel in steps:
            getattr(self, what.replace(" ", "_"))(channel)

    def send(self, channel):
        self.attempts += 1
        try:
            self.note(self.layer.post(channel, {"n": self.attempts}))
        except ChannelFull:
            self.refused += 1

    def group(self, _):
        for copy in self.layer.post_group("room", {"n": self.attempts + 1}):
            self.attempts += 1
            if isinstance(copy, Skipped):
                self.refused += 1
            else:
                self.note(copy)

    def note(self, sent):
        assert sent.key not in self.sent
        self.sent[sent.key] = queue_of(sent.channel), len(self.sent)

    def take(self, channel):
        queues = sorted({queue_of(one) for one in CHANNELS}) if channel == "all" else [queue_of(channel)]
        self.took([taken] if (taken := self.layer.take(queues)) else [])

    def batch(self, channel):
        self.took(self.layer.take_batch(queue_of(channel)))

    def took(self, some):
        for taken in some:
            self.ghosts += taken.ghosts
            self.taken += [taken.key] if taken.key else []

    def expire(self, channel):
        """Let the oldest waiting message of a channel expire."""
        for entry in self.client.lrange("asgi:" + queue_of(channel), 0, -1):
            if self.client.delete(entry):
                self.expired.add(entry.removeprefix("asgi:"))
                return

    def read_elsewhere(self, channel):
        for key, is_ghost in self.elsewhere.read(queue_of(channel)):
            (self.ghosts if is_ghost else self.taken).append(key)

    def kill_elsewhere(self, _):
        self.elsewhere.kill()

    def check(self):
        assert max(Counter(self.taken).values(), default=1) == 1
        waiting, passed = set(), set(self.ghosts)
        for queue in {queue_of(channel) for channel in CHANNELS}:
            mine = [self.sent[key][1] for key in self.taken if self.sent[key][0] == queue]
            assert mine == sorted(mine)  # first in, first out
            waiting |= {entry.removeprefix("asgi:") for entry in self.client.lrange("asgi:" + queue, 0, -1)}
        assert passed <= self.expired
        still_open = waiting - self.expired
        assert self.attempts == len(self.taken) + len(self.expired) + self.refused + len(still_open)
        assert set(self.taken) | self.expired | still_open == set(self.sent)
        assert passed | (waiting & self.expired) == self.expired
        bodies = {key.removeprefix("asgi:") for key in self.client.keys("asgi:" + "[0-9a-f]" * 32)}
        assert bodies == still_open
        self.layer.close()


def queue_of(channel):
    return channel[: channel.find("!") + 1] or channel


class Elsewhere:
    """A reader in another process, which may be killed at any time between two of its reads."""

    def __init__(self, url):
        self._url, self._process = url, None

    def read(self, queue):
        if self._process is None:
            command = [sys.executable, "-c", READER, self._url]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
            )
        self._process.stdin.write(queue + "\n")
        self._process.stdin.flush()
        return [
            (word.removeprefix("ghost:"), word.startswith("ghost:")) for word in self._process.stdout.readline().split()
        ]

    def kill(self):
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None


READER = """
import sys
from app.layer import RedisChannelLayer
layer = RedisChannelLayer(hosts=[sys.argv[1]])
for line in sys.stdin:
    taken = layer.take([line.strip()])
    words = ["ghost:" + key for key in taken.ghosts] + ([taken.key] if taken.key else []) if taken else []
    print(*words, flush=True)
"""


@FEW
@given(steps=STEPS)
def test_that_every_message_has_exactly_one_fate(redis_server, steps):
    elsewhere = Elsewhere(redis_server.url)
    ledger = Ledger(redis_server, elsewhere)
    try:
        ledger.play(steps)
        ledger.check()
    finally:
        elsewhere.kill()


def test_that_a_reader_killed_while_it_waits_loses_nothing_that_comes_later(redis_server):
    client = redis_server.client()
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.layer.worker_child", "read", redis_server.url, "chat", "atomic"],
        stdout=subprocess.DEVNULL, cwd=ROOT,
    )  # fmt: skip
    wait_until(lambda: client.info("clients")["blocked_clients"], "it waits")
    reader.kill()
    reader.wait(10)
    wait_until(lambda: not client.info("clients")["blocked_clients"], "Redis knows")
    layer = RedisChannelLayer(hosts=[redis_server.url])
    layer.send("chat", {"n": 1})
    assert layer.receive(["chat"]) == ("chat", {"n": 1})
    layer.close()


def test_that_a_stopped_reader_is_given_a_message_that_is_lost_when_it_dies(redis_server):
    """The window that BLPOP leaves (docs/channel-layer.md): the body stays in Redis and tells which message it was."""
    client = redis_server.client()
    reader = subprocess.Popen(
        [sys.executable, "-m", "tests.layer.worker_child", "read", redis_server.url, "chat", "atomic"],
        stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    wait_until(lambda: client.info("clients")["blocked_clients"], "it waits")
    reader.send_signal(signal.SIGSTOP)
    layer = RedisChannelLayer(hosts=[redis_server.url])
    sent = layer.post("chat", {"n": 1})
    assert layer.receive(["chat"]) == (None, None)
    assert (client.llen("asgi:chat"), client.exists("asgi:" + sent.key)) == (0, 1)
    reader.kill()
    assert reader.communicate()[0] == b""
    assert layer.receive(["chat"]) == (None, None)
    layer.close()
