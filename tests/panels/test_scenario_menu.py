# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario that is played from the menu of faults."""

from concurrent.futures import Future

import pytest

from app import events as e
from app.scenario import load_scenario, load_scenarios
from panels.stage import StagePanel
from tests.panels.live import NOW, LiveStand, client, sent, started, taken

FILE = """
title = "Two lines"
summary = "One is refused."
[setup]
clients = ["ada"]
[[do]]
verb = "send_text"
client = "ada"
text = "hello"
[[do]]
at = 0.1
verb = "kill_all_workers"
[expect]
delivered = 1
refused = {refused}
"""


@pytest.fixture
def stage(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1))
    stage = live.show(StagePanel)
    done = Future()
    done.set_result(None)
    live.lab.set_up = lambda **setup: live.lab.calls.append(("set_up", setup)) or done
    stage.live = live
    return stage


def play(stage, qtbot, tmp_path, refused):
    file = tmp_path / "two.toml"
    file.write_text(FILE.format(refused=refused))
    stage.scenarios.play(load_scenario(file))
    qtbot.waitUntil(lambda: ("kill_all_workers",) in stage.live.lab.calls)
    finished = e.ConsumerFinished(t=NOW, source="worker-1", worker="worker-1", key=f"{1:032x}", seconds=0.1)
    refusal = e.MessageRefused(t=NOW, source="server", channel="websocket.receive", reason="full")
    stage.live.feed(sent(1), taken(1), finished, refusal)
    qtbot.waitUntil(lambda: "as expected" in stage.notice.label.text())
    return stage.notice.label.text()


def test_that_its_actions_are_done_and_the_ledger_says_how_it_ended(stage, qtbot, tmp_path):
    assert play(stage, qtbot, tmp_path, 1) == "Two lines: as expected: 1 delivered, 1 refused"
    verbs = [call[0] for call in stage.live.lab.calls]
    assert verbs == ["set_up", "send_text", "kill_all_workers"]


def test_that_what_is_not_as_expected_is_said(stage, qtbot, tmp_path):
    assert play(stage, qtbot, tmp_path, 2) == "Two lines: not as expected: 1 refused, expected 2"


def test_that_the_menu_has_all_that_come_with_the_program(stage):
    menu = stage.controls.scenario_menu
    menu.aboutToShow.emit()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == [one.title for one in load_scenarios()]
    menu.actions()[0].trigger()
    assert stage.live.lab.calls[0][0] == "set_up"
    stage.scenarios._timer.stop()
