# SPDX-License-Identifier: GPL-3.0-or-later
"""One process of benchmarks/layer.py: the workloads, on the layer named on the command line.

Run by the interpreter of that layer. One JSON command a line on stdin, one JSON answer a line on stdout. Times are of
CLOCK_MONOTONIC, which all processes of a machine share.
"""

import asyncio
import json
import os
import subprocess
import sys
import time

MESSAGE = {
    "reply_channel": "websocket.send!abcdefghijkl",
    "path": "/chat/room",
    "text": json.dumps({"room": "lobby", "user": "ann", "message": "x" * 56}),
    "order": 5,
}
CAPACITY = 10**6
now = time.monotonic


class Ours:
    """Our layer; observed, it says what a worker says, as a worker does: app.child.Child with a box, and a reader."""

    def __init__(self, url, is_observed=True):
        from app import box, events
        from app.child import Child
        from app.layer import RedisChannelLayer, told
        from app.sources.processes import widen

        self.layer = RedisChannelLayer(hosts=[url], capacity=CAPACITY)
        self.group_add = self.layer.group_add
        self._as_few = told.as_few
        self._message_sent, self._message_received = events.MessageSent, events.MessageReceived
        if is_observed:
            reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            os.dup2(os.pipe()[0], 0)  # orders that never come
            os.dup2(reader.stdin.fileno(), 1)
            widen(reader.stdin.fileno())
            os.environ[box.ENVIRONMENT] = str(box.new_memory())
            self._child = Child("worker-1")
            self._say = self._child.say
        else:
            self.send, self.receive = self._send_unobserved, self._receive_unobserved
            self.send_group = self.layer.send_group
            self.send_many = self._send_many_unobserved

    def _tell_sent(self, t, took, sent):
        self._say(
            self._message_sent(
                t=t, source="worker-1", key=sent.key, channel=sent.channel, body=sent.body, expiry=sent.expiry,
                cause="", group="", took=took,
            )
        )  # fmt: skip

    def send(self, channel, message):
        t = time.time()
        sent = self.layer.post(channel, message)
        self._tell_sent(t, time.time() - t, sent)

    def _send_unobserved(self, channel, message):  # whoever observes calls from a function of its own, too
        self.layer.post(channel, message)

    def send_many(self, channel, messages):
        t = time.time()
        for sent in self.layer.post_many((channel, message) for message in messages):
            self._tell_sent(t, time.time() - t, sent)

    def _send_many_unobserved(self, channel, messages):
        self.layer.post_many((channel, message) for message in messages)

    def receive(self, channels):
        taken = self.layer.take(channels, True)
        if taken is None:
            return None
        t, key, channel = time.time(), taken.key, taken.channel
        self._say(self._message_received(t=t, source="worker-1", key=key, channel=channel, took=taken.took))
        return taken.message

    def _receive_unobserved(self, channels):
        taken = self.layer.take(channels, True)
        return taken.message if taken else None

    def send_group(self, group, message):
        for event in self._as_few(self.layer.post_group(group, message), time.time(), "worker-1", group, ""):
            self._say(event)

    def join(self, group, size):
        for n in range(size):
            self.group_add(group, f"bench.proc!{n}")

    def flush(self):
        self.layer.flush()


class AsgiRedis(Ours):
    """asgi_redis 1.4.3, unchanged; `encoding=` is what msgpack 1.x calls raw=False."""

    def __init__(self, url):
        import msgpack

        unpackb = msgpack.unpackb
        msgpack.unpackb = lambda data, encoding=None, **kwargs: unpackb(data, raw=False, **kwargs)
        from asgi_redis import RedisChannelLayer

        self.layer = RedisChannelLayer(hosts=[url], capacity=CAPACITY)
        self.send, self.group_add, self.send_group = self.layer.send, self.layer.group_add, self.layer.send_group

    def send_many(self, channel, messages):
        for message in messages:
            self.layer.send(channel, message)

    def receive(self, channels):
        return self.layer.receive(channels, block=True)[1]


class ChannelsRedis:
    """channels_redis 4.3, core layer; every call runs its loop. socket_timeout: redis-py 8 would end an idle wait."""

    def __init__(self, url):
        from channels_redis.core import RedisChannelLayer

        host = {"address": url, "max_connections": 5000, "socket_timeout": None}
        self.layer = RedisChannelLayer(hosts=[host], capacity=CAPACITY)
        self.run = asyncio.new_event_loop().run_until_complete

    def send(self, channel, message):
        self.run(self.layer.send(channel, message))

    def send_many(self, channel, messages):
        async def all_of_them():
            for message in messages:
                await self.layer.send(channel, message)

        self.run(all_of_them())

    def receive(self, channels):
        return self.run(self.layer.receive(channels[0]))

    def send_group(self, group, message):
        self.run(self.layer.group_send(group, message))

    def join(self, group, size):
        async def all_of_them():
            for _ in range(size):
                await self.layer.group_add(group, await self.layer.new_channel())

        self.run(all_of_them())

    def flush(self):
        self.run(self.layer.flush())


class Work:
    """The workloads; each returns what is to be measured."""

    def __init__(self, layer):
        self.layer = layer

    def warm(self, n=50):
        for _ in range(n):
            self.layer.send("warm", MESSAGE)
            self.layer.receive(["warm"])

    def send(self, n, channel="s"):
        begin, cpu = now(), time.process_time()
        for order in range(n):
            self.layer.send(channel, {**MESSAGE, "order": order})
        return {"begin": begin, "seconds": now() - begin, "cpu": time.process_time() - cpu}

    def send_many(self, n):
        begin = now()
        self.layer.send_many("s", [{**MESSAGE, "order": order} for order in range(n)])
        return {"seconds": now() - begin}

    def send_receive(self, n):
        begin, cpu = now(), time.process_time()
        for _ in range(n):
            self.layer.send("sr", MESSAGE)
            if self.layer.receive(["sr"]) is None:
                raise RuntimeError("the message is gone")
        return {"seconds": now() - begin, "cpu": time.process_time() - cpu}

    def drain(self):
        """Receive until told to stop; FIFO makes the stop message the last."""
        got, last, cpu = [], 0.0, time.process_time()
        while True:
            message = self.layer.receive(["d"])
            if message and "stop" in message:
                return {"got": got, "last": last, "cpu": time.process_time() - cpu}
            if message:
                got.append(message["order"])
                last = now()

    def stop_drains(self, n):
        for _ in range(n):
            self.layer.send("d", {"stop": 1})

    def hear(self, n):
        delays = []
        while len(delays) < n:
            message = self.layer.receive(["lat"])
            if message:
                delays.append(now() - message["t"])
        return {"delays": delays}

    def speak(self, n, rate):
        begin = now()
        for i in range(n):
            time.sleep(max(0.0, begin + i / rate - now()))
            self.layer.send("lat", {**MESSAGE, "t": now()})

    def join(self, group, size):
        self.layer.join(group, size)

    def send_group(self, group):
        begin = now()
        self.layer.send_group(group, MESSAGE)
        return {"seconds": now() - begin}

    def listen(self, count, n):
        channels = [f"grow.{i}" for i in range(count)]
        begin = now()
        for i in range(n):
            self.layer.send(channels[(i * 7919) % count], MESSAGE)
            while self.layer.receive(channels) is None:
                pass
        return {"seconds": now() - begin}

    def flush(self):
        self.layer.flush()


def main():
    name, url = sys.argv[1:3]
    commands, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    kinds = {"ours": Ours, "ours, unobserved": lambda url: Ours(url, False)}
    if name == "floor":
        from benchmarks.layer_floor import Floor

        kinds["floor"] = Floor
    layer = {**kinds, "asgi_redis": AsgiRedis, "channels_redis": ChannelsRedis}[name](url)
    work = Work(layer)
    print("{}", file=answers, flush=True)
    for line in commands:
        command = json.loads(line)
        answer = getattr(work, command.pop("do"))(**command) or {}  # what it raises ends us, and is told on stderr
        print(json.dumps(answer), file=answers, flush=True)
    os._exit(0)  # ends the pipe, and with it its reader


if __name__ == "__main__":
    main()
