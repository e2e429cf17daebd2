# SPDX-License-Identifier: GPL-3.0-or-later
"""Real bots on the live system: from the lab, and from the command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import events as e
from tests.live_fixture import live_lab

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def live():
    with live_lab(workers=2) as live:
        live.until_working(2)
        yield live


def command(live, *options):
    return [sys.executable, "main.py", "bots", "--address", live.lab.address, *map(str, options)]


def run(live, *options):
    done = subprocess.run(command(live, *options), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    live.pour()
    return done


def test_that_bots_draw_from_the_command_line_and_nothing_is_lost(live):
    done = run(live, "--count", 5, "--pace", 10, "--seconds", 2, "--room", "quick", "--json")
    whole = json.loads(done.stdout)
    assert whole["count"] == 5
    welcomes, joined = 5, whole["received"] - 5 * whole["sent"] - 5  # each to all; who joined: to those in by then
    assert sum(range(1, welcomes + 1)) <= joined <= welcomes**2
    assert 0 < whole["delay_p50"] < whole["delay_p99"]
    live.quiet()
    names = {c.name for c in live.state.connections.values()}
    assert {f"bot {n}" for n in range(1, 6)} <= names
    sent = [row for row in map(live.store.index.row, live.store.index.rows) if row.opcode == 1]
    assert sum(row.direction == "client" for row in sent) == whole["sent"]


def test_that_the_bytes_bots_count_are_those_on_the_wire(live):
    first = live.store.index.end
    whole = json.loads(run(live, "--count", 3, "--pace", 10, "--seconds", 1, "--room", "bytes", "--json").stdout)
    rows = [row for row in map(live.store.index.row, range(first, live.store.index.end)) if row.opcode == 1]
    for direction, said in (("client", "bytes_sent"), ("server", "bytes_received")):
        assert sum(row.header_size + row.length for row in rows if row.direction == direction) == whole[said]


def test_that_bots_chat(live):
    whole = json.loads(run(live, "--count", 4, "--page", "chat", "--seconds", 3, "--room", "talk", "--json").stdout)
    assert whole["sent"] > 4
    assert whole["errors"] == 0
    assert 0 < whole["delay_p50"] < 3


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--count", "501"], "1 to 500 bots, not 501"),
        (["--count", "0"], "1 to 500 bots, not 0"),
        (["--address", "http://127.0.0.1:1"], "no answer"),
        (["--address", "ws:/x"], "http://HOST:PORT"),
        (["--room", "a+b", "--count", "2"], "room"),
    ],
)
def test_that_what_cannot_be_is_said_in_one_line(live, options, reason):
    done = run(live, *options)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_that_ctrl_c_lets_them_leave_politely(live):
    process = subprocess.Popen(command(live, "--count", 3, "--pace", 10, "--seconds", 0, "--room", "polite"), cwd=ROOT,
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    with process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "in all" in rest
    live.until(lambda: not live.state.groups.get("draw-polite"), "the room is empty")
    assert not live.of(e.ConsumerFailed)


def test_that_the_lab_has_a_herd_that_comes_and_goes(live):
    live.lab.start_bots(count=4, pace=10, room="herd")
    live.until(lambda: live.state.bots and live.state.bots.open == 4, "four bots")
    live.until(lambda: live.state.bots.received > 0, "they draw")
    live.lab.start_bots(count=2, page="chat", room="herd")
    live.until(lambda: live.state.bots and live.state.bots.page == "chat" and live.state.bots.open == 2, "others")
    assert not live.state.groups.get("draw-herd")
    done = live.lab.stop_bots()
    live.until(lambda: done.done() and live.state.bots is None, "none")
    live.until(lambda: not live.state.groups.get("chat-herd"), "they left")


def test_that_a_reset_and_the_death_of_the_process_end_a_herd(live):
    live.lab.start_bots(count=2, pace=10)
    live.until(lambda: live.state.bots and live.state.bots.open == 2, "two bots")
    live.lab.reset()
    live.until(lambda: live.state.bots is None, "no bots")
    live.until_working(2)
    live.lab.start_bots(count=2, pace=10)
    live.until(lambda: live.state.bots and live.state.bots.open == 2, "two bots")
    os.kill(live.lab._herd.pid, signal.SIGKILL)
    live.until(lambda: live.state.bots is None, "their process died")


def test_that_bots_whose_sockets_the_server_closed_come_back(live):
    live.lab.start_bots(count=3, pace=10, room="again")
    live.until(lambda: live.state.bots and live.state.bots.open == 3, "three bots")
    live.lab.restart_redis()
    live.until(lambda: live.state.bots.closed, "they are closed")
    live.until(lambda: live.state.bots.open == 3, "they are back")
    live.until(lambda: len(live.state.groups.get("draw-again", ())) == 3, "in their room")
    live.lab.stop_bots()
    live.until(lambda: live.state.bots is None, "none")


def test_that_more_bots_than_places_in_the_reply_channel_are_warned_of(live):
    live.lab.start_bots(count=101, page="chat", seconds=0.1)
    live.until(
        lambda: any("at least 1 copies are skipped" in event.text for event in live.of(e.LogLine)), "the warning"
    )
    live.lab.stop_bots()
    live.until(lambda: live.state.bots is None, "none")


def test_that_too_many_bots_are_refused_by_the_verb(live):
    live.lab.start_bots(count=501)
    assert "1 to 500" in live.until_event(e.VerbFailed, verb="start_bots").reason
