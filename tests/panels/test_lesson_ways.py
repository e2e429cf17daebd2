# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways through lessons other than straight on: found again, restarted, left for an experiment, kept, rewritten."""

import json
import shutil

import pytest
from PyQt5.QtCore import Qt

from app import events as e
from app.lesson import LESSONS
from panels.lesson import LessonPanel
from panels.lesson.parts import Remark
from panels.lesson.session import Mode
from tests.panels.live import NOW, built_in, expired, key, killed, sent, started, taken
from tests.panels.one_lesson import live, only_lesson, panel

__all__ = ["live", "only_lesson", "panel"]


@pytest.fixture
def folder(tmp_path):
    """A folder with a lesson of one's own: the first lesson under another name."""
    own = tmp_path / "mine"
    shutil.copytree(LESSONS / "kill-the-worker", own / "my-own", ignore=lambda *_: ["recording.jsonl.gz", "text.fr.md"])
    (own / "index.toml").write_text('lessons = ["my-own"]')
    write(own / "my-own" / "lesson.toml", 'id = "kill-the-worker"', 'id = "my-own"')
    write(own / "my-own" / "lesson.toml", 'title = "Kill the worker"', 'title = "My own lesson"')
    return own


def write(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def set_up():
    return [*started(workers=1, expiry=15, t=NOW + 90), *built_in(1, "bob")]


def meet(first=1):
    consumer = e.ConsumerStarted(
        t=NOW, source="w", worker="worker-1", key=key(first), channel="websocket.receive", consumer="c"
    )
    reply = sent(first + 1, channel="daphne.response.x!y", source="worker-1", connection="", cause=key(first))
    return [sent(first), consumer, reply, taken(first + 1, by="server", channel="daphne.response.x!y")]


def verbs(live):
    return [call[0] for call in live.lab.calls]


def card(panel):
    return panel.page.scroll.widget()


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.LeftButton)


def start(live, panel, name="kill-the-worker"):
    panel.set_lesson(name)
    live.feed(*set_up())
    live.lab.calls.clear()


# --- search ---


def test_that_words_show_lessons_and_steps_that_have_them(live, panel):
    card(panel).sought.setText("ghost")
    assert [button.text() for button in card(panel).found] == ["Kill the worker · step 4"]
    card(panel).sought.clear()
    assert "kill-the-worker" in card(panel).buttons


def test_that_words_that_nothing_has_are_said_to(live, panel):
    card(panel).sought.setText("daffodil")
    assert not card(panel).found
    assert "Nothing has these words." in [label.text() for label in card(panel).findChildren(type(panel.page.place))]


def test_that_a_step_found_starts_with_the_system_as_the_steps_before_leave_it(live, panel, qtbot):
    card(panel).sought.setText("ghost")
    click(qtbot, card(panel).found[0])
    assert (panel.session.walk.number, panel.session.mode) == (3, Mode.SETTING_UP)
    live.feed(*set_up())
    live.feed(*meet())
    live.feed(killed(1))
    live.feed(sent(5), expired(5))
    assert verbs(live) == ["set_up", "send_text", "kill_all_workers", "set_expiry", "send_text", "set_expiry"]
    assert panel.session.mode is Mode.LIVE
    assert not panel.page.next.isEnabled()
    live.feed(e.WorkerReady(t=NOW, source="worker-1", worker="worker-1", channels=()))
    assert panel.page.next.isEnabled()


def test_that_nobody_waits_for_a_long_expiry_a_second_time(live, panel, qtbot):
    panel.start(panel.lessons[0], 3)
    for events in (set_up(), meet(), [killed(1)], [sent(5), expired(5)]):
        live.feed(*events)
    assert [call[1]["seconds"] for call in live.lab.calls if call[0] == "set_expiry"] == [1, 15]


def test_that_it_is_shown_which_step_the_way_has_come_to(live, panel):
    panel.start(panel.lessons[0], 3)
    said = []
    for events in (set_up(), meet(), [killed(1)]):
        live.feed(*events)
        said.append(panel.view.findChild(Remark).label.text().rpartition(". ")[2])
    assert said == ["1 / 3", "2 / 3", "3 / 3"]


# --- a step once more, and an experiment ---


def test_that_nothing_can_be_done_while_it_is_being_set_up(live, panel):
    panel.set_lesson("kill-the-worker")
    assert not panel.view.buttons[0].isEnabled()
    live.feed(*set_up())
    assert panel.view.buttons[0].isEnabled()


def test_that_a_step_is_restarted_with_a_new_watch(live, panel, qtbot):
    start(live, panel)
    live.feed(*meet()[:2])
    assert panel.watch.reached == 2
    click(qtbot, panel.page.links["restart"])
    live.feed(*set_up())
    assert verbs(live) == ["set_up"]
    assert panel.watch.reached == 0


def test_that_nothing_counts_in_an_experiment_and_the_lesson_comes_back(live, panel, qtbot):
    start(live, panel)
    click(qtbot, panel.page.links["free"])
    live.feed(*meet())
    live.feed(*started())
    assert panel.watch.reached == 0
    remark = panel.view.findChild(Remark)
    assert "You are free" in remark.label.text()
    click(qtbot, remark.buttons[0])
    live.feed(*set_up())
    assert (panel.session.mode, verbs(live), panel.view.findChild(Remark)) == (Mode.LIVE, ["set_up"], None)


def test_that_a_set_up_that_fails_is_said(live, panel):
    panel.set_lesson("kill-the-worker")
    live.feed(e.VerbFailed(t=NOW, source="lab", verb="set_up", reason="no Redis to be found"))
    assert panel.view.findChild(Remark).label.text() == "no Redis to be found"


# --- kept ---


def test_that_what_is_done_is_kept_and_gone_on_with_another_day(live, panel, tmp_path, qtbot):
    file = tmp_path / "progress.json"
    panel.use_progress(file)
    start(live, panel)
    live.feed(*meet())
    assert list(json.loads(file.read_text())["lessons"]["kill-the-worker"]["steps"]) == ["meet"]
    again = live.show(LessonPanel, 286, 800)
    again.use_progress(file)
    button = card(again).buttons["kill-the-worker"]
    assert button.text() == "Go on"
    click(qtbot, button)
    assert (again.session.walk.number, again.session.walk.done) == (1, {0})


def test_that_progress_is_exported_and_imported(live, panel, tmp_path):
    start(live, panel)
    live.feed(*meet())
    panel.keeper.export_to(tmp_path / "mine.json")
    other = live.show(LessonPanel, 286, 800)
    other.keeper.import_from(tmp_path / "mine.json")
    assert card(other).buttons["kill-the-worker"].text() == "Go on"


def test_that_a_file_of_progress_that_is_none_is_said_and_left_as_it_is(live, panel, tmp_path):
    file = tmp_path / "progress.json"
    file.write_text("{")
    panel.use_progress(file)
    labels = [label.text() for label in card(panel).findChildren(type(panel.page.place))]
    assert any("no file of progress" in text for text in labels)
    start(live, panel)
    live.feed(*meet())
    assert file.read_text() == "{"


# --- lessons of one's own ---


def test_that_a_folder_of_ones_own_is_offered_too(live, panel, folder):
    panel.use_folder(folder)
    assert list(card(panel).buttons)[-1] == "my-own"


def test_that_a_lesson_in_use_goes_on_in_its_new_words(live, panel, folder):
    panel.use_folder(folder)
    start(live, panel, "my-own")
    live.feed(*meet()[:2])
    write(folder / "my-own" / "text.md", "This chat is really running.", "These are new words.")
    live.tick(2)
    assert "These are new words." in panel.session.walk.step.text
    assert panel.watch.reached == 2
    assert panel.watch.step is panel.session.walk.step


def test_that_what_is_wrong_with_a_changed_file_is_said_and_the_lesson_stays(live, panel, folder):
    panel.use_folder(folder)
    start(live, panel, "my-own")
    write(folder / "my-own" / "lesson.toml", '"stage", "wire"', '"stages", "wire"')
    live.tick(2)
    assert 'no panel "stages"' in panel.view.findChild(Remark).label.text()
    assert panel.session.lesson.title == "My own lesson"
    write(folder / "my-own" / "lesson.toml", '"stages", "wire"', '"stage", "wire"')
    live.tick(2)
    assert panel.view.findChild(Remark) is None


def test_that_a_step_taken_out_of_a_lesson_in_use_ends_it_nowhere_else(live, panel, folder):
    panel.use_folder(folder)
    panel.start(panel.shelf.find("my-own"), 4)
    text, toml = folder / "my-own" / "text.md", folder / "my-own" / "lesson.toml"
    text.write_text(text.read_text().split("## again")[0])
    toml.write_text(toml.read_text().rpartition("[[step]]")[0])
    live.tick(2)
    assert panel.session.walk.number == 3


# --- help, notes, another language ---


def test_that_a_wrong_try_is_answered_until_the_step_is_done(live, panel):
    start(live, panel)
    live.feed(*meet())
    panel.session.go(1)
    assert not panel.view.help.isVisible()
    live.feed(e.WorkerStopped(t=NOW, source="lab", worker="worker-1"))
    assert panel.view.help.isVisible()
    assert "only stopped" in panel.view.help.text()
    live.feed(killed(1))
    assert not panel.view.help.isVisible()


def test_that_a_hint_is_given_to_who_asks(live, panel, qtbot):
    start(live, panel)
    click(qtbot, panel.page.links["hint"])
    assert "Bob is the person at the left" in panel.view.help.text()


def test_that_a_step_without_a_hint_offers_none(live, panel, folder):
    write(folder / "my-own" / "text.md", "### hint\nBob is the person", "Bob is the person")
    panel.use_folder(folder)
    start(live, panel, "my-own")
    assert not panel.page.links["hint"].isVisible()


def test_that_what_it_means_is_told_when_the_step_is_done(live, panel, folder):
    write(folder / "my-own" / "text.md", "### notes", "### afterwards\nThat was **one** message.\n\n### notes")
    panel.use_folder(folder)
    start(live, panel, "my-own")
    assert "That was" not in panel.view.findChild(type(panel.view.notes), "").text()
    assert not panel.view.afterwards.isVisible()
    live.feed(*meet())
    assert panel.view.afterwards.isVisible()
    assert "That was" in panel.view.afterwards.text()
    live.qtbot.waitUntil(lambda: not panel.view.afterwards.visibleRegion().isEmpty())


def test_that_the_notes_of_the_speaker_are_shown_when_wanted(live, panel):
    start(live, panel)
    assert not panel.view.notes.isVisible()
    panel.show_notes(True)
    assert panel.view.notes.isVisible()
    assert "Ask the room" in panel.view.notes.text()


# --- the recording instead ---


@pytest.fixture
def recorded(live, panel, folder, qtbot):
    """The recording of the step "kill" of a lesson is being played."""
    (folder / "my-own" / "recording.jsonl.gz").write_bytes(b"")
    panel.use_folder(folder)
    panel.start(panel.shelf.find("my-own"), 1)
    live.feed(*set_up(), *meet())
    live.lab.calls.clear()
    click(qtbot, panel.page.links["recording"])
    return panel


def of_recording(kind, **fields):
    return kind(t=NOW, source="lesson", lesson="my-own", step="kill", **fields)


def replay(live):
    begun = e.LabStarted(t=NOW, source="recording", expiry=15, capacity=100, prefix="asgi:", workers=1)
    live.feed(of_recording(e.RecordingStarted), begun, *meet(), killed(1))
    live.feed(of_recording(e.StepShown))


def test_that_a_recording_is_played_and_marked(live, recorded):
    assert live.lab.calls == [("play_recording", recorded.session.lesson.recording, "kill")]
    assert recorded.view.findChild(Remark).label.text().startswith("▶ A recording is being played.")


def test_that_only_what_was_recorded_of_the_step_counts(live, recorded):
    replay(live)
    assert not recorded.page.next.isEnabled()
    live.feed(killed(1))
    assert recorded.page.next.isEnabled()
    live.feed(of_recording(e.RecordingFinished))
    assert "is over" in recorded.view.findChild(Remark).label.text()


def test_that_the_next_step_is_a_recording_too(live, recorded, qtbot):
    replay(live)
    live.feed(killed(1), of_recording(e.RecordingFinished))
    click(qtbot, recorded.page.next)
    assert recorded.session.mode is Mode.RECORDING
    assert [button.text() for button in recorded.view.buttons] == ["▷ Play this step"]


def test_that_one_comes_back_to_live(live, recorded, qtbot):
    replay(live)
    live.lab.calls.clear()
    click(qtbot, recorded.page.links["live"])
    live.feed(*set_up())
    live.feed(*meet(20))
    assert verbs(live) == ["set_up", "send_text"]
    assert recorded.session.mode is Mode.LIVE
    assert recorded.view.findChild(Remark) is None


def test_that_a_prediction_comes_before_its_recording(live, recorded, qtbot):
    recorded.session.walk.go(2)
    live.lab.calls.clear()
    recorded.session.play_recording()
    assert not live.lab.calls
    click(qtbot, recorded.view.options[1])
    click(qtbot, recorded.view.buttons[0])
    assert verbs(live) == ["play_recording"]


def test_that_a_recorded_step_about_a_capture_shows_it_in_the_window(live, panel, folder, qtbot):
    (folder / "my-own" / "recording.jsonl.gz").write_bytes(b"")
    write(folder / "my-own" / "lesson.toml", 'show = ["stage", "wire"]', 'show = ["wire"]')
    panel.use_folder(folder)
    start(live, panel, "my-own")
    panel.session.play_recording()
    opened, inspected = [], []
    panel.capture_requested.connect(opened.append)
    panel.inspect_requested.connect(inspected.append)
    live.feed(e.CaptureOpened(t=NOW, source="lab", name="chat.pcap"))
    live.feed(e.CaptureOpened(t=NOW, source="window", name="chat.pcap"))
    live.feed(e.Selected(t=NOW, source="lab", kind="frame", item="3", opcode="TEXT"))
    assert opened == ["chat.pcap"]
    assert inspected == [{"kind": "frame", "item": "3", "direction": "", "opcode": "TEXT", "field": ""}]


def test_that_a_lesson_without_a_recording_offers_none(live, panel, folder):
    panel.use_folder(folder)
    start(live, panel, "my-own")
    assert not panel.page.links["recording"].isVisible()


# --- another language ---


def test_that_the_lesson_in_use_goes_on_in_another_language(live, panel):
    start(live, panel)
    live.feed(*meet()[:2])
    panel.speak("fr")
    assert (panel.page.heading.text(), panel.page.leave.text()) == ("Tuer le worker", "Toutes les leçons")
    assert "Ce chat" in panel.session.walk.step.text
    assert panel.watch.reached == 2
    panel.speak("en")
    assert (panel.page.heading.text(), panel.page.leave.text()) == ("Kill the worker", "All lessons")


def test_that_the_menu_offers_the_languages_there_are(panel):
    panel.page.more.menu().aboutToShow.emit()
    offered = {action.text(): action.isChecked() for action in panel.page.more.menu().actions() if action.text()}
    assert (offered["English"], offered["Français"]) == (True, False)


def test_that_the_pane_is_as_narrow_in_french(live, panel):
    panel.speak("fr")
    start(live, panel)
    assert panel.minimumSizeHint().width() <= 286


def test_that_a_lesson_taken_off_the_shelf_is_finished_in_peace(live, panel, folder):
    panel.use_folder(folder)
    start(live, panel, "my-own")
    shutil.rmtree(folder / "my-own")
    shutil.copytree(LESSONS / "kill-the-worker", folder / "other")
    write(folder / "other" / "lesson.toml", 'id = "kill-the-worker"', 'id = "other"')
    (folder / "index.toml").write_text('lessons = ["other"]')
    live.tick(2)
    assert panel.page.place.text() == "Lesson"
    live.feed(*meet())
    assert panel.page.next.isEnabled()


@pytest.mark.parametrize("is_open", [False, True])
def test_that_a_lesson_which_lets_somebody_elses_page_in_ends_with_a_reset(live, panel, folder, is_open):
    if is_open:
        write(folder / "my-own" / "lesson.toml", "[setup]", "[setup]\nattack_page = true")
    panel.use_folder(folder)
    panel.start(panel.shelf.find("my-own"))
    live.feed(*set_up())
    live.lab.calls.clear()
    panel.close_lesson()
    assert verbs(live) == (["reset"] if is_open else [])
