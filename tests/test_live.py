# SPDX-License-Identifier: GPL-3.0-or-later
"""The live system end to end: real Redis, real processes, real sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import connect

from app import events as e
from app.entities import Fate
from app.frame_index import FrameIndex
from app.recording import Recorder, read_recording
from app.sources.decode import WireDecoder
from app.store import Store
from tests.checklist import row
from tests.live_fixture import live_lab
from tests.redis_fixture import wait_until

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def shared():
    with live_lab(expiry=2) as live:
        live.until_working(2)
        yield live


@pytest.fixture
def live(shared):
    done = shared.lab.set_up(workers=2, expiry=2, clients=["ada", "bob"])
    shared.until(done.done, "set up")
    shared.until_working(2)
    shared.until(lambda: len(shared.state.clients) == 2, "two clients")
    shared.quiet()
    shared.events.clear()
    return shared


def test_that_one_message_can_be_followed_from_the_wire_to_the_worker_and_back(live):
    live.say("bob", "hello ada")
    frame = live.until_event(e.FrameSeen, direction="client", opcode=1)
    origin = live.state.message_of_row[frame.row]
    key = live.state.origins[origin]
    message = live.state.messages[key]
    assert message.channel == "websocket.receive"
    assert message.taken_by.startswith("worker-")
    assert message.fate is Fate.DELIVERED
    became = {live.state.messages[effect].became for effect in live.state.effects[key]}
    connections = {c.id for c in live.state.connections.values() if c.name in ("ada", "bob")}
    assert {connection for connection, _ in became} == connections
    for connection, n in became:
        (row,) = live.state.rows_of_message[connection, "server", n]
        text = json.loads(live.store.index.preview(row, 1000))
        assert text == {"type": "chat", "username": "bob", "message": "hello ada"}


def test_that_a_lone_worker_tells_of_each_message_how_long_it_took(live):
    """From the third on it foresees them (app/layer/foresight.py), which takes another way to Redis."""
    done = live.lab.set_up(workers=1, clients=["ada"])
    live.until(done.done, "set up")
    live.until(lambda: sum(w.status == "idle" for w in live.state.workers.values()) == 1, "one worker")
    live.quiet()
    keys = [live.say("ada", f"word {n}").key for n in range(6)]
    assert all(live.state.messages[key].popping > 0 for key in keys)


def test_that_the_frames_in_the_store_are_byte_for_byte_those_of_the_wire(live):
    host, port = live.lab.address.removeprefix("http://").split(":")
    text = b'{"type": "chat", "data": "raw bytes"}'
    mask = bytes.fromhex("37fa213d")
    payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))
    sent = [
        bytes((0x89, 0x80)) + mask,  # an empty ping
        bytes((0x01, 0x80 | 10)) + mask + payload[:10],  # a fragment …
        bytes((0x80, 0x80 | len(payload) - 10)) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(text[10:])),
        bytes((0x88, 0x82)) + mask + bytes((0x03 ^ 0x37, 0xE8 ^ 0xFA)),  # close 1000
    ]
    received = b""
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(
            b"GET /chat/lobby/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        while received.count(b'"type": "joined"') < 1:
            received += raw.recv(4096)
        raw.sendall(b"".join(sent[:-1]))
        while b"raw bytes" not in received:
            received += raw.recv(4096)
        raw.sendall(sent[-1])
        while data := raw.recv(4096):
            received += data
        address = "{}:{}".format(*raw.getsockname())
    connection = live.until(
        lambda: next((c for c in live.state.connections.values() if c.client == address and c.closed), None), "its end"
    )
    index = live.store.index
    rows = [row for row in index.rows if index.row(row).connection == connection.id]
    assert [index.raw(row) for row in rows if index.row(row).direction == "client"] == sent
    frames = b"".join(index.raw(row) for row in rows if index.row(row).direction == "server")
    assert received.partition(b"\r\n\r\n")[2] == frames
    live.quiet()


def test_that_without_workers_a_message_waits_expires_and_is_never_delivered(live):
    live.lab.kill_all_workers()
    killed = time.time()
    live.until(lambda: not any(w.is_alive for w in live.state.workers.values()), "all killed")
    assert {w.status for w in live.state.workers.values()} == {"killed"}
    assert max(w.since for w in live.state.workers.values()) - killed < 0.1 + 0.2  # told within 100 ms; slack for CI
    live.lab.send_text("bob", "anyone there?")
    sent = live.until_event(e.MessageSent, channel="websocket.receive")
    channel = live.state.channels["websocket.receive"]
    assert list(channel.waiting) == [sent.key]
    expired = live.until_event(e.MessageExpired, key=sent.key)
    assert 1.9 < expired.t - sent.t < 3.0
    assert (list(channel.waiting), list(channel.ghosts)) == ([], [sent.key])
    live.lab.start_workers()
    live.until_working(2)
    live.say("ada", "now?")
    assert not live.of(e.MessageReceived, key=sent.key)
    assert live.state.messages[sent.key].fate is Fate.EXPIRED
    assert not channel.ghosts


def test_that_a_worker_killed_in_its_consumer_loses_the_message_it_held(live):
    live.lab.signal_worker("worker-1", "KILL")
    live.until_event(e.WorkerExited, worker="worker-1", signal="KILL")
    assert live.state.workers["worker-1"].status == "killed"
    assert live.state.workers["worker-2"].is_alive
    live.lab.restart_worker("worker-1")
    live.until_working(2)


def test_that_a_stopped_worker_is_shown_as_stopped_until_it_goes_on(live):
    live.lab.signal_worker("worker-2", "STOP")
    live.until(lambda: live.state.workers["worker-2"].status == "stopped", "stopped", 2)
    live.lab.signal_worker("worker-2", "CONT")
    live.until(lambda: live.state.workers["worker-2"].status == "idle", "idle again", 2)


def test_that_a_message_handed_to_a_stopped_worker_that_is_killed_is_lost_with_it_not_expired(live):
    live.lab.signal_worker("worker-1", "KILL")
    live.until_event(e.WorkerExited, worker="worker-1")
    live.until(lambda: live.state.workers["worker-2"].status == "idle", "idle")
    live.lab.signal_worker("worker-2", "STOP")
    live.until(lambda: live.state.workers["worker-2"].status == "stopped", "stopped")
    live.lab.send_text("bob", "Redis gives this to a frozen worker")
    sent = live.until_event(e.MessageSent, channel="websocket.receive")
    live.lab.signal_worker("worker-2", "KILL")
    lost = live.until_event(e.MessageLost, key=sent.key)
    assert (lost.reason, lost.worker) == ("never fetched", "worker-2")
    assert live.state.messages[sent.key].fate is Fate.LOST
    assert not live.of(e.MessageExpired, key=sent.key)


def test_that_term_ends_a_worker_with_status_0(live):
    live.lab.signal_worker("worker-1", "TERM")
    exited = live.until_event(e.WorkerExited, worker="worker-1")
    assert (exited.status, exited.signal) == (0, "")


def test_that_a_verb_that_cannot_be_done_says_so(live):
    live.lab.signal_worker("worker-9", "KILL")
    assert "worker-9" in live.until_event(e.VerbFailed, verb="signal_worker").reason
    live.lab.send_text("nobody", "x")
    assert "nobody" in live.until_event(e.VerbFailed, verb="send_text").reason


def test_that_malformed_json_gets_an_error_message_and_the_socket_stays_open(live):
    with connect(live.lab.address.replace("http", "ws") + "/chat/lobby/", proxy=None, compression=None) as ws:
        kinds = [json.loads(ws.recv(timeout=5))["type"] for _ in range(2)]
        assert kinds == ["welcome", "joined"]
        ws.send("{not json")
        assert json.loads(ws.recv(timeout=5))["type"] == "error"
        ws.send(json.dumps({"type": "chat", "data": "still here"}))
        assert json.loads(ws.recv(timeout=5))["message"] == "still here"


def test_that_everything_recovers_when_redis_dies(live):
    pid = live.state.sources["redis"].pid
    os.kill(pid, signal.SIGKILL)
    failed = live.until_event(e.SourceFailed, name="redis")
    assert "signal 9" in failed.reason
    live.until_event(e.SourceReady, name="redis")
    live.until_event(e.MessagesWiped, reason="restart")
    live.until(lambda: not live.state.clients, "their sockets were closed: the groups are gone")
    live.until(lambda: not live.state.redis_lost, "Redis is back")
    live.until_working(2)
    live.join("cy")
    live.say("cy", "alive")


def test_that_keys_are_looked_at_only_while_somebody_watches(live):
    live.lab.watch_keys(True)
    seen = live.until_event(e.KeysSeen)
    group = next(key for key in seen.keys if key.name == "asgi::group:chat-lobby")
    assert (group.kind, group.size) == ("group", 2)
    assert {channel for channel, _ in group.members} == live.state.groups["chat-lobby"].keys()
    assert all(0 < seen.t - joined < 60 for _, joined in group.members)
    live.lab.watch_keys(False)


def test_that_a_body_deleted_in_the_console_loses_its_message_and_leaves_a_ghost(live):
    live.lab.kill_all_workers()
    live.until(lambda: not any(worker.is_alive for worker in live.state.workers.values()), "no worker")
    live.lab.send_text("bob", "delete me")
    sent = live.until_event(e.MessageSent, channel="websocket.receive")
    live.lab.run_command(f"del asgi:{sent.key}", confirmed=True)
    assert live.until_event(e.CommandRun, verb="del").answer == "(integer) 1"
    channel = live.state.channel_of("websocket.receive")
    live.until(lambda: (channel.live, channel.dead) == (0, 1), "a ghost, and nothing that lives")
    assert live.state.messages[sent.key].fate is Fate.DROPPED


def test_that_a_live_store_equals_the_store_replayed_from_its_recording(tmp_path):
    path = tmp_path / "session.jsonl"
    with Recorder(path) as recorder, live_lab(observed=recorder) as live:
        live.until_working(2)
        live.join("ada", "bob")
        for number in range(5):
            live.say("ada", f"message {number}")
        live.lab.stop()
        live.pour()
        recorder.close()
        index = FrameIndex()
        replayed, decoder = Store(index=index), WireDecoder(index)
        for event in read_recording(path):
            replayed.extend(decoder.feed(event))
        assert replayed.since(0) == live.store.since(0)
        assert replayed.state.fates == live.state.fates
        assert [index.raw(row) for row in index.rows] == [live.store.index.raw(row) for row in live.store.index.rows]
        index.spool.close()


@row("W-12")
def test_that_a_program_killed_with_sigkill_leaves_nothing(tmp_path):
    program = subprocess.Popen(
        [sys.executable, "main.py", "serve", "--port", "0", "--workers", "2"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    ready = 0
    for line in program.stdout:
        ready += "listens to" in line or "The chat is at" in line
        if ready == 3:
            break
    children = psutil.Process(program.pid).children(recursive=True)
    assert len(children) == 5  # guard, Redis, server, two workers
    os.kill(children[-1].pid, signal.SIGSTOP)  # a stopped process never sees its lifeline end
    program.kill()
    program.wait(10)
    program.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    wait_until(lambda: not list(tmp_path.iterdir()), f"an empty folder, but {list(tmp_path.iterdir())}")


def test_that_serve_has_an_echo_on_demand():
    with live_lab(workers=0, has_echo=True) as live:
        live.until_event(e.SourceReady, name="server")
        with connect(live.lab.address.replace("http", "ws") + "/_scope/echo", proxy=None) as ws:
            ws.send("back")
            assert ws.recv(5) == "back"
