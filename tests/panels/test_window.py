# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window with the real live system in it: real Redis, real processes, real clicks."""

from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QPushButton

from app.events import Selected
from app.lab import Lab
from app.settings import Settings
from panels.theme import Theme
from panels.window import Window

CAPTURES = Path(__file__).parent.parent.parent / "captures"
PATIENCE = 20_000  # milliseconds


@pytest.fixture(scope="module")
def lab():
    lab = Lab(Settings(port=0, workers=2, expiry=3))
    lab.start()
    yield lab
    lab.stop()
    lab.index.spool.close()


@pytest.fixture
def window(qtbot, lab):
    lab.set_up(workers=2, expiry=3).result(20)
    lab.inbox.take()
    theme = Theme("dark")
    theme.apply(QApplication.instance())
    window = Window(lab, theme, remembers=False)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    lab.set_up(workers=2, expiry=3, clients=["ada", "bob"])
    wait(qtbot, lambda: workers(window) == {"worker-1": "idle", "worker-2": "idle"})
    wait(qtbot, lambda: names(window) == {"ada", "bob"})
    return window


def wait(qtbot, condition):
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def workers(window):
    return {name: worker.status for name, worker in window.live.store.state.workers.items()}


def names(window):
    return {c.name for c in window.live.store.state.connections.values() if c.name and not c.closed}


def queue(window):
    return window.live.store.state.channel_of("websocket.receive")


def badge(window):
    """The count beside the Redis tab."""
    label = window.bench.tabs.tabButton(2, window.bench.tabs.RightSide)
    return label.text() if label else ""


def click(qtbot, window, name):
    """Click the one button of that name that is to be seen and can be clicked."""

    def buttons():
        every = window.findChildren(QPushButton)
        return [b for b in every if name in (b.text(), b.accessibleName()) and b.isVisible() and b.isEnabled()]

    wait(qtbot, lambda: len(buttons()) == 1)
    qtbot.mouseClick(buttons()[0], Qt.LeftButton)


def click_on_stage(qtbot, window, name):
    canvas = window.stage.canvas
    wait(qtbot, lambda: canvas.spot(name))
    qtbot.mouseClick(canvas, Qt.LeftButton, pos=canvas.spot(name).rect.center().toPoint())


def test_that_a_worker_is_killed_in_the_window_and_a_message_expires_before_everybodys_eyes(qtbot, window, lab):
    click_on_stage(qtbot, window, "worker:worker-1/KILL")
    wait(qtbot, lambda: workers(window)["worker-1"] == "killed")
    assert workers(window)["worker-2"] == "idle"
    click(qtbot, window, "Kill all workers")
    wait(qtbot, lambda: workers(window)["worker-2"] == "killed")
    lab.send_text("bob", "anyone there?")
    wait(qtbot, lambda: len(queue(window).waiting) == 1)
    wait(qtbot, lambda: badge(window) == "1")
    wait(qtbot, lambda: len(queue(window).ghosts) == 1)
    wait(qtbot, lambda: badge(window) == "")
    click(qtbot, window, "Start workers")
    wait(qtbot, lambda: set(workers(window).values()) == {"idle"})
    wait(qtbot, lambda: not queue(window).ghosts)


def test_that_a_frame_selected_in_the_wire_is_taken_apart_in_the_inspector(qtbot, window, lab):
    lab.send_text("ada", "take me apart")
    index = window.live.store.index

    def frame():
        rows = (row for row in reversed(index.rows) if index.row(row).masked)
        return next((row for row in rows if b"take me apart" in index.preview(row)), None)

    wait(qtbot, lambda: frame() is not None)
    window.wire.select("frame", str(frame()))
    wait(qtbot, lambda: "ada → server" in text_of(window.inspector))
    wait(qtbot, lambda: "took it after" in text_of(window.inspector))


def text_of(widget):
    from PyQt5.QtWidgets import QLabel

    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_that_the_redis_tab_shows_the_keys_while_it_is_in_front(qtbot, window):
    window.bench.bring_up(window.redis)
    wait(qtbot, lambda: window.live.store.state.keys)
    assert any(key.name == "asgi::group:chat-lobby" for key in window.live.store.state.keys.keys)
    window.bench.bring_up(window.wire)


def test_that_a_capture_takes_the_place_of_the_live_system_and_gives_it_back(qtbot, window):
    window.open_capture(CAPTURES / "talk-frame-5.pcap")
    wait(qtbot, lambda: window.wire.table.model().rowCount() == 2)  # that it was open already, and the frame
    assert window.top.currentWidget() is window.capture_head
    assert "talk-frame-5.pcap" in text_of(window.capture_head)
    window.wire.select("frame", "0")
    wait(qtbot, lambda: "55 bytes" in text_of(window.inspector))
    click(qtbot, window, "← Back to live")
    assert window.top.currentWidget() is window.stage
    wait(qtbot, lambda: names(window) == {"ada", "bob"})


def test_that_all_tabs_have_room_again_after_a_capture(qtbot, window):
    tabs = window.bench.tabs
    window.open_capture(CAPTURES / "talk-frame-5.pcap")
    wait(qtbot, lambda: tabs.width() <= tabs.tabRect(1).right() + 1)
    window.close_capture()
    wait(qtbot, lambda: tabs.width() > tabs.tabRect(tabs.count() - 1).right())


def test_that_a_filter_lets_frames_pass_that_the_check_of_the_file_found(qtbot, window):
    window.open_capture(CAPTURES / "chat.pcap")
    wait(qtbot, lambda: window.wire.store.state.capture and window.wire.store.state.capture.finished)
    window.wire.filter_line.setText('violations contains "WS-10"')
    window.wire.filter_line.apply()
    wait(qtbot, lambda: window.wire.model.rowCount() == 0)
    window.wire.store.index.add_violations(3, ("WS-10",))  # as the check does
    window.capture_head.checked.emit()
    wait(qtbot, lambda: window.wire.model.rowCount() == 1)
    assert window.wire.rows.item(0) == 3
    window.wire.filter_line.setText("")
    window.wire.filter_line.apply()
    window.close_capture()


def test_that_a_file_that_is_no_capture_is_said_in_a_notice(qtbot, window):
    window.open_capture(Path(__file__))
    wait(qtbot, lambda: "expected a capture file" in text_of(window.stage))


def test_that_the_lesson_is_walked_through_with_its_buttons(qtbot, window):
    click(qtbot, window, "Start: Kill the worker")
    wait(qtbot, lambda: names(window) == {"bob"} and workers(window) == {"worker-1": "idle"})
    for number, name in enumerate(["Send as Bob", "Kill all workers"]):
        wait(qtbot, lambda n=number: window.lesson.session.walk.number == n)
        click(qtbot, window.lesson, name)
        wait(qtbot, lambda: window.lesson.page.next.isEnabled())
        qtbot.mouseClick(window.lesson.page.next, Qt.LeftButton)
    assert window.lesson.session.walk.number == 2
    assert not window.lesson.page.next.isEnabled()
    click(qtbot, window, "All lessons")


def test_that_the_theme_changes_while_it_runs(qtbot, window):
    dark = window.grab().toImage().pixelColor(5, 5).lightness()
    click(qtbot, window, "Dark or light theme")
    light = window.grab().toImage().pixelColor(5, 5).lightness()
    assert dark < 60 < 200 < light


def test_that_the_layout_can_be_put_back(qtbot, window):
    window.docks["inspector"].hide()
    window.docks["lesson"].setFloating(True)
    window.reset_layout()
    assert window.docks["inspector"].isVisible()
    assert not window.docks["lesson"].isFloating()


def selected(window):
    return window.wire.store.state.selected


def test_that_a_lesson_selects_the_newest_such_frame_in_the_window(qtbot, window):
    window.lab.send_text("bob", "look at this")
    window.guide.inspect("frame", direction="client", opcode="TEXT", field="opcode")
    wait(qtbot, lambda: selected(window) and selected(window).field == "opcode")
    row = window.live.store.index.row(int(selected(window).item))
    assert (row.direction, row.opcode, row.masked) == ("client", 1, True)
    assert (selected(window).direction, selected(window).opcode) == ("client", "TEXT")
    wait(qtbot, lambda: window.inspector.view.kind == "frame" and window.inspector.view.isVisible())


def test_that_frames_wanted_before_they_came_are_selected_in_the_order_in_which_they_were_wanted(qtbot, window):
    told = []
    window.live.advanced.connect(lambda since: told.extend(window.live.store.since(since)))
    for field in ("fin", "opcode", "mask"):
        window.guide.inspect("frame", direction="client", opcode="TEXT", field=field)
        qtbot.wait(30)  # milliseconds; each looks for the frame at a time of its own
    window.guide.inspect("connection", field="accept")
    window.lab.send_text("bob", "late")
    wait(qtbot, lambda: selected(window) and selected(window).kind == "connection")
    assert [event.field for event in told if isinstance(event, Selected)] == ["fin", "opcode", "mask", "accept"]


def test_that_a_lesson_is_told_when_there_is_no_such_frame(qtbot, window):
    told = []
    window.live.advanced.connect(lambda since: told.extend(window.live.store.since(since)))
    window.guide.inspect("frame", opcode="BINARY")
    wait(qtbot, lambda: any(getattr(event, "reason", "") == "there is no BINARY frame" for event in told))


def test_that_a_lesson_opens_a_capture_sees_what_is_selected_there_and_closes_it(qtbot, window):
    looked = []
    window.lesson.look = looked.extend
    window.guide.show_capture("chat.pcap")
    wait(qtbot, lambda: any(getattr(event, "name", "") == "chat.pcap" for event in looked))
    window.guide.inspect("frame", opcode="PING")
    wait(qtbot, lambda: any(getattr(event, "opcode", "") == "PING" for event in looked))
    window.guide.show_panels(["stage"])
    assert window.top.currentWidget() is window.stage


def test_that_space_stops_everything_and_lets_it_go_on_but_not_while_somebody_types(window, qtbot):
    window.redis.console.line.setFocus()
    window.bench.bring_up(window.redis)
    qtbot.keyClick(window.redis.console.line, Qt.Key_Space)
    assert window.redis.console.line.text() == " "
    window.stage.canvas.setFocus()
    qtbot.keyClick(window.stage.canvas, Qt.Key_Space)
    wait(qtbot, lambda: window.transport.live.text().startswith("❚❚ Frozen"))
    window.stage.lab.send_text("ada", "held")
    wait(qtbot, lambda: window.live.store.state.gates)
    window.transport.freezing.step.click()
    wait(qtbot, lambda: queue(window).waiting)
    qtbot.keyClick(window.stage.canvas, Qt.Key_Space)
    wait(qtbot, lambda: window.transport.live.text() == "● Live" and not queue(window).waiting)


def test_that_reset_clears_frames_events_ledger_and_tables(qtbot, window, lab):
    lab.send_text("ada", "before")
    store = window.live.store
    wait(qtbot, lambda: any(b"before" in store.index.preview(row) for row in store.index.rows))
    wait(qtbot, lambda: window.wire.model.rowCount() > 4)
    window.wire.select("frame", str(store.index.start))
    wait(qtbot, lambda: store.state.selected)
    window.travel.step(-1)  # and somebody looks at the past
    wait(qtbot, lambda: window.transport.back.isVisible())
    before, end = sum(store.state.fates.values()), store.index.end
    assert before
    lab.reset()
    wait(qtbot, lambda: store.start > 0 and store.is_live)
    assert (len(store.index), store.index.dropped) == (0, 0)
    assert store.index.start >= end  # no row gets a number again
    assert sum(store.state.fates.values()) == 0
    assert window.wire.model.rowCount() == 0
    assert window.wire.count.text() == "0 rows"
    wait(qtbot, lambda: window.transport.back.isHidden())
    wait(qtbot, lambda: workers(window) == {"worker-1": "idle", "worker-2": "idle"})
    assert window.timeline.density.start == store.since(0)[0].t
    assert [marker.sort for marker in window.timeline.markers].count("run") == 1
    for panel in (window.journal, window.ladder, window.workers):
        window.bench.bring_up(panel)
        wait(qtbot, lambda panel=panel: panel.isVisible() and panel not in window._stale)
    assert window.journal.rows.events[0] == store.since(0)[0]
    assert len(window.ladder.rows) == 0
    window.bench.bring_up(window.wire)
    wait(qtbot, lambda: window.wire.isVisible())
