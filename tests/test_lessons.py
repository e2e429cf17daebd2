# SPDX-License-Identifier: GPL-3.0-or-later
"""Every lesson holds: in its recording, and (slow) live, where it fails when its decisive action is left out."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.events import WorkerExited
from app.frame_index import FrameIndex
from app.lesson import LESSONS, Watch, languages, load, load_all
from app.lesson_recording import read_lesson
from app.player import recorded
from app.recording import RecordingError
from app.sources.decode import WireDecoder

ROOT = Path(__file__).parent.parent
ALL = load_all()
DECISIVE = {  # the verb without which nothing is learnt
    "the-opening-handshake": "try_handshake",
    "anatomy-of-a-frame": "inspect",
    "masking": "send_unmasked",
    "a-channel-in-redis": "run_command",
    "groups": "send_text",
    "kill-the-worker": "kill_all_workers",
    "at-most-once": "kill_all_workers",
    "in-between": "signal_worker",
    "capacity": "send_text",
    "where-did-it-go": "kill_all_workers",
    "routing": "edit_consumers",
    "ordering": "add_client",
    "save-then-broadcast": "kill_all_workers",
    "devtools": "send_fragments",
    "thirty-a-second": "start_bots",
    "worker-priorities": "assign_channels",
    "not-celery": "kill_all_workers",
    "follow-one-message": "send_text",
    "foreign-page": "visit_attack_page",
}
PATIENCE = {"not-celery": "4"}  # seconds for a step, where those that still hold need more than one
each = pytest.mark.parametrize("lesson", ALL, ids=lambda lesson: lesson.id)


def run(*words):
    command = [sys.executable, "main.py", "lesson", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)


def test_that_for_every_lesson_there_is_a_verb_that_is_decisive():
    assert {lesson.id for lesson in ALL} == set(DECISIVE)
    for lesson in ALL:
        assert DECISIVE[lesson.id] in {action.verb for step in lesson.steps for action in step.do}


# --- recordings: no process ---


@each
def test_that_every_step_of_a_lesson_holds_in_its_recording(lesson):
    results = list(recorded(lesson))
    not_seen = [f"{result.step.id}: {result.step.expect[result.held].says}" for result in results if not result.is_done]
    assert not not_seen
    assert len(results) == len(lesson.steps)


@each
def test_that_the_run_answers_every_prediction(lesson):
    assert all(result.answer is not None for result in recorded(lesson) if result.step.predict)


@each
def test_that_no_step_is_done_by_what_came_just_before(lesson):
    """By the set-up or by the step before: so the learner has something to do. (Or it is only to be read.)"""
    recording, decoder = read_lesson(lesson.recording), WireDecoder(FrameIndex())
    before = recording.set_up
    for step in lesson.steps:
        watch = Watch(step)
        for event in before:
            for told in decoder.feed(event):
                watch.feed(told)
        assert not watch.done or not step.expect, step.id
        before = recording.steps[step.id].events


@each
def test_that_a_recording_does_not_tell_how_the_lab_was_stopped(lesson):
    recording = read_lesson(lesson.recording)
    ends = [event for event in [*recording.steps.values()][-1].events if isinstance(event, WorkerExited)]
    assert [event for event in ends if event.signal] == [], "a worker that was restarted left by itself"


@each
def test_that_a_recording_does_not_tell_of_the_machine_it_was_made_on(lesson):
    text = repr([event for step in read_lesson(lesson.recording).steps.values() for event in step.events])
    for word in (str(ROOT), str(Path.home()), "/tmp/", "/var/", "/home/", "/usr/", ".sock"):
        assert word not in text


@each
def test_that_a_lesson_is_as_long_as_the_house_asks(lesson):
    assert 3 <= len(lesson.steps) <= 8
    assert 3 <= lesson.minutes <= 10


@each
def test_that_every_step_can_be_done_shown_and_explained(lesson):
    for step in lesson.steps:
        assert step.show, step.id
        assert step.notes, step.id
        assert step.hint, step.id
        assert step.do or not step.expect, step.id
        assert all(pattern.says for pattern in (*step.expect, *step.hints)), step.id


@pytest.mark.parametrize("language", languages())
def test_that_the_words_of_every_language_are_whole(language):
    for lesson in load_all(LESSONS, language):
        assert lesson.title


def test_that_a_recording_of_other_steps_is_not_taken(tmp_path):
    folder = tmp_path / "kill-the-worker"
    shutil.copytree(LESSONS / "kill-the-worker", folder, ignore=shutil.ignore_patterns("text.??.md"))
    for name, old, new in (("lesson.toml", 'id = "again"', 'id = "more"'), ("text.md", "## again", "## more")):
        (folder / name).write_text((folder / name).read_text().replace(old, new))
    with pytest.raises(RecordingError, match="record it again"):
        list(recorded(load(folder)))


def test_that_recordings_are_checked_from_the_command_line():
    done = run("check", "--recorded", "kill-the-worker")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 lessons hold" in done.stdout
    assert "the run's answer: It waits 15 s, then it is gone" in done.stdout


def test_that_a_lesson_without_a_recording_fails_and_says_why(tmp_path):
    write_example(tmp_path)
    done = run("check", "--recorded", "--lessons", str(tmp_path), "freeze-a-worker")
    assert done.returncode == 2
    assert "recording.jsonl.gz: no such file" in done.stdout


# --- live: real Redis, real processes ---


@pytest.mark.slow
@each
def test_that_a_lesson_holds_when_it_is_played(lesson):
    done = run("check", lesson.id)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 lessons hold" in done.stdout


@pytest.mark.slow
@each
def test_that_a_lesson_fails_without_its_decisive_action(lesson):
    done = run("check", lesson.id, "--leave-out", DECISIVE[lesson.id], "--patience", PATIENCE.get(lesson.id, "1"))
    assert done.returncode == 2, done.stdout + done.stderr
    assert "not seen: " in done.stdout


def write_example(folder):
    """Make a lesson of the example in the handbook."""
    text = (ROOT / "docs" / "writing-lessons.md").read_text()
    toml, words = re.findall(r"```(?:toml|markdown)\n(.*?)```", text, re.DOTALL)[:2]
    (folder / "freeze-a-worker").mkdir()
    (folder / "freeze-a-worker" / "lesson.toml").write_text(toml)
    (folder / "freeze-a-worker" / "text.md").write_text(words)


def test_that_the_example_of_the_handbook_is_a_lesson_that_holds(tmp_path):
    write_example(tmp_path)
    done = run("check", "--lessons", str(tmp_path), "freeze-a-worker", "--record")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "It is handled when the worker goes on" in done.stdout
    again = run("check", "--lessons", str(tmp_path), "freeze-a-worker", "--recorded")
    assert again.returncode == 0, again.stdout + again.stderr


def test_that_the_handbook_names_every_verb_and_event_field_it_uses():
    from app.lesson.vocabulary import VERBS

    text = (ROOT / "docs" / "writing-lessons.md").read_text()
    assert [verb for verb in VERBS if f"`{verb}" not in text] == []


# --- the command line ---


def test_that_an_unknown_lesson_is_said_with_those_there_are():
    done = run("check", "kill-the-boss")
    assert done.returncode == 2
    assert "no lesson kill-the-boss; there are: " in done.stderr


def test_that_a_lesson_that_is_wrong_is_said_in_one_line(tmp_path):
    write_example(tmp_path)
    file = tmp_path / "freeze-a-worker" / "lesson.toml"
    file.write_text(file.read_text().replace('event = "WorkerStopped"', 'event = "WorkerAsleep"'))
    done = run("check", "--lessons", str(tmp_path))
    assert done.returncode == 2
    assert 'lesson.toml: step 1 (stop), expect: no event "WorkerAsleep"; there is ' in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_that_lessons_are_listed_a_line_each():
    done = run("list")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [lesson.id for lesson in ALL]
