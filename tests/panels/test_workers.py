# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers one by one, and what processes say."""

import pytest
from PyQt5.QtCore import QPoint, Qt

from app import events as e
from panels.log_view import LINE_LIMIT, Line, LogView
from panels.workers import WorkersPanel
from tests.panels.live import NOW, LiveStand, key, killed, started

TRACEBACK = "Traceback (most recent call last):\n  File chat.py, line 3\nValueError: no\n"


@pytest.fixture
def live(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.feed(*started())
    return stand


@pytest.fixture
def panel(live):
    return live.show(WorkersPanel, 788, 440)


def line(text, source="worker-1", level="info"):
    return e.LogLine(t=NOW, source=source, text=text, level=level)


def consumer(kind, worker="worker-1", **fields):
    return kind(t=NOW, source=worker, worker=worker, key=key(1), **fields)


def visible(row):
    return [verb for verb, button in row.buttons.items() if not button.isHidden()]


def log(panel):
    return panel.log.toPlainText().splitlines()


def test_that_a_row_tells_who_a_worker_is_and_what_it_did(live, panel):
    live.feed(
        consumer(e.ConsumerStarted, channel="websocket.receive", consumer="chat.ws_receive"),
        consumer(e.ConsumerFailed, consumer="chat.ws_receive", error="no", traceback=TRACEBACK),
    )
    cells = {title: label.text() for title, label in panel.table.rows["worker-1"].cells.items()}
    assert cells == {
        "worker": "worker-1",
        "pid": "4311",
        "state": "idle",
        "handled": "1 done",
        "failed": "1 failed",
    }


def test_that_the_buttons_signal_the_worker(live, panel, qtbot):
    row = panel.table.rows["worker-2"]
    assert visible(row) == ["KILL", "TERM", "STOP"]
    for verb in visible(row):
        qtbot.mouseClick(row.buttons[verb], Qt.LeftButton)
    assert [call for call in live.lab.calls if call[0] == "signal_worker"] == [
        ("signal_worker", "worker-2", "KILL"),
        ("signal_worker", "worker-2", "TERM"),
        ("signal_worker", "worker-2", "STOP"),
    ]


def test_that_a_dead_worker_can_only_be_restarted(live, panel, qtbot):
    live.feed(killed(1))
    row = panel.table.rows["worker-1"]
    assert visible(row) == ["RESTART"]
    assert row.cells["state"].text().startswith("killed")
    qtbot.mouseClick(row.buttons["RESTART"], Qt.LeftButton)
    assert live.lab.calls == [("restart_worker", "worker-1")]


def test_that_a_stopped_worker_can_go_on(live, panel):
    live.feed(e.WorkerStopped(t=NOW, source="lab", worker="worker-1"))
    assert visible(panel.table.rows["worker-1"]) == ["KILL", "TERM", "CONT"]


def test_that_the_message_at_hand_can_be_selected(live, panel, qtbot):
    live.feed(consumer(e.ConsumerStarted, channel="websocket.receive", consumer="chat.ws_receive"))
    lane = panel.table.rows["worker-1"].lane
    qtbot.mouseClick(lane, Qt.LeftButton, pos=QPoint(lane.width() - 2, lane.height() // 2))
    assert (live.gestures()[-1].kind, live.store.state.selected.item) == ("run", key(1))


def test_that_the_log_merges_what_all_processes_say(live, panel):
    live.feed(line("printed by a consumer"), line("accepted", "server"), killed(3))
    assert [text[14:] for text in log(panel)[-3:]] == [
        "worker-1    printed by a consumer",
        "server      accepted",
        "worker-3    ended by SIGKILL",
    ]


def test_that_a_failed_consumer_is_shown_with_its_traceback_in_the_bad_colour(live, panel, theme):
    live.feed(consumer(e.ConsumerFailed, consumer="chat.ws_receive", error="ValueError: no", traceback=TRACEBACK))
    assert "chat.ws_receive raised ValueError: no for message 00000000; the worker goes on" in log(panel)[-4]
    assert log(panel)[-1].endswith("ValueError: no")
    cursor = panel.log.textCursor()
    cursor.movePosition(cursor.End)
    assert cursor.charFormat().foreground().color() == theme.color("bad")


def test_that_the_log_can_be_narrowed_to_one_process_and_back(live, panel):
    live.feed(line("one"), line("two", "server"))
    panel.process.setCurrentText("server")
    assert all("server" in text for text in log(panel))
    live.feed(line("three"), line("four", "server"))
    assert log(panel)[-1].endswith("four")
    assert not any(text.endswith("three") for text in log(panel))
    panel.process.setCurrentIndex(0)
    assert any(text.endswith("three") for text in log(panel))


def test_that_lines_that_stay_look_as_if_all_had_been_written_anew(qtbot, theme):
    levels = ("info", "error", "good")
    lines = [Line(NOW + n, f"worker-{n % 3}", f"line {n}", levels[n % 3]) for n in range(LINE_LIMIT + 9)]
    parts = (0, 30), (0, 12), (0, 12), (0, 40), (3, 40), (0, 0), (0, 1), (0, LINE_LIMIT + 5), (0, LINE_LIMIT + 9)
    kept = LogView(theme)
    qtbot.addWidget(kept)
    for first, last in parts:
        anew = LogView(theme)
        qtbot.addWidget(anew)
        for log_view in (kept, anew):
            log_view.show_only(lines[first:last])
        assert list(kept.lines) == list(anew.lines) == lines[first:last][-LINE_LIMIT:]
        assert kept.toHtml() == anew.toHtml()
        if last < 100:  # Qt lays longer texts out by and by
            assert kept.grab().toImage() == anew.grab().toImage()


def test_that_the_log_is_bounded(live, panel):
    live.feed(*(line(f"line {number}") for number in range(LINE_LIMIT + 50)))
    assert len(log(panel)) == LINE_LIMIT
    assert log(panel)[-1].endswith(f"line {LINE_LIMIT + 49}")


def test_that_the_log_moves_only_while_its_end_is_visible(live, panel):
    live.feed(*(line(f"line {number}") for number in range(100)))
    bar = panel.log.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    live.feed(line("later"))
    assert bar.value() == 10


def test_that_a_lesson_can_point_at_a_worker(live, panel):
    panel.highlight(frozenset({"worker-2"}))
    assert panel.table.rows["worker-2"].property("pointed") == "true"
    assert panel.table.rows["worker-1"].property("pointed") == "false"


def test_that_workers_of_an_earlier_run_are_gone(live, panel):
    live.feed(*started(workers=1))
    assert list(panel.table.rows) == ["worker-1"]
