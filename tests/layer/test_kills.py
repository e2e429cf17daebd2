# SPDX-License-Identifier: GPL-3.0-or-later
"""24 000 messages from 4 producers to 8 workers while workers are killed: none twice, and each loss has its worker.

What a killed worker lost can be seen from outside: MONITOR shows which connection deleted which body, and CLIENT LIST
which process that connection belongs to. Nobody else can have had it.
"""

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import redis

from app.redis_server.find import find_server
from tests.redis_fixture import answers, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parent.parent.parent
PRODUCERS, WORKERS, EACH, KILLS = 4, 8, 6000, 60


@pytest.fixture
def tcp_redis():
    """A server on a TCP port, because MONITOR tells connections apart only there."""
    from app.ports import next_free

    port = next_free("127.0.0.1", 20000 + os.getpid() % 20000)
    with tempfile.TemporaryDirectory() as folder:
        command = [find_server(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = redis.Redis(port=port, decode_responses=True)
        wait_until(lambda: answers(client), "Redis answers")
        yield client, f"redis://127.0.0.1:{port}/0"
        client.close()
        process.kill()
        process.wait(10)


class Witness:
    """Notes who deleted each body, from MONITOR; to ask for one with GET may be foresight that was wrong."""

    def __init__(self, url):
        self.had = {}  # body's key: address of the connection that had it
        self._client = redis.Redis.from_url(url, socket_timeout=None)  # it listens however long nothing is said
        self._monitor = self._client.monitor()
        self._monitor.__enter__()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self):
        asker = ""
        for event in self._monitor.listen():
            command = event["command"]
            if command.startswith("PING witness"):
                return
            if event["client_type"] != "lua":
                asker = f"{event['client_address']}:{event['client_port']}"
            if found := re.match(r"(?:GET)?DEL asgi:([0-9a-f]{32})", command):
                self.had[found[1]] = asker

    def end(self, client):
        client.execute_command("PING", "witness")
        self._thread.join(60)
        self._monitor.__exit__(None, None, None)
        self._client.close()


class Crew:
    """Worker processes: started, killed, and what each of them said."""

    def __init__(self, client, url, receive):
        self._client, self._arguments = client, ("read", url, "work", receive)
        self.processes, self.outputs, self.addresses = [], [], {}
        self.killed = set()

    def start(self):
        output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when it has been read
        self.outputs.append(output)
        self.processes.append(child(output, *self._arguments))

    def alive(self):
        return [process for process in self.processes if process.pid not in self.killed]

    def note_addresses(self):
        """Note which connection belongs to which process; a connection lives as long as its process."""
        for one in self._client.client_list():
            if found := re.match(r"reader-(\d+)-", one["name"]):
                self.addresses[one["addr"]] = int(found[1])

    def kill_one(self, dice):
        connected = set(self.addresses.values())
        if victims := [process for process in self.alive() if process.pid in connected]:
            victim = dice.choice(victims)
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
            self.killed.add(victim.pid)
            self.start()

    def end(self):
        for process in self.alive():
            process.kill()
            process.wait(10)

    def said(self):
        lines = []
        for output in self.outputs:
            output.seek(0)
            lines += [line.split() for line in output]
            output.close()
        return lines


def child(output, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.layer.worker_child", *map(str, arguments)], stdout=output, cwd=ROOT
    )


@pytest.mark.parametrize("receive", ["atomic", "classic"])
def test_that_no_message_comes_twice_and_each_loss_has_its_killed_worker(tcp_redis, receive):
    client, url = tcp_redis
    witness, crew, dice = Witness(url), Crew(client, url, receive), random.Random(7)
    for _ in range(WORKERS):
        crew.start()
    with contextlib.ExitStack() as stack:
        outputs = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(PRODUCERS)]
        producers = [child(out, "write", url, "work", EACH * n, EACH) for n, out in enumerate(outputs)]
        while any(producer.poll() is None for producer in producers):
            crew.note_addresses()
            if len(crew.killed) < KILLS:
                crew.kill_one(dice)
            time.sleep(0.05)
        wait_until(lambda: not client.llen("asgi:work"), "everything is taken", 60)
        wait_until(lambda: client.info("clients")["blocked_clients"] >= WORKERS, "all workers are idle", 60)
        crew.note_addresses()
        crew.end()
        witness.end(client)
        sent = {}
        for out in outputs:
            out.seek(0)
            sent.update(line.split() for line in out)
    assert len(sent) == PRODUCERS * EACH
    account(client, witness, crew, sent)


def account(client, witness, crew, sent):
    said = crew.said()
    taken = Counter(key for key, what in said if what != "ghost")
    assert not [key for key, times in taken.items() if times > 1]
    assert {(key, n) for key, n in said if n != "ghost"} <= set(sent.items())
    lost = set(sent) - set(taken)
    for key in lost:
        if key in witness.had:
            assert crew.addresses[witness.had[key]] in crew.killed, key
        else:  # handed out by a BLPOP whose worker died before it deleted the body: that still lies there
            assert client.exists("asgi:" + key), key
    assert len(lost) <= len(crew.killed)  # a worker holds one message at a time
    print(f"{len(sent)} sent, {len(taken)} taken, {len(crew.killed)} killed, {len(lost)} lost with them")
    assert len(crew.killed) >= 10
