# SPDX-License-Identifier: GPL-3.0-or-later
"""A session file in the window: opened, played, travelled through, and closed; nothing of it can be killed."""

from contextlib import closing

import pytest
from PyQt5.QtCore import Qt

from app import events as e
from app.capture.reader import CaptureReader
from app.session import save_session
from panels.travel import BEAT
from tests.panels.chat import Chat
from tests.panels.test_travel import settle, window  # noqa: F401 - a fixture


@pytest.fixture
def file(tmp_path):
    chat = Chat().begin(workers=2)
    chat.connect("c1", "ada")
    chat.connect("c2", "bob")
    for number in range(3):
        chat.chat("c1", f"line {number}", "c2")
        chat.t += 0.2
    chat.say("c2", "nobody reads this")
    path = tmp_path / "talk.cscope"
    save_session(path, chat.store)
    return path


@pytest.fixture
def opened(window, file, qtbot):  # noqa: F811
    assert window.open_capture(file)
    source, pump = window.session._shown
    qtbot.waitUntil(lambda: not source.is_reading)
    pump.drain()
    settle(window)
    return window


def names(window):  # noqa: F811
    return sorted(one.name for one in window.wire.store.state.connections.values())


def test_that_a_session_file_fills_the_whole_window(opened):
    assert names(opened) == ["ada", "bob"]
    assert len(opened.wire.rows) > 5
    assert opened.transport.live.text() == "◼ Session"
    assert opened.stage.store is opened.inspector.store is opened.timeline.store is opened.travel.store
    assert opened.stage.store is not opened.live.store


def test_that_time_stands_still_at_the_end_of_a_file(opened):
    assert opened.travel.now == opened.wire.store.newest_since(0)[-1].t


def test_that_it_can_be_played_from_its_beginning(opened, qtbot):
    opened.travel.set_speed(4.0)
    qtbot.mouseClick(opened.transport.play, Qt.LeftButton)
    assert opened.travel.is_playing
    assert opened.transport.play.text() == "❚❚ Pause"
    started = len(opened.wire.rows)
    qtbot.waitUntil(lambda: opened.travel.store.is_live, timeout=BEAT * 300)
    settle(opened)
    assert len(opened.wire.rows) > started
    assert not opened.travel.is_playing
    assert opened.transport.play.text() == "▶ Play"


def test_that_nothing_of_a_file_can_be_killed(opened):
    opened.stage.controls.kill_all.emit()
    assert ("kill_all_workers",) not in opened.lab.calls
    failed = [event for event in opened.lab.inbox.take() if isinstance(event, e.VerbFailed)]
    assert "session from a file" in failed[0].reason


def test_that_a_verb_in_the_past_leads_back_to_now_first(window):  # noqa: F811
    window.travel.step(-1)
    window.stage.controls.kill_all.emit()
    assert window.live.store.is_live
    assert ("kill_all_workers",) in window.lab.calls


def test_that_escape_leads_back_to_the_live_system(opened, qtbot):
    qtbot.mouseClick(opened.transport.back, Qt.LeftButton)
    settle(opened)
    assert opened.stage.store is opened.live.store
    assert opened.transport.live.text() == "● Live"
    assert not opened.transport.play.isVisible()


def test_that_the_live_session_goes_on_behind_a_file(opened):
    before = opened.live.store.end
    opened.lab.inbox.put(e.LogLine(t=1.0, source="worker-1", text="still here"))
    opened.live.drain()
    assert opened.live.store.end == before + 1
    assert opened.travel.store.end != opened.live.store.end


def test_that_a_file_that_is_none_is_said(window, tmp_path):  # noqa: F811
    path = tmp_path / "x.cscope"
    path.write_text("hello")
    assert not window.open_capture(path)
    failed = [event for event in window.lab.inbox.take() if isinstance(event, e.VerbFailed)]
    assert "expected a channelscope recording" in failed[0].reason


def test_that_a_file_cut_off_opens_as_far_as_it_is_whole_and_says_what_is_missing(window, file, qtbot):  # noqa: F811
    data = file.read_bytes()
    for part in (0.5, 0.7, 0.9):
        file.write_bytes(data[: int(len(data) * part)])
        assert window.open_capture(file)
        source, pump = window.session._shown
        qtbot.waitUntil(lambda source=source: not source.is_reading)
        pump.drain()
        settle(window)
        assert names(window)
        assert window.stage.notice.isVisible()
        assert "talk.cscope: cut off after" in window.stage.notice.label.text()
        assert "what came after is missing" in window.stage.notice.label.text()
        assert window.timeline._scale().end - window.timeline._scale().start <= 31, "not until today"
    file.write_bytes(data[:60])
    assert not window.open_capture(file)
    failed = [event for event in window.lab.inbox.take() if isinstance(event, e.VerbFailed)]
    assert "nothing of it can be read" in failed[0].reason


def test_that_the_live_session_can_be_saved(window, tmp_path, qtbot):  # noqa: F811
    window.session.save(tmp_path / "mine.cscope")
    assert "events of this session are in mine.cscope" in window.transport.notice.label.text()
    window.open_capture(tmp_path / "mine.cscope")
    source, pump = window.session._shown
    qtbot.waitUntil(lambda: not source.is_reading)
    pump.drain()
    assert window.travel.store.state.fates == window.live.store.state.fates


def test_that_a_folder_that_is_not_there_is_said(window, tmp_path):  # noqa: F811
    window.session.save(tmp_path / "nowhere" / "mine.cscope")
    failed = [event for event in window.lab.inbox.take() if isinstance(event, e.VerbFailed)]
    assert "mine.cscope was not written: No such file" in failed[0].reason


def test_that_the_packets_of_a_session_can_be_saved(opened, tmp_path, qtbot):
    assert opened.transport.save_as.isVisible()
    assert not opened.transport.save_as.session.isEnabled(), "it is a file already"
    opened.packets.write(tmp_path / "mine.pcapng")
    qtbot.waitUntil(lambda: not opened.packets.is_writing)
    frames = len(opened.travel.store.index)
    assert f"{frames} WebSocket frames among them, are in mine.pcapng" in opened.transport.notice.label.text()
    with closing(CaptureReader(tmp_path / "mine.pcapng", {})) as reader:
        for _ in reader.batches():
            pass
        assert len(reader.index) == frames


def test_that_packets_that_cannot_be_written_are_told(window, tmp_path, qtbot):  # noqa: F811
    window.packets.write(tmp_path / "nowhere" / "mine.pcapng")
    qtbot.waitUntil(lambda: not window.packets.is_writing)
    failed = [event for event in window.lab.inbox.take() if isinstance(event, e.VerbFailed)]
    assert "mine.pcapng was not written: No such file" in failed[0].reason


def test_that_the_menu_beside_save_asks_for_either(window, qtbot):  # noqa: F811
    window.transport.save_as.packets.trigger()
    assert window.packets.dialog.windowTitle() == "Save packets for Wireshark"
    window.packets.dialog.close()
    window.transport.save_as.session.trigger()
    assert window.session._dialog.windowTitle() == "Save session"
    window.session._dialog.close()
