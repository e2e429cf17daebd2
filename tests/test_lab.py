# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's life in every order: what it depends on dies, fails to start, or is stopped half-way."""

import os
import signal
import socket
import threading
import time
import urllib.request

import psutil
import pytest

from app import events as e
from app.ports import reachable_at
from tests.live_fixture import live_lab
from tests.redis_fixture import own_redis

__all__ = ["own_redis"]


@pytest.fixture(scope="module")
def shared():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def live(shared):
    shared.events.clear()
    return shared


def test_that_after_the_death_of_the_server_a_reset_starts_one_at_the_same_address(live):
    live.join("ada")
    address, before = live.lab.address, set(live.state.connections)
    os.kill(live.state.sources["server"].pid, signal.SIGKILL)
    live.until_event(e.SourceFailed, name="server")
    assert all(connection.closed for connection in live.state.connections.values())
    live.lab.reset()
    live.until_event(e.SourceReady, name="server")
    live.until_working(1)
    live.join("bob")
    assert live.lab.address == address
    assert not before & {c.id for c in live.state.connections.values() if not c.closed}
    live.say("bob", "the bytes of new connections are their own")


def test_that_after_the_death_of_the_guard_a_reset_starts_redis_again(live):
    guard = psutil.Process(live.state.sources["redis"].pid).parent()
    guard.kill()
    live.until_event(e.SourceFailed, name="redis")
    live.events.clear()
    live.lab.reset()
    live.until_event(e.SourceReady, name="redis")
    live.until_working(1)
    live.join("cy")
    live.say("cy", "on a new Redis")


def test_that_a_client_whose_groups_are_gone_comes_back_by_itself_under_its_name(live):
    live.join("dora")
    before = live.state.clients["dora"].address
    live.lab.restart_redis()
    assert "1012" in live.until_event(e.ClientLeft, name="dora").reason
    live.until(lambda: "dora" in live.state.clients, "there again")
    assert live.state.clients["dora"].address != before
    live.say("dora", "where was I?")
    live.lab.remove_client("dora").result(10)
    live.until(lambda: "dora" not in live.state.clients, "let go, and not back")


def test_that_nobody_waits_for_an_answer_that_a_reset_has_wiped(live):
    live.lab.signal_worker("worker-1", "STOP")
    live.until_event(e.WorkerStopped)
    status = []

    def ask():
        try:
            urllib.request.urlopen(live.lab.address, timeout=20)
        except urllib.error.HTTPError as error:
            status.append(error.code)

    asking = threading.Thread(target=ask)
    asking.start()
    live.until_event(e.MessageSent, channel="http.request")
    live.lab.reset()
    asking.join(10)
    assert status == [503]
    live.until_working(1)


def test_that_an_expiry_of_nothing_is_refused(live):
    live.lab.set_expiry(0)
    assert "one second" in live.until_event(e.VerbFailed, verb="set_expiry").reason


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.6, 1.0])
def test_that_a_lab_can_be_stopped_while_it_starts(seconds):
    with live_lab(workers=2) as live:
        if seconds > 0.5:
            live.lab.set_up(workers=1, clients=["ada"])
        time.sleep(seconds)  # any moment will do
        began = time.monotonic()
        live.lab.stop()
        assert time.monotonic() - began < 5
        live.lab.stop()  # twice is once
    assert not os.path.exists(live.lab._live._folder or "")


def test_that_a_client_that_comes_too_early_is_told(monkeypatch):
    with live_lab(workers=0) as live:
        live.lab.add_client("ada")
        assert "not answer yet" in live.until_event(e.VerbFailed, verb="add_client").reason


def test_that_a_start_that_failed_is_told_and_leaves_nothing(tmp_path):
    with live_lab(redis=str(tmp_path / "none")) as live:
        assert "No Redis server" in live.until_event(e.SourceFailed, name="lab").reason
        live.lab.reset()
        assert "No Redis server" in live.until_event(e.VerbFailed, verb="set_up").reason
    assert not live.lab._live._folder.exists()


def test_that_an_error_of_the_program_is_shown_and_the_lab_goes_on(monkeypatch):
    hooked = []
    monkeypatch.setattr(threading, "excepthook", hooked.append)

    def broken(self, seconds):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("app.live.LiveSystem.set_expiry", broken)
    with live_lab(workers=0) as live:
        live.lab.set_expiry(5)
        line = live.until_event(e.LogLine, level="error")
        assert "set_expiry failed" in line.text
        assert "on purpose" in line.text
        live.lab.send_text("nobody", "x")
        live.until_event(e.VerbFailed, verb="send_text")
    assert [args.exc_type for args in hooked] == [ZeroDivisionError]


def test_that_a_redis_of_the_users_own_serves_and_only_our_keys_are_flushed(own_redis):
    with own_redis.client() as client, live_lab(redis=own_redis.url, workers=1, expiry=1) as live:
        client.set("somebody's", "own")
        live.until_working(1)
        live.join("ada")
        live.say("ada", "hello")
        live.lab.kill_all_workers()
        live.until_event(e.WorkerExited)
        live.lab.send_text("ada", "anyone?")
        sent = live.until_event(e.MessageSent, channel="websocket.receive", count=2)
        live.until_event(e.MessageExpired, key=sent.key)
        live.lab.reset()
        live.until_working(1)
        assert client.keys("*") == ["somebody's"]
        live.lab.restart_redis()
        assert "left alone" in live.until_event(e.VerbFailed, verb="restart_redis").reason


def test_that_a_password_of_redis_is_on_no_command_line(own_redis):
    with own_redis.client() as client:
        client.config_set("requirepass", "open-sesame")
    url = own_redis.url.replace("unix://", "unix://:open-sesame@")
    with live_lab(redis=url, workers=1) as live:
        live.until_working(1)
        words = [child.cmdline() for child in psutil.Process().children(recursive=True)]
        assert not [line for line in words if "open-sesame" in " ".join(line)]


@pytest.mark.parametrize("host", ["::1", "0.0.0.0", "::", "localhost"])
def test_that_pages_are_served_on_every_kind_of_host(host):
    with live_lab(host=host, workers=1) as live:
        live.until_working(1)
        live.join("ada")
        assert urllib.request.urlopen(live.lab.address, timeout=5).status == 200


def test_that_a_server_on_all_addresses_can_be_asked_by_each_of_them():
    names = reachable_at("0.0.0.0")
    assert {"127.0.0.1", "::1", socket.gethostname().lower()} <= names
    assert reachable_at("127.0.0.1") == {"127.0.0.1"}


def test_that_a_redis_that_never_answers_is_told_without_a_worker():
    with live_lab(redis="redis://127.0.0.1:1", workers=0) as live:
        live.until_event(e.RedisLost, source="redis")


def test_that_a_command_is_run_by_the_consoles_own_user_and_a_flush_empties_the_state():
    with live_lab(workers=0) as live:
        live.until(lambda: live.state.sources.get("redis") and live.state.sources["redis"].status == "ready", "Redis")
        live.lab.run_command("client list")
        assert "user=console" in live.until_event(e.CommandRun, verb="client").answer
        live.lab.run_command("flushdb")
        assert "must be confirmed" in live.until_event(e.CommandRun, verb="flushdb", is_error=True).answer
        live.lab.run_command("flushdb", confirmed=True)
        live.until_event(e.MessagesWiped, reason="flushdb")
        assert live.until_event(e.CommandRun, verb="flushdb", is_error=False).answer == "OK"
