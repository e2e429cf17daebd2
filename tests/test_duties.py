# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that are given other channels, or other code, while sockets stay open (F4, F9)."""

import psutil
from websockets.sync.client import connect

from app import events as e
from app.settings import Duty
from tests.checklist import row
from tests.live_fixture import _two_workers, live, live_lab

__all__ = ["_two_workers", "live"]
ALL = ("chat.line", "draw.begun", "http.request", "websocket.connect", "websocket.disconnect", "websocket.receive")
CONSUMERS = """
from app.channels import route

def answer(message):
    message.reply_channel.send({{"text": {text!r}}})

routing = [route("websocket.receive", answer)]
"""


def takers(live):
    return {event.source for event in live.of(e.MessageReceived, channel="websocket.receive")}


@row("W-02", "W-13")
def test_that_a_worker_is_given_other_channels_and_leaves_the_rest_to_others(live):
    live.join("ada")
    live.lab.assign_channels("worker-1", only=["http.*", "websocket.connect"]).result(20)
    live.until_event(e.WorkerReady, worker="worker-1", channels=("http.request", "websocket.connect"))
    assert live.state.workers["worker-1"].duty == Duty(("http.*", "websocket.connect"))
    for number in range(6):
        live.say("ada", f"line {number}")
    assert takers(live) == {"worker-2"}
    assert "ada" in live.state.clients


def test_that_a_worker_keeps_its_channels_when_it_is_killed_and_started_again_but_not_over_a_reset(live):
    live.lab.assign_channels("worker-1", exclude=["websocket.*"]).result(20)
    live.until_event(e.WorkerReady, worker="worker-1", channels=("chat.line", "draw.begun", "http.request"))
    live.lab.kill_all_workers().result(20)
    live.lab.start_workers().result(20)
    live.until_event(e.WorkerReady, 2, worker="worker-1", channels=("chat.line", "draw.begun", "http.request"))
    live.lab.reset().result(20)
    live.until_event(e.WorkerReady, worker="worker-1", channels=ALL)
    assert live.state.workers["worker-1"].duty == Duty()


def test_that_what_a_worker_is_told_is_on_its_command_line_in_the_words_of_channels(live):
    live.lab.assign_channels("worker-1", only=["websocket.receive"], exclude=["*.connect"]).result(20)
    live.until_event(e.WorkerReady, worker="worker-1")
    words = psutil.Process(live.state.workers["worker-1"].pid).cmdline()
    assert {"--only-channels=websocket.receive", "--exclude-channels=*.connect"} <= set(words)


def test_that_a_worker_that_is_not_there_cannot_be_given_channels(live):
    live.lab.assign_channels("worker-9", only=["x"]).result(20)
    assert "worker-9" in live.until_event(e.VerbFailed, verb="assign_channels").reason


@row("W-10")
def test_that_workers_take_up_new_code_one_after_the_other_and_no_socket_notices(tmp_path, monkeypatch):
    file = tmp_path / "deployed.py"
    file.write_text(CONSUMERS.format(text="old"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with live_lab(workers=2, django_settings="", routing="deployed.routing") as live:
        live.until_working(2)
        with connect(live.lab.address.replace("http", "ws") + "/", proxy=None) as socket:
            socket.send("?")
            assert socket.recv(10) == "old"
            file.write_text(CONSUMERS.format(text="newer"))
            live.lab.restart_workers().result(30)
            live.until(lambda: live.of(e.WorkerReady)[3:], "both listen again")
            socket.send("?")
            assert socket.recv(10) == "newer"
    started = [type(event) for event in live.events if isinstance(event, e.WorkerExited | e.WorkerReady)]
    assert started[2:6] == [e.WorkerExited, e.WorkerReady] * 2
