# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "Code": the demo's consumers are looked at, edited, checked and run."""

import re

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QTextCursor
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app import events as e
from app import versions
from panels.code import CodePanel
from panels.code.failures import Failures
from tests.panels.live import LiveStand, key, sent, started, taken

CONSUMERS = "app.demo.consumers"


@pytest.fixture
def stand(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.lab.settings.django_settings = "app.demo.settings"
    stand.store.extend(started())
    stand.show(CodePanel, width=700, height=400)
    return stand


@pytest.fixture
def desk(stand):
    return stand.panel.desk


def status(desk):
    return re.sub("<[^>]+>", "", desk.status.text()).replace("&#x27;", "'")


def line_at(desk):
    return desk.editor.textCursor().block().text()


def replace(desk, old, new):
    assert old in desk.editor.toPlainText()
    desk.editor.show_text(desk.editor.toPlainText().replace(old, new))


def changed(**texts):
    version = versions.name_of(texts)
    return e.ConsumersChanged(t=1.0, source="lab", version=version, texts=texts)


def failed(line, error="KeyError: 'x'"):
    trace = f'File "/app/channels/x.py", line 3, in y\n  File "/run/code-2/consumers.py", line {line}, in ws_receive'
    return e.ConsumerFailed(
        t=1.0, source="worker-1", worker="worker-1", key=key(1), consumer=f"{CONSUMERS}.ws_receive", error=error,
        traceback=trace,
    )  # fmt: skip


def test_that_the_shipped_consumers_are_shown_and_run(desk):
    assert desk.editor.toPlainText() == versions.shipped("consumers")
    assert status(desk) == "✓ The workers run the shipped version. It is the text above."


def test_that_every_module_keeps_its_own_text_and_undoing(desk):
    desk.editor.insertPlainText("# mine\n")
    desk.open("drawing")
    assert desk.editor.toPlainText() == versions.shipped("drawing")
    desk.open("consumers")
    assert desk.editor.toPlainText().startswith("# mine\n")
    desk.editor.undo()
    assert desk.editor.toPlainText() == versions.shipped("consumers")


def test_that_what_was_edited_is_sent_with_all_that_differs(stand, desk):
    desk.open("routing")
    desk.editor.insertPlainText("# mine\n")
    desk.open("consumers")
    desk.editor.insertPlainText("# too\n")
    assert "your text, which does not run" in status(desk)
    desk.use.click()
    verb, text, module, others = stand.lab.calls[-1]
    assert (verb, module, set(others)) == ("use_consumers", "consumers", {"routing"})
    assert text.startswith("# too\n")
    assert not desk.use.isEnabled(), "it is being done"
    stand.feed(e.ConsumersChecked(t=1.0, source="routing", is_good=True, module="consumers"))
    stand.feed(changed(consumers=desk.drafts.text("consumers"), routing=desk.drafts.text("routing")))
    assert desk.use.isEnabled()
    assert "It is the text above" in status(desk)


def test_that_a_mistake_is_marked_while_one_types(desk, qtbot):
    replace(desk, "def ws_connect(message: Message, room: str)", "def ws_connect(message: Message room: str)")
    line = desk.editor.toPlainText().splitlines().index("def ws_connect(message: Message room: str) -> None:") + 1
    qtbot.waitUntil(lambda: f"consumers.py, line {line}" in status(desk))
    assert desk.editor.signs == {line: "bad"}
    desk.editor.undo()
    qtbot.waitUntil(lambda: not desk.editor.signs)


def test_that_what_cannot_be_loaded_is_shown_at_its_line_even_in_another_module(stand, desk):
    desk.check.click()
    assert stand.lab.calls[-1][0] == "check_consumers"
    stand.feed(
        e.ConsumersChecked(
            t=1.0, source="routing", is_good=False, module="consumers", error="AttributeError: no ws_connect",
            file="routing", line=17,
        )
    )  # fmt: skip
    assert desk.current == "routing"
    assert desk.editor.textCursor().blockNumber() + 1 == 17
    assert status(desk) == "✕ routing.py, line 17: AttributeError: no ws_connect. Nothing was restarted."


def test_that_the_talks_version_is_one_click_away_with_its_difference_and_the_way_back(stand, desk):
    desk.talk.click()
    assert "channel_session_user_from_http" in desk.editor.toPlainText()
    assert "the talk's text, which does not run" in status(desk)
    desk.difference.click()
    assert desk.pages.currentWidget() is desk.diff
    lines = desk.diff.toPlainText().splitlines()
    assert "+@channel_session_user_from_http" in lines
    assert "-@same_site" in lines
    assert {line[0] for number, line in enumerate(lines, 1) if number in desk.diff.marks} == {"+", "-", "@"}
    desk.shipped.click()
    assert "No difference" in desk.diff.toPlainText()
    assert desk.editor.toPlainText() == versions.shipped("consumers")
    desk.editor.undo()
    assert "channel_session_user_from_http" in desk.editor.toPlainText(), "nothing is lost"


def test_that_an_error_of_a_consumer_is_marked_at_its_line_and_counted(stand, desk):
    text = versions.shipped("consumers") + "\n"
    stand.feed(changed(consumers=text))
    stand.feed(failed(40))
    stand.feed(failed(40))
    assert desk.editor.signs == {40: "bad"}
    assert "consumers.py, line 40: ws_receive raised KeyError: 'x', 2 times" in status(desk)
    stand.feed(changed(consumers=text + "\n"))
    assert desk.editor.signs == {}


def test_that_the_consumer_of_a_selected_message_is_found(stand, desk):
    run = e.ConsumerStarted(
        t=1.0, source="worker-1", worker="worker-1", key=key(1), channel="websocket.receive",
        consumer="app.demo.drawing.ws_receive",
    )  # fmt: skip
    stand.feed(sent(1), taken(1), run)
    stand.feed(e.Selected(t=1.0, source="window", kind="message", item=key(1)))
    assert desk.current == "drawing"
    assert line_at(desk).startswith("def ws_receive(")
    desk.open("consumers")
    stand.feed(sent(2, channel="daphne.response.x!y", cause=key(1)))
    stand.feed(e.Selected(t=1.0, source="window", kind="message", item=key(2)))
    assert desk.current == "drawing", "of an answer, the consumer that sent it"


def test_that_a_version_somebody_else_put_in_place_is_shown_at_the_module_it_is_about(stand, desk):
    text = versions.shipped("routing") + "# a lesson's\n"
    stand.feed(e.ConsumersChecked(t=1.0, source="routing", is_good=True, module="routing"))
    stand.feed(changed(routing=text))
    assert (desk.current, desk.editor.toPlainText()) == ("routing", text)
    assert line_at(desk) == "# a lesson's"
    assert "It is the text above." in status(desk)
    assert "Take your text back" not in status(desk)


def test_that_a_reset_shows_the_shipped_text_and_ones_own_is_a_click_away(stand, desk):
    desk.editor.insertPlainText("# mine\n")
    mine = desk.drafts.text("consumers")
    desk.use.click()
    stand.feed(changed(consumers=mine))
    assert desk.editor.toPlainText() == mine
    stand.feed(*started(), changed())
    assert desk.editor.toPlainText() == versions.shipped("consumers")
    assert status(desk) == "✓ The workers run the shipped version. It is the text above. Take your text back"
    desk.status.linkActivated.emit("aside:0")
    assert desk.editor.toPlainText() == mine
    assert "The workers run the shipped version. Above is your text, which does not run." in status(desk)


def test_that_a_moment_of_the_past_shows_its_texts_and_coming_back_those_of_now(stand, desk):
    mine = versions.shipped("consumers") + "# mine\n"
    first = stand.store.end
    stand.feed(changed(consumers=mine))
    stand.store.seek(first)
    stand.panel.reset()
    assert desk.editor.toPlainText() == versions.shipped("consumers")
    stand.store.seek(None)
    stand.panel.reset()
    assert desk.editor.toPlainText() == mine
    assert "Take your text back" not in status(desk)


def test_that_what_is_typed_while_workers_are_restarted_stays(stand, desk):
    desk.editor.insertPlainText("# mine\n")
    desk.use.click()
    sent_text = desk.drafts.text("consumers")
    desk.editor.insertPlainText("# and more\n")
    stand.feed(changed(consumers=sent_text))
    assert "# and more" in desk.editor.toPlainText()
    desk.open("drawing")
    assert "In Chat is your text, which does not run." in status(desk)


def test_that_workers_of_different_versions_are_told_apart(stand, desk):
    stand.feed(e.WorkerStarted(t=1.0, source="lab", worker="worker-1", pid=9, version="talk"))
    assert "worker-1: the talk's version" in status(desk)
    assert "worker-2, worker-3: the shipped version" in status(desk)


def test_that_what_could_not_be_done_is_said(stand, desk):
    desk.use.click()
    stand.feed(e.VerbFailed(t=1.0, source="lab", verb="use_consumers", reason="it is away"))
    assert status(desk) == "✕ it is away"
    assert desk.use.isEnabled()


def test_that_enter_keeps_the_indentation_and_tab_is_four_spaces(desk):
    desk.editor.show_text("def f():")
    desk.editor.moveCursor(QTextCursor.End)
    QTest.keyClick(desk.editor, Qt.Key_Return)
    QTest.keyClicks(desk.editor, "pass")
    QTest.keyClick(desk.editor, Qt.Key_Return)
    QTest.keyClick(desk.editor, Qt.Key_Tab)
    assert desk.editor.toPlainText() == "def f():\n    pass\n        "


def test_that_escape_leads_out_of_the_editor(desk, qtbot):
    desk.editor.setFocus()
    QTest.keyClick(desk.editor, Qt.Key_Escape)
    qtbot.waitUntil(desk.use.hasFocus)


def test_that_a_project_of_ones_own_is_not_edited_here(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.lab.settings.django_settings = "mine.settings"
    panel = stand.show(CodePanel)
    assert panel.desk is None
    button = next(button for button in panel.findChildren(type(_button(panel))) if button.text() == "Restart workers")
    button.click()
    assert stand.lab.calls == [("restart_workers",)]


def _button(panel):
    from PyQt5.QtWidgets import QPushButton

    return panel.findChild(QPushButton)


def test_that_an_error_outside_the_demo_is_no_line_of_its_texts():
    failures = Failures()
    failures.note(
        e.ConsumerFailed(
            t=1.0, source="w", worker="w", key="k", consumer="a.b", error="E", traceback='File "x.py", line 2'
        )
    )
    assert failures.of("consumers") == []


def test_that_every_part_one_can_act_on_has_a_name(desk):
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit)
    parts = [part for part in desk.findChildren(QWidget) if isinstance(part, kinds) and part.isVisible()]
    assert len(parts) > 5
    assert [part for part in parts if not (part.accessibleName() or getattr(part, "text", str)())] == []
