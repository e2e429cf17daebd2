# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Sentinel names the master; after a failover the next call goes to the new one."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
import redis

from app.layer import RedisGone
from app.ports import next_free
from app.redis_server.find import find_server
from tests.redis_fixture import answers, wait_until

QUICK = "sentinel down-after-milliseconds lesson 300\nsentinel failover-timeout lesson 2000\n"


class Cluster:
    """A master, a replica and a Sentinel on ports of their own."""

    def __init__(self, folder):
        start = 30000 + os.getpid() % 20000
        self.master = next_free("127.0.0.1", start)
        self.replica = next_free("127.0.0.1", self.master + 1)
        self.sentinel = next_free("127.0.0.1", self.replica + 1)
        self.processes = []
        self.folder = folder

    def start(self):
        """Start the three, and wait until they know each other."""
        folder = self.folder
        self._start(folder, "master", f"port {self.master}\n")
        self._start(folder, "replica", f"port {self.replica}\nreplicaof 127.0.0.1 {self.master}\n")
        wait_until(lambda: self.info(self.replica).get("master_link_status") == "up", "the replica follows")
        watch = f"port {self.sentinel}\nsentinel monitor lesson 127.0.0.1 {self.master} 1\n{QUICK}"
        self._start(folder, "sentinel", watch, "--sentinel")
        with self.client(self.sentinel) as client:
            wait_until(lambda: answers(client), "Sentinel answers")
            wait_until(lambda: client.info("sentinel")["master0"]["slaves"] == 1, "it knows the replica", 30)

    def _start(self, folder, name, text, *options):
        file = Path(folder) / f"{name}.conf"
        file.write_text(f'bind 127.0.0.1\nsave ""\ndir {folder}\nrepl-diskless-sync-delay 0\n' * (not options) + text)
        self.processes.append(subprocess.Popen([find_server(), file, *options], stdout=subprocess.DEVNULL))

    def end(self):
        """End them."""
        for process in self.processes:
            process.kill()
            process.wait(10)

    def client(self, port):
        return redis.Redis(port=port, decode_responses=True)

    def info(self, port):
        with self.client(port) as client:
            return client.info("replication") if answers(client) else {}


@pytest.fixture
def cluster():
    with tempfile.TemporaryDirectory(prefix="channelscope-test-") as folder:
        cluster = Cluster(folder)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.end()


@pytest.mark.slow
def test_that_a_failover_is_followed(cluster, make_layer):
    by_dict = make_layer(hosts=[{"sentinels": [("127.0.0.1", cluster.sentinel)], "master_name": "lesson"}])
    by_services = make_layer(hosts=[("127.0.0.1", cluster.sentinel)], services=["lesson"])
    by_dict.send("chat", {"n": 1})
    assert by_services.receive(["chat"]) == ("chat", {"n": 1})
    with cluster.client(cluster.sentinel) as client:
        old = client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "lesson")
        wait_until(lambda: fails_over(client), "Sentinel finds the replica good enough", 30)
        address = lambda: client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "lesson")  # noqa: E731
        new = wait_until(lambda: address() != old and address(), "there is a new master", 30)
    wait_until(lambda: cluster.info(int(new[1])).get("role") == "master", "it is a master")
    wait_until(lambda: cluster.info(int(old[1])).get("role") == "slave", "the old one is none", 30)
    wait_until(lambda: sends(by_dict), "the layer follows")
    assert by_services.receive(["chat"])[0] == "chat"
    with cluster.client(int(new[1])) as client:
        assert int(client.get("asgi-meta:chat:messages_count")) >= 1


def fails_over(client):
    try:
        return client.execute_command("SENTINEL", "FAILOVER", "lesson")
    except redis.ResponseError:
        return False


def sends(layer):
    try:
        layer.send("chat", {"n": 2})
    except RedisGone:
        return False
    return True
