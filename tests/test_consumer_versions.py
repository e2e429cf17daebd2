# SPDX-License-Identifier: GPL-3.0-or-later
"""Other consumers for the demo, live: checked, run by real workers, and taken back; and the routing is asked."""

import time

import psutil

from app import events as e
from app import versions
from app.entities import Fate
from tests import own_project
from tests.live_fixture import _two_workers, live, live_lab

__all__ = ["_two_workers", "live"]
LOUD = versions.shipped("consumers").replace(
    "username=username, message=line))", "username=username, message=line.upper()))"
)


def explain(live, channel, content=None):
    count = len(live.of(e.RouteExplained))
    live.lab.explain_route(channel, content)
    return live.until_event(e.RouteExplained, count=count + 1)


def bodies(live):
    return b"".join(message.body for message in live.state.messages.values())


def test_that_the_routing_is_asked_while_all_workers_are_dead(live):
    live.lab.kill_all_workers().result(20)
    told = explain(live, "websocket.receive", {"path": "/chat/lobby/", "text": "hi"})
    assert (told.consumer, told.kwargs) == ("app.demo.consumers.ws_receive", {"room": "lobby"})
    assert not told.is_default
    told = explain(live, "websocket.receive", {"path": "/chat/lobby"})
    assert (told.consumer, told.is_default) == ("app.channels.defaults.ignore", True)
    told = explain(live, "chat-messages", {"room": "lobby"})
    assert (told.consumer, told.is_listened) == ("", False)


def test_that_the_newest_message_of_a_channel_is_explained_with_its_key(live):
    live.join("bob")
    message = live.say("bob", "which way?")
    told = explain(live, "websocket.receive")
    assert told.key == message.key
    assert told.consumer == "app.demo.consumers.ws_receive"
    assert live.state.explained == told


def test_that_what_is_no_message_is_told(live):
    live.lab.explain_route("websocket.receive", {"path": object()})
    assert "no message" in live.until_event(e.VerbFailed, verb="explain_route").reason
    live.lab.explain_route("nobody.sent.here")
    live.until_event(e.VerbFailed, verb="explain_route", reason="no message was sent on nobody.sent.here in this run")


def test_that_edited_consumers_run_in_new_workers_while_sockets_stay_open_until_a_reset(live):
    live.join("bob", "ada")
    before = {worker.name: worker.pid for worker in live.state.workers.values()}
    live.lab.use_consumers(LOUD).result(30)
    live.pour()
    assert live.of(e.ConsumersChecked) == [live.until_event(e.ConsumersChecked, is_good=True, module="consumers")]
    assert live.state.version.texts == {"consumers": LOUD}
    live.until_working(2)
    live.say("bob", "is it loud?")
    assert b"IS IT LOUD?" in bodies(live)
    assert {worker.name for worker in live.state.workers.values()} == set(before)
    assert not {worker.pid for worker in live.state.workers.values()} & set(before.values())
    assert {worker.version for worker in live.state.workers.values()} == {"edited"}
    open_ones = {one.name for one in live.state.connections.values() if not one.closed}
    assert open_ones >= {"bob", "ada"}, "a socket was closed"
    live.lab.restart_worker("worker-1").result(20)
    live.until_event(e.WorkerStarted, worker="worker-1", version="edited", count=2)
    live.lab.reset().result(20)
    live.until_working(2)
    assert {worker.version for worker in live.state.workers.values()} == {"shipped"}
    assert live.state.version.version == "shipped", "the reset says that it took them back"


def test_that_a_wrong_text_is_told_with_its_line_and_nothing_is_restarted(live):
    pids = {worker.pid for worker in live.state.workers.values()}
    live.lab.use_consumers("import json\n\ndef ws_connect(message, room:\n    pass\n").result(30)
    told = live.until_event(e.ConsumersChecked)
    assert (told.is_good, told.module, told.file, told.line) == (False, "consumers", "consumers", 3)
    assert "SyntaxError" in told.error
    live.lab.use_consumers("import jsn\n").result(30)
    told = live.until_event(e.ConsumersChecked, count=2)
    assert (told.file, told.line, told.error) == ("consumers", 1, "ModuleNotFoundError: No module named 'jsn'")
    live.lab.use_consumers("def ws_connect(message, room): ...\n").result(30)
    told = live.until_event(e.ConsumersChecked, count=3)
    assert told.file == "routing"
    assert "ws_disconnect" in told.error
    assert {worker.pid for worker in live.state.workers.values()} == pids
    assert all(psutil.pid_exists(pid) for pid in pids)
    assert not live.of(e.ConsumersChanged)


def test_that_an_error_of_edited_code_is_a_failed_consumer_with_its_line(live):
    live.join("bob")
    text = versions.shipped("consumers").replace("def _work() -> None:\n", "def _work() -> None:\n    1 / 0\n")
    line = text.splitlines().index("    1 / 0") + 1
    live.lab.use_consumers(text).result(30)
    live.lab.send_text("bob", "divide")
    failed = live.until_event(e.ConsumerFailed)
    assert failed.error == "ZeroDivisionError: division by zero"
    assert f'consumers.py", line {line}, in _work' in failed.traceback


def test_that_the_talks_version_chats_and_the_shipped_one_comes_back(live):
    live.lab.use_version("talk").result(30)
    live.until_event(e.ConsumersChanged, version="talk")
    live.until_working(2)
    live.join("bob", "ada")
    live.say("bob", "as in 2016")
    assert not live.of(e.ConsumerFailed)
    told = explain(live, "websocket.receive")
    assert told.routes[0].kind == "include"
    assert told.consumer == "app.demo.consumers.ws_receive"
    live.lab.use_version("shipped").result(30)
    live.until_event(e.ConsumersChanged, version="shipped")
    live.until_working(2)
    live.say("bob", "and now")
    assert not live.of(e.ConsumerFailed)


def test_that_every_line_said_while_workers_are_restarted_is_heard(live):
    live.join("bob")
    done = live.lab.use_consumers(LOUD)
    for number in range(8):
        live.lab.send_text("bob", f"line {number}")
        time.sleep(0.1)
    done.result(30)
    live.quiet()
    said = [m for m in live.state.messages.values() if m.channel == "websocket.receive"]
    assert len(said) == 8
    assert {m.fate for m in said} == {Fate.DELIVERED}
    assert all(f"line {n}".encode() in bodies(live).lower() for n in range(8))


def test_that_an_expression_without_end_costs_one_answer_and_stops_nobody(live, monkeypatch):
    monkeypatch.setattr("app.live.explaining.ANSWER_PATIENCE", 0.5)
    for_ever = 'channel_routing.insert(0, route("for.ever", "app.channels.defaults.ignore", text=r"(?:a+)+$"))\n'
    live.lab.edit_consumers("", for_ever, "routing").result(30)
    live.lab.explain_route("for.ever", {"text": "a" * 60 + "b"})
    assert "may take for ever" in live.until_event(e.VerbFailed, verb="explain_route").reason
    monkeypatch.setattr("app.live.explaining.ANSWER_PATIENCE", 10.0)
    assert explain(live, "for.ever", {"text": "aaa"}).number == 1


def test_that_an_import_that_never_ends_is_told_and_nothing_is_restarted(live, monkeypatch):
    monkeypatch.setattr("app.live.explaining.LOAD_PATIENCE", 1.5)
    live.lab.use_consumers("import time\ntime.sleep(60)\n").result(30)
    assert "does an import wait?" in live.until_event(e.VerbFailed, verb="use_consumers").reason
    assert not live.of(e.ConsumersChanged)


def test_that_a_part_of_the_routing_is_edited_and_the_new_route_has_the_message(live):
    live.join("bob")
    new = 'channel_routing = [\n    route("websocket.receive", "app.channels.defaults.ignore", text="quiet"),'
    explain(live, "websocket.receive", {"path": "/chat/lobby/"})
    done = live.lab.edit_consumers("channel_routing = [", new, "routing")
    live.until_event(e.ConsumersChanged, version="edited")
    told = explain(live, "websocket.receive", {"path": "/chat/lobby/", "text": "quiet please"})
    assert (told.number, told.consumer) == (1, "app.channels.defaults.ignore")
    done.result(30)
    live.lab.edit_consumers("not there", "x", "routing").result(30)
    assert "0 times" in live.until_event(e.VerbFailed, verb="edit_consumers").reason


def test_that_ones_own_project_is_explained_as_its_workers_run_it_and_not_edited_here(tmp_path):
    folder = own_project.write(tmp_path)
    routing = folder / "project" / "routing.py"
    names = {"django_settings": "project.settings", "routing": "project.routing.channel_routing"}
    with live_lab(workers=1, project=str(folder), **names) as live:
        live.until_working(1)
        told = explain(live, "websocket.connect", {"path": "/chat/lobby/"})
        assert (told.consumer, told.kwargs) == ("core.consumers.ws_connect", {"room": "lobby"})
        assert told.routes[0].filters[0].rest == "lobby/"
        routing.write_text(routing.read_text().replace("^/chat/", "^/talk/"))
        told = explain(live, "websocket.connect", {"path": "/chat/lobby/"})
        assert told.consumer == "core.consumers.ws_connect", "the worker still runs what it has loaded"
        live.lab.restart_worker("worker-1").result(20)
        told = explain(live, "websocket.connect", {"path": "/chat/lobby/"})
        assert told.is_default
        live.lab.use_consumers("x = 1\n")
        assert "your own project" in live.until_event(e.VerbFailed, verb="use_consumers").reason
