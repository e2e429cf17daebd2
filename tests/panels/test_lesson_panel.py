# SPDX-License-Identifier: GPL-3.0-or-later
"""A lesson as its learner meets it."""

import pytest
from PyQt5.QtCore import Qt

from app import events as e
from panels.lesson import LessonPanel
from panels.lesson.parts import Remark
from tests.panels.live import NOW, built_in, expired, key, killed, sent, started, taken
from tests.panels.one_lesson import live, only_lesson, panel

__all__ = ["live", "only_lesson", "panel"]


@pytest.fixture
def lesson(live, panel):
    """The first lesson has been started and the live system is set up for it."""
    panel.set_lesson("kill-the-worker")
    live.feed(*set_up())
    return panel


def set_up():
    return [*started(workers=1, expiry=15, t=NOW + 90), *built_in(1, "bob")]


def meet():
    started_consumer = e.ConsumerStarted(
        t=NOW, source="w", worker="worker-1", key=key(1), channel="websocket.receive", consumer="c"
    )
    reply = sent(2, channel="daphne.response.x!y", source="worker-1", connection="", cause=key(1))
    return [sent(1), started_consumer, reply, taken(2, by="server", channel="daphne.response.x!y")]


@pytest.fixture
def at_expire(live, lesson, qtbot):
    live.feed(*meet())
    qtbot.mouseClick(lesson.page.next, Qt.LeftButton)
    live.feed(killed(1))
    qtbot.mouseClick(lesson.page.next, Qt.LeftButton)
    live.lab.calls.clear()
    return lesson


def ticks(panel):
    return [check.is_done for check in panel.view.checks]


def test_that_the_list_shows_what_there_is_and_starts_it(live, panel, qtbot):
    assert not panel.is_started
    qtbot.mouseClick(panel.page.scroll.widget().buttons["kill-the-worker"], Qt.LeftButton)
    assert panel.is_started
    assert live.lab.calls == [("set_up", {"workers": 1, "expiry": 15, "clients": ["bob"]})]
    assert (panel.page.heading.text(), panel.page.place.text()) == (
        "Kill the worker",
        f"Lesson 1 of {len(panel.lessons)}",
    )


def test_that_a_lesson_of_another_name_is_no_lesson(panel):
    with pytest.raises(KeyError, match="there is kill-the-worker"):
        panel.set_lesson("kill-the-king")


def test_that_a_step_ticks_what_has_happened_and_opens_the_next(live, lesson):
    assert ticks(lesson) == [False] * 4
    live.feed(sent(1))
    assert ticks(lesson) == [True, False, False, False]
    assert not lesson.page.next.isEnabled()
    live.feed(*meet()[1:])
    assert ticks(lesson) == [True] * 4
    assert lesson.page.next.isEnabled()


def test_that_an_unsolved_step_does_not_let_anybody_on(live, lesson, qtbot):
    live.feed(sent(1), taken(1))
    qtbot.mouseClick(lesson.page.next, Qt.LeftButton)
    qtbot.keyClick(lesson, Qt.Key_Right, Qt.AltModifier)
    assert lesson.session.walk.number == 0


def test_that_what_happened_before_the_set_up_does_not_count(live, panel):
    panel.set_lesson("kill-the-worker")
    live.feed(*meet())
    live.feed(*started(workers=1))
    assert ticks(panel) == [False] * 4


def test_that_a_step_says_what_to_show_and_where_to_look(live, lesson, qtbot):
    shown, pointed = [], []
    lesson.show_requested.connect(shown.append)
    lesson.highlight_requested.connect(pointed.append)
    live.feed(*meet())
    qtbot.mouseClick(lesson.page.next, Qt.LeftButton)
    assert shown == [["stage", "workers"]]
    assert pointed == [[], ["stage/kill_all", "stage/worker-1", "workers/worker-1"]]
    steps = [one.step for one in live.lab.inbox.take() if isinstance(one, e.StepShown)]
    assert steps == ["meet", "kill"]


def test_that_halos_go_when_the_step_is_done(live, lesson, qtbot):
    with qtbot.waitSignal(lesson.highlight_requested) as caught:
        live.feed(*meet())
    assert caught.args == [[]]


def test_that_a_button_does_it_for_the_learner(live, lesson, qtbot):
    live.lab.calls.clear()
    qtbot.mouseClick(lesson.view.buttons[0], Qt.LeftButton)
    assert live.lab.calls == [("send_text", {"client": "bob", "text": "Hello from Bob!"})]


def test_that_a_prediction_comes_before_the_deed(live, at_expire, qtbot):
    button = at_expire.view.buttons[0]
    assert not button.isEnabled()
    assert not any(check.isVisible() for check in at_expire.view.checks)  # they would tell the answer
    qtbot.mouseClick(at_expire.view.options[0], Qt.LeftButton)
    assert button.isEnabled()
    assert all(check.isVisible() for check in at_expire.view.checks)
    predicted = [one for one in live.lab.inbox.take() if isinstance(one, e.Predicted)]
    assert [(one.step, one.option) for one in predicted] == [("expire", 0)]


def test_that_the_countdown_runs_beside_the_check_that_waits(live, at_expire):
    live.feed(sent(5, t=live.now, expiry=15))
    live.tick(4)
    assert [check.clock.text() for check in at_expire.view.checks] == ["", "11 s"]


@pytest.mark.parametrize(("choice", "said"), [(1, "Just as you said: it waits 15"), (0, "Not quite. It waits 15")])
def test_that_the_run_reveals_the_answer(live, at_expire, qtbot, choice, said):
    qtbot.mouseClick(at_expire.view.options[choice], Qt.LeftButton)
    live.feed(sent(5))
    assert not at_expire.view.verdict.isVisible()
    live.feed(expired(5))
    assert at_expire.view.verdict.isVisible()
    assert at_expire.view.verdict.text().startswith(said)
    assert [option.verdict for option in at_expire.view.options] == ["wrong", "right", "wrong"]
    assert at_expire.page.next.isEnabled()


def test_that_going_back_shows_a_done_step_as_done(live, at_expire, qtbot):
    qtbot.mouseClick(at_expire.page.back, Qt.LeftButton)
    assert ticks(at_expire) == [True]
    assert at_expire.page.next.isEnabled()


def test_that_the_last_step_ends_in_the_list_where_the_lesson_is_done(live, at_expire, qtbot):
    live.feed(sent(5), expired(5))
    qtbot.mouseClick(at_expire.page.next, Qt.LeftButton)
    live.feed(e.WorkerReady(t=NOW, source="worker-1", worker="worker-1", channels=()))
    qtbot.mouseClick(at_expire.page.next, Qt.LeftButton)
    assert at_expire.page.next.text() == "Finish"
    assert at_expire.page.next.shortcut().toString() == "Alt+Right"
    finished = e.ConsumerFinished(t=NOW, source="worker-1", worker="worker-1", key=key(6), seconds=0.1)
    live.feed(sent(6), finished)
    qtbot.mouseClick(at_expire.page.next, Qt.LeftButton)
    assert not at_expire.is_started
    assert at_expire.page.scroll.widget().buttons["kill-the-worker"].text() == "Again"


def remark(panel):
    found = panel.view.findChildren(Remark)
    return found[0] if found else None


def test_that_a_reset_from_elsewhere_is_said_and_can_be_mended(live, lesson, qtbot):
    live.feed(*started())
    assert "was reset meanwhile" in remark(lesson).label.text()
    live.lab.calls.clear()
    qtbot.mouseClick(remark(lesson).buttons[0], Qt.LeftButton)
    assert live.lab.calls[0][0] == "set_up"
    live.feed(*set_up())
    assert remark(lesson) is None


def test_that_a_broken_lesson_is_said_in_the_list(live, monkeypatch):
    from pathlib import Path

    from app.lesson import LessonError

    def fail(root, language):
        raise LessonError(Path("lessons/x/lesson.toml"), "step 2", 'no panel "chanels"')

    monkeypatch.setattr("panels.lesson.shelf.load_all", fail)
    panel = live.show(LessonPanel, 286, 800)
    assert panel.shelf.trouble == 'lessons/x/lesson.toml: step 2: no panel "chanels"'


def test_that_a_change_of_theme_keeps_the_place(live, at_expire):
    at_expire.restyle()
    assert at_expire.session.walk.number == 2
    assert at_expire.watch.step.id == "expire"
