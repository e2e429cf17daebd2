# SPDX-License-Identifier: GPL-3.0-or-later
"""Any protocol and any language: interface servers of other kinds before the same workers (G11, N4, A11)."""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from app.channels import Channel, Group, route
from app.channels.exceptions import DenyConnection
from app.layer import RedisChannelLayer
from tests.redis_fixture import wait_until
from tests.worker.test_process import started

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests" / "node"
HERE = "tests.server.test_other_servers"
# What npm says where the network is away.
UNREACHED = re.compile(r"code (ECONN\w+|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ERR_SOCKET_TIMEOUT|E50\d)\b")


def echo_datagram(message):
    Channel(str(message.reply_channel)).send({"data": message["data"].upper()})


def open_socket(message):
    if message["path"] == "/denied/":
        raise DenyConnection
    Group("everybody").add(message.reply_channel)
    said = {key: message[key] for key in ("path", "order", "scheme")}
    message.reply_channel.send({"accept": True, "text": repr((said, message["query_string"]))})


def say_to_all(message):
    if message.get("text") == "close":
        message.reply_channel.send({"text": "bye", "close": 4001})
    elif message.get("bytes") is not None:
        message.reply_channel.send({"bytes": message["bytes"][::-1]})
    else:
        Group("everybody").send({"text": f"{message['order']}: {message['text']}"})


def close_socket(message):
    Channel("gone").send({"code": message["code"], "order": message["order"]})


routing = [
    route("udp.receive", echo_datagram),
    route("websocket.connect", open_socket),
    route("websocket.receive", say_to_all),
    route("websocket.disconnect", close_socket),
]


@pytest.fixture
def layer(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    yield layer
    layer.close()


@pytest.fixture
def worker(redis_url):
    with started(redis_url, routing=f"{HERE}.routing") as worker:
        yield worker


def test_that_a_datagram_goes_to_a_worker_and_its_answer_comes_back_to_its_sender(redis_url, worker):
    command = [sys.executable, "-m", "app.server.udp", "--redis", redis_url, "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(server.stdout.readline().split()[-1])
            clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            for number, client in enumerate(clients):
                client.settimeout(10)
                client.sendto(f"from {number}".encode(), ("127.0.0.1", port))
            assert [client.recv(100) for client in clients] == [b"FROM 0", b"FROM 1"]
            for client in clients:
                client.close()
        finally:
            server.kill()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The Node server with what it needs."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("the interface server in Node needs node and npm: apt-get install nodejs npm")
    folder = tmp_path_factory.mktemp("node")
    for file in NODE.iterdir():
        shutil.copy(file, folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm could not fetch `ws` and `redis` within 90 s")
    if UNREACHED.search(done.stderr):
        pytest.skip(f"npm could not fetch `ws` and `redis`: {done.stderr.strip().splitlines()[:2]}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def node(installed, redis_url):
    command = ["node", "server.mjs", redis_url.removeprefix("unix://")]
    with subprocess.Popen(command, cwd=installed, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield f"ws://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_that_an_interface_server_in_node_exchanges_the_same_messages_with_our_workers(node, worker, layer):
    with connect(f"{node}/caf%C3%A9/?a=1", proxy=None) as ada, connect(f"{node}/", proxy=None) as bob:
        assert ada.recv(10) == "({'path': '/café/', 'order': 0, 'scheme': 'ws'}, b'a=1')"
        bob.recv(10)
        ada.send("hello")
        assert [each.recv(10) for each in (ada, bob)] == ["1: hello"] * 2
        bob.send(b"\x00\x01\xff")
        assert bob.recv(10) == b"\xff\x01\x00"
        bob.send("x" * 70_000)
        assert ada.recv(10) == bob.recv(10) == "2: " + "x" * 70_000
        ada.send("close")
        assert ada.recv(10) == "bye"
        with pytest.raises(ConnectionClosed) as closed:
            ada.recv(10)
        assert closed.value.rcvd.code == 4001
        gone = wait_until(lambda: layer.receive(["gone"])[1], "its end is told")
        assert gone == {"code": 4001, "order": 3}
    with pytest.raises(InvalidStatus) as denied:
        connect(f"{node}/denied/", proxy=None)
    assert denied.value.response.status_code == 403


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_that_our_server_and_one_in_node_serve_one_room(node, redis_url, worker):
    command = [sys.executable, "-m", "app.server", "--redis", redis_url, "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = next(line for line in server.stdout if "http://" in line)
            ours = "ws://" + line.split("http://")[1].split()[0].rstrip("/") + "/"
            with connect(ours, proxy=None) as ada, connect(f"{node}/", proxy=None) as bob:
                ada.recv(10), bob.recv(10)
                ada.send("from one server to the other")
                assert bob.recv(10) == ada.recv(10) == "1: from one server to the other"
        finally:
            server.kill()
