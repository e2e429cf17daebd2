# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that lessons need: fetch, say many things at once, look, and a set-up with every key."""

import psutil
import pytest

from app import events as e
from tests.live_fixture import live_lab


@pytest.fixture(scope="module")
def shared():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def live(shared):
    shared.lab.reset().result(20)
    shared.until_working(1)
    shared.events.clear()
    return shared


def set_up(live, **keys):
    """Set up, and forget what led there."""
    live.events.clear()
    live.lab.set_up(**keys).result(20)
    live.until_event(e.LabStarted)
    live.until(lambda: set(keys.get("clients", ())) <= set(live.state.clients), "clients")
    live.quiet()
    live.events.clear()


def kill(live):
    """A stopped worker would not do: Redis answers its last BLPOP, so it takes one more message."""
    live.lab.kill_all_workers()
    live.until_event(e.WorkerExited)


def test_that_a_page_is_fetched_and_its_status_told(live):
    live.lab.fetch_page("/")
    fetched = live.until_event(e.PageFetched, path="/")
    assert fetched.status == 200
    assert fetched.seconds > 0
    live.lab.fetch_page("/nowhere/")
    assert live.until_event(e.PageFetched, path="/nowhere/").status == 404


def test_that_a_full_channel_turns_a_page_away_with_503(live):
    set_up(live, workers=1, capacity=3)
    kill(live)
    live.lab.fetch_page("/", count=5)
    live.until_event(e.PageFetched, status=503, count=2)
    live.until_event(e.MessageRefused, channel="http.request", reason="full", count=2)
    live.lab.start_workers()
    live.until_event(e.PageFetched, status=200, count=3)
    assert len(live.of(e.PageFetched)) == 5


def test_that_a_full_channel_closes_the_socket_that_sent_with_1013(live):
    set_up(live, workers=1, capacity=3, clients=["ada", "bob"])
    kill(live)
    live.lab.send_text("bob", "are you there?", count=4)
    refused = live.until_event(e.MessageRefused, channel="websocket.receive", reason="full")
    assert refused.n == 4
    assert live.until_event(e.ClientLeft, name="bob").reason == "closed with 1013"
    assert "ada" in live.state.clients


def test_that_a_capacity_ends_with_the_set_up_that_asked_for_it(live):
    set_up(live, workers=1, capacity=3)
    assert live.state.settings.capacity == 3
    set_up(live, workers=1, clients=["bob"])
    live.until(lambda: live.state.settings.capacity == 100, "the usual capacity")
    kill(live)
    live.lab.send_text("bob", "hello", count=5)
    live.until_event(e.MessageSent, channel="websocket.receive", count=5)
    assert not live.of(e.MessageRefused)


def test_that_a_slow_chat_loses_the_line_in_its_hands_when_its_worker_is_killed(live):
    set_up(live, workers=1, consumer_seconds=60.0, clients=["bob"])
    live.lab.send_text("bob", "think about it")
    started = live.until_event(e.ConsumerStarted, channel="websocket.receive")
    live.lab.signal_worker("worker-1", "KILL")
    assert live.until_event(e.MessageLost, key=started.key).reason == "worker killed"


def test_that_workers_take_messages_as_the_set_up_says(live):
    set_up(live, workers=1, receive="classic")
    words = psutil.Process(live.state.workers["worker-1"].pid).cmdline()
    assert words[words.index("--receive") + 1] == "classic"
    live.join("bob")
    live.say("bob", "three commands")


def test_that_many_things_said_at_once_are_numbered(live):
    live.join("bob")
    live.lab.send_text("bob", "hello", count=3)
    sent = [live.until_event(e.MessageSent, channel="websocket.receive", count=n) for n in (1, 2, 3)]
    assert [f"hello {n}".encode() in message.body for n, message in enumerate(sent, 1)] == [True] * 3


def test_that_the_newest_frame_that_fits_is_inspected(live):
    live.join("bob")
    live.say("bob", "look at me")
    live.lab.inspect("frame", direction="client", opcode="TEXT", field="MASK")
    selected = live.until_event(e.Selected)
    row = live.lab.index.row(int(selected.item))
    assert (row.direction, row.opcode, row.masked) == ("client", 1, True)
    assert (selected.kind, selected.direction, selected.opcode, selected.field) == ("frame", "client", "TEXT", "MASK")


def test_that_a_frame_that_is_not_there_cannot_be_inspected(live):
    live.lab.inspect("frame", opcode="PING")
    assert "no PING frame to look at" in live.until_event(e.VerbFailed, verb="inspect").reason


def test_that_only_a_frame_that_has_the_field_is_inspected(live):
    live.join("bob")
    live.say("bob", "x" * 200)
    live.say("bob", "short")
    live.lab.inspect("frame", direction="client", field="extended_payload_length")
    row = live.lab.index.row(int(live.until_event(e.Selected).item))
    assert row.length > 125
    live.lab.inspect("frame", direction="server", field="masking_key")
    assert "with masking_key" in live.until_event(e.VerbFailed, verb="inspect").reason


def test_that_the_newest_websocket_is_inspected_and_before_there_is_one_it_is_told(live):
    set_up(live, workers=1)
    live.lab.inspect("connection")
    assert "no WebSocket" in live.until_event(e.VerbFailed, verb="inspect").reason
    live.join("bob")
    live.lab.inspect("connection")
    selected = live.until_event(e.Selected)
    assert selected.kind == "connection"
    assert live.state.connections[selected.item].name == "bob"


def test_that_a_capture_can_be_left_for_the_live_system(live):
    live.join("bob")
    live.lab.open_capture("talk-frame-5.pcap")
    live.until_event(e.CaptureProgress, finished=True)
    live.say("bob", "live")
    live.lab.open_capture("")
    live.lab.inspect("frame", direction="client", opcode="TEXT")
    assert live.until_event(e.Selected).direction == "client"


def test_that_a_capture_is_read_and_its_frames_can_be_inspected(live):
    live.lab.open_capture("talk-frame-5.pcap")
    assert live.until_event(e.CaptureOpened).name == "talk-frame-5.pcap"
    assert live.until_event(e.CaptureProgress, finished=True).path == "talk-frame-5.pcap"
    live.lab.inspect("frame")
    assert live.until_event(e.Selected).opcode == "TEXT"
    live.lab.open_capture("")
    live.until_event(e.CaptureOpened, name="")
    live.lab.inspect("frame", opcode="PONG")
    live.until_event(e.VerbFailed, verb="inspect")
    set_up(live, workers=1)
    live.lab.inspect("frame")
    live.until_event(e.VerbFailed, verb="inspect")


def test_that_a_set_up_may_open_a_capture(live):
    set_up(live, workers=1, capture="chat.pcap")
    assert live.state.capture.finished


@pytest.mark.parametrize("name", ["none.pcap", "../README.md", "README.md"])
def test_that_a_capture_that_is_none_is_told(live, name):
    live.lab.open_capture(name)
    assert name in live.until_event(e.VerbFailed, verb="open_capture").reason


def test_that_nobody_hears_of_a_page_that_a_reset_gave_up(live):
    kill(live)
    live.lab.fetch_page("/", count=3)
    live.until_event(e.MessageSent, channel="http.request", count=3)
    set_up(live, workers=1)
    live.until_working(1)
    assert not live.of(e.PageFetched)


@pytest.mark.parametrize("workers", [1, 3])
def test_that_another_set_up_leaves_no_process_of_the_one_before(live, workers):
    set_up(live, workers=workers, clients=["ada", "bob"], capacity=7)
    before = {worker.pid for worker in live.state.workers.values()}
    live.lab.set_up(workers=workers, clients=["ada", "bob"]).result(20)
    live.until_working(workers)
    assert not any(psutil.pid_exists(pid) for pid in before)


def test_that_a_process_outside_sends_a_message_or_says_why_it_cannot(live):
    live.lab.send_outside("chat.line", {"path": "/chat/lobby/", "reply_channel": "daphne.response.x!y", "line": "Rain"})
    message = live.until_event(e.MessageSent, source="outside", channel="chat.line")
    saved = live.until_event(e.RowSaved, cause=message.key, table="demo.chatmessage")
    assert saved.is_new
    live.lab.send_outside("no channel", {})
    assert "the log says why" in live.until_event(e.VerbFailed, verb="send_outside").reason
    assert "name" in live.until_event(e.LogLine, source="outside", level="error").text


def test_that_the_newest_line_of_the_history_is_told_with_who_comes(live):
    live.join("ada")
    live.say("ada", "to be kept")
    row = live.of(e.RowSaved, table="demo.chatmessage")[-1].row
    live.join("eve")
    assert live.until_event(e.ClientNamed, name="eve").newest == row


def test_that_a_client_speaks_as_soon_as_its_socket_is_open(live):
    live.lab.add_client("joe", page="turns", room="strict", says="hello")
    line = live.until_event(e.ConsumerStarted, channel="websocket.receive")
    assert (line.consumer, line.order) == ("app.demo.turns.ws_receive", 1)
    assert live.of(e.ConsumerStarted, channel="websocket.connect", order=0)


def test_that_a_line_in_fragments_is_one_message_and_too_many_are_refused(live):
    live.join("ada")
    live.lab.send_fragments("ada", "Grüße", count=4)
    seen = live.until_event(e.WebSocketMessageSeen, direction="client", n=1)
    assert [live.lab.index.row(row).opcode for row in seen.rows] == [1, 0, 0, 0]
    assert "Grüße".encode() in live.until_event(e.MessageSent, channel="websocket.receive").body
    live.lab.send_fragments("ada", "x", count=1)
    assert "can be" in live.until_event(e.VerbFailed, verb="send_fragments").reason


def test_that_every_open_socket_is_pinged_at_once(live):
    live.join("ada", "bob")
    live.lab.ping_sockets()
    live.until_event(e.FrameSeen, direction="client", opcode=10, count=2)
    assert len({event.connection for event in live.of(e.FrameSeen, direction="server", opcode=9)}) == 2
