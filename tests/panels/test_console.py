# SPDX-License-Identifier: GPL-3.0-or-later
"""The console of the Redis tab."""

import pytest
from PyQt5.QtCore import QPoint, QSettings, Qt
from PyQt5.QtGui import QTextCursor

from app import events as e
from panels.redis_keys import RedisPanel
from tests.panels.live import NOW, LiveStand, client, expired, key, sent, started


@pytest.fixture
def live(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.feed(*started(), *client(1))
    return stand


@pytest.fixture
def panel(live, qtbot):
    panel = live.show(RedisPanel, 788, 440)
    live.feed(
        e.KeysSeen(
            t=NOW,
            source="redis",
            total=2,
            keys=(
                e.KeySeen(name="asgi:websocket.receive", kind="queue", type="list", size=2, ttl=50.0),
                e.KeySeen(name=f"asgi:{key(1)}", kind="body", type="string", size=9, ttl=50.0),
            ),
        )
    )
    panel.console.line.setFocus()
    live.lab.calls.clear()
    return panel


def ran(command, answer, **fields):
    return e.CommandRun(t=NOW, source="console", command=command, verb=command.split()[0], answer=answer, **fields)


def enter(panel, line, qtbot):
    panel.console.line.setText(line)
    qtbot.keyClick(panel.console.line, Qt.Key_Return)


def click_text(panel, text, qtbot):
    """Click where the text stands in the transcript."""
    transcript = panel.console.transcript
    cursor = transcript.document().find(text)
    assert not cursor.isNull(), transcript.toPlainText()
    cursor.setPosition(cursor.selectionStart() + 2)
    transcript.setTextCursor(QTextCursor(transcript.document()))
    qtbot.mouseClick(transcript.viewport(), Qt.LeftButton, pos=transcript.cursorRect(cursor).center() + QPoint(1, 0))


def test_that_a_line_is_run_and_its_answer_shown(live, panel, qtbot):
    assert panel.console.transcript.isHidden()
    enter(panel, " keys * ", qtbot)
    assert live.lab.calls == [("run_command", "keys *", False)]
    assert panel.console.line.text() == ""
    live.feed(ran("keys *", '1) "asgi:websocket.receive"'))
    assert panel.console.transcript.toPlainText() == 'redis › keys *\n1) "asgi:websocket.receive"'
    assert panel.console.transcript.isVisible()


def test_that_arrows_bring_back_earlier_lines_and_the_one_begun(panel, qtbot):
    for line in ("keys *", "ttl x", "ttl x"):
        enter(panel, line, qtbot)
    line = panel.console.line
    line.setText("get ")
    seen = []
    for step in (Qt.Key_Up, Qt.Key_Up, Qt.Key_Up, Qt.Key_Down, Qt.Key_Down):
        qtbot.keyClick(line, step)
        seen.append(line.text())
    assert seen == ["ttl x", "keys *", "keys *", "ttl x", "get "]


def test_that_lines_are_kept_between_two_starts(panel, qtbot, tmp_path, theme, live):
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.IniFormat)
    panel.console.line.history.use(settings)
    enter(panel, "dbsize", qtbot)
    settings.sync()
    again = RedisPanel(live.store, live.lab, theme)
    qtbot.addWidget(again)
    again.console.line.history.use(QSettings(str(tmp_path / "kept.ini"), QSettings.IniFormat))
    qtbot.keyClick(again.console.line, Qt.Key_Up)
    assert again.console.line.text() == "dbsize"


def test_that_tab_completes_commands_and_keys_and_offers_a_choice(panel, qtbot):
    line = panel.console.line
    line.setText("lra")
    qtbot.keyClick(line, Qt.Key_Tab)
    assert line.text() == "lrange "
    qtbot.keyClick(line, Qt.Key_Tab)
    assert line.text() == "lrange asgi:websocket.receive"
    line.setText("ttl ")
    qtbot.keyClick(line, Qt.Key_Tab)
    qtbot.keyClick(line, Qt.Key_Tab)
    popup = line._chooser.popup()
    assert popup.isVisible()
    assert line.text() == "ttl asgi:"
    qtbot.keyClick(popup, Qt.Key_Down)
    qtbot.keyClick(popup, Qt.Key_Return)
    assert line.text() == "ttl asgi:websocket.receive"


def test_that_tab_goes_on_where_there_is_nothing_to_complete(panel, qtbot):
    qtbot.keyClick(panel.console.line, Qt.Key_Tab)
    assert not panel.console.line.hasFocus()


def test_that_what_is_typed_is_helped(panel):
    panel.console.line.setText("ttl ")
    assert panel.console.help.text().startswith("ttl key · Seconds until Redis deletes it")
    panel.console.line.setText("monitor")
    assert "not for this console" in panel.console.help.text()


@pytest.mark.parametrize(("button", "runs"), [("do", [("run_command", "flushdb", True)]), ("leave", [])])
def test_that_it_asks_before_something_is_deleted(live, panel, qtbot, button, runs):
    enter(panel, "flushdb", qtbot)
    assert panel.console.question.isVisible()
    assert live.lab.calls == []
    qtbot.mouseClick(getattr(panel.console.question, button), Qt.LeftButton)
    assert live.lab.calls == runs
    assert panel.console.question.isHidden()
    assert panel.console.line.hasFocus()


def test_that_enter_alone_deletes_nothing(live, panel, qtbot):
    enter(panel, "flushdb", qtbot)
    qtbot.keyClick(panel.console.question.leave, Qt.Key_Return)
    assert live.lab.calls == []


def test_that_a_redis_of_somebody_else_refuses_without_a_question(live, panel, qtbot):
    panel.console.is_own = False
    enter(panel, "flushdb", qtbot)
    assert live.lab.calls == [("run_command", "flushdb", False)]


def test_that_a_click_on_a_key_selects_it_everywhere(live, panel, qtbot):
    live.feed(ran("lrange asgi:websocket.receive 0 -1", f'1) "asgi:{key(1)}"', channel="websocket.receive"))
    click_text(panel, f"asgi:{key(1)}", qtbot)
    click_text(panel, "asgi:websocket.receive", qtbot)
    assert [(one.kind, one.item) for one in live.gestures()] == [("message", key(1)), ("channel", "websocket.receive")]
    assert panel.table.currentIndex().row() == 1


def test_that_a_key_with_signs_in_its_name_can_be_clicked(live, panel, qtbot):
    live.feed(ran("keys *", '1) "asgi-meta:#global#:messages_count"'))
    click_text(panel, "asgi-meta:", qtbot)
    assert [(one.kind, one.item) for one in live.gestures()] == [("key", "asgi-meta:#global#:messages_count")]


def test_that_an_entry_says_whose_it_is_and_that_it_is_a_ghost(live, panel):
    live.feed(sent(1), sent(2), expired(2))
    live.feed(ran("lrange asgi:websocket.receive 0 -1", f'1) "asgi:{key(1)}"\n2) "asgi:{key(2)}"'))
    lines = panel.console.transcript.toPlainText().split("\n")
    assert lines[1].endswith('"  ← from ada')
    assert lines[2].endswith("← from ada, a ghost: its body has expired")


def test_that_a_body_can_be_decoded_by_a_click(live, panel, qtbot):
    live.feed(ran(f"get asgi:{key(1)}", r'"\x81\xa4text\xa2hi"', key=key(1)))
    click_text(panel, "decode it", qtbot)
    assert live.lab.calls == [("run_command", f"decode asgi:{key(1)}", False)]


def test_that_answers_are_selectable_and_stay_in_another_theme(live, panel, theme):
    live.feed(ran("ping", "PONG"))
    panel.restyle()
    panel.console.transcript.selectAll()
    assert panel.console.transcript.textCursor().selectedText() == "redis › ping\u2029PONG"


def test_that_going_back_takes_back_what_was_typed_later(live, panel):
    live.feed(ran("ping", "PONG"))
    live.store.seek(live.store.end - 1)
    panel.reset()
    assert panel.console.transcript.toPlainText() == ""


def test_that_the_command_of_what_is_selected_is_shown_and_run(live, panel, qtbot):
    foot = panel.foot
    assert [one.text() for one in foot.buttons if one.isVisible()] == ["keys *"]
    live.feed(e.Selected(t=NOW, source="window", kind="channel", item="websocket.receive"))
    assert [one.text() for one in foot.buttons] == ["lrange … 0 -1", "llen …", "ttl …"]
    qtbot.mouseClick(foot.buttons[0], Qt.LeftButton)
    assert live.lab.calls == [("run_command", "lrange asgi:websocket.receive 0 -1", False)]


def test_that_a_key_of_no_meaning_can_be_selected_too(live, panel):
    other = e.KeySeen(name="foo", kind="other", type="hash", size=1, ttl=-1)
    live.feed(e.KeysSeen(t=NOW, source="redis", keys=(other,), total=1))
    panel.select_key("foo")
    live.gestures()
    assert panel.table.currentIndex().row() == 1
    assert panel.foot.buttons[0].toolTip() == "type foo"
