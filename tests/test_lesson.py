# SPDX-License-Identifier: GPL-3.0-or-later
"""Lessons: reading them, saying what is wrong with them, and finding their patterns."""

import inspect
import shutil
import tomllib

import pytest

from app import events as e
from app.lab import Lab
from app.lesson import LESSONS, LessonError, Watch, languages, load, load_all
from app.lesson.vocabulary import VERBS


@pytest.fixture(scope="module")
def lesson():
    return load(LESSONS / "kill-the-worker")


@pytest.fixture
def folder(tmp_path):
    """A copy of the first lesson, to be spoilt."""
    shutil.copytree(LESSONS / "kill-the-worker", tmp_path / "kill-the-worker")
    return tmp_path / "kill-the-worker"


def spoil(folder, old, new, file="lesson.toml"):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def step(lesson, name):
    return next(one for one in lesson.steps if one.id == name)


def sent(key, t=1.0, channel="websocket.receive", **fields):
    return e.MessageSent(t=t, source="server", key=key, channel=channel, body=b"", expiry=15, **fields)


def expired(key, t=16.0):
    return e.MessageExpired(t=t, source="redis", key=key)


def consumer_started(key, t=1.0):
    return e.ConsumerStarted(
        t=t, source="worker-1", worker="worker-1", key=key, channel="websocket.receive", consumer="c"
    )


def feed(watch, *events):
    return [watch.feed(event) for event in events][-1]


def test_that_all_lessons_are_right_and_in_the_order_of_the_index():
    index = tomllib.loads((LESSONS / "index.toml").read_text())
    assert [lesson.id for lesson in load_all()] == index["lessons"]
    assert {folder.parent.name for folder in LESSONS.glob("*/lesson.toml")} == set(index["lessons"])


def test_that_the_expiry_of_the_set_up_stands_in_the_texts(lesson):
    assert "It waits 15 s, then it is gone" in step(lesson, "expire").predict.options
    assert "{expiry}" not in "".join(one.text for one in lesson.steps)


def test_that_every_pattern_tells_people_what_it_means(lesson):
    assert all(pattern.says for one in lesson.steps for pattern in one.expect)


def test_that_a_list_of_rules_finds_the_frame_that_broke_them():
    watch = Watch(step(load(LESSONS / "masking"), "break"))
    frame = {
        "t": 1.0,
        "source": "server",
        "connection": "c1",
        "direction": "client",
        "row": 0,
        "fin": True,
        "length": 5,
    }
    watch.feed(e.FrameSeen(**frame, opcode=1, masked=True, violations=("WS-02",)))
    watch.feed(e.FrameSeen(**frame, opcode=1, violations=("WS-13",)))
    assert watch.reached == 0
    watch.feed(e.FrameSeen(**frame, opcode=1, violations=("WS-02",)))
    assert watch.reached == 1


def test_that_the_lab_has_every_verb_a_lesson_may_use_with_these_arguments():
    for verb, (needed, optional) in VERBS.items():
        inspect.signature(getattr(Lab, verb)).bind(None, *needed, *optional)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"stage", "wire"', '"stages", "wire"', 'step 1 (meet), show: no panel "stages"; there is stage, wire'),
        ('event = "WorkerExited"', 'event = "WorkerDied"', 'step 2 (kill), expect: no event "WorkerDied"'),
        ('signal = "KILL"', 'sig = "KILL"', 'WorkerExited: no field "sig"; there is t, source, worker'),
        ('signal = "KILL"', "signal = 9", "signal = 9: Expected `str`, got `int`"),
        ('verb = "start_workers"', 'verb = "begin"', 'step 4 (return), do: no verb "begin"'),
        ('client = "bob", text = "Hello', 'who = "bob", text = "Hello', 'do, send_text: no "client"'),
        ("means = 1", "means = 3", "means = 3; expected 0 to 2"),
        ('key = "$message", means = 1', 'key = "$other", means = 1', 'no variable "$other"; there is $message'),
        ('id = "kill-the-worker"', 'id = "kill"', 'expected the folder\'s name "kill-the-worker"'),
        ("minutes = 5", 'minutes = "five"', "expected a whole number"),
        ('id = "return"', 'id = "come-back"', 'no text under "## come-back"'),
        ("workers = 1", 'workers = "one"', "setup: Expected `int"),
        ('says = "A worker is alive', 'cause = "$x", says = "A worker is', "hint, ConsumerStarted: no field"),
        ('"$message", says = "A worker is', '"$m", says = "A worker is', 'hint: no variable "$m"; there is $message'),
        ('label = "Kill all workers", kind', 'after = 2, label = "Kill", kind', "do: after = 2; expected 0 to 1"),
        ("workers = 1", "helpers = 1", 'setup: no key "helpers"; there is workers, expiry'),
        ('signal = "KILL", says', 'signal = "KILL", say', 'step 2 (kill), expect, WorkerExited: no field "say"'),
        ('text = "Hello from Bob!"', "text = 5", "do, send_text: text = 5: Expected `str`, got `int`"),
        ('text = "Hello from Bob!"', 'text = "Hi", count = "two"', "count = 'two': Expected `int`"),
        (
            'do = [{ verb = "kill_all_workers"',
            'do = ["kill", { verb = "kill_all_workers"',
            "do is 'kill'; expected a table",
        ),
        ('show = ["stage", "redis"]', 'show = ["stage", 7]', "step 3 (expire): show is 7; expected a text"),
        ('id = "return"', 'id = "kill"', 'step 4: id is "kill", as is another step'),
        ('id = "return"', "", 'step 4: no "id"; expected a text'),
    ],
)
def test_that_an_error_names_file_place_and_what_there_is(folder, old, new, named):
    spoil(folder, old, new)
    with pytest.raises(LessonError) as caught:
        load(folder)
    assert named in str(caught.value)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("## kill", "## shoot", 'no text under "## kill"; expected one for that step'),
        ("## again", "## more\nwords\n\n## again", 'no key "more"; there is meet, kill'),
        ("## again\n", "## again\nwords\n\n### jokes\n", '## again: no key "jokes"; there is afterwards, notes, hint'),
        ("## again\n", "## again\n### notes\n", "## again: no text before the first ###"),
    ],
)
def test_that_an_error_of_the_words_names_the_file_and_the_heading(folder, old, new, named):
    spoil(folder, old, new, "text.md")
    with pytest.raises(LessonError) as caught:
        load(folder)
    assert named in str(caught.value)
    assert "text.md" in str(caught.value)


def test_that_a_step_may_have_notes_for_the_speaker_and_a_hint(folder):
    spoil(folder, "## again", "### notes\nAsk {expiry} people.\n\n### hint\nPress the button.\n\n## again", "text.md")
    came = step(load(folder), "return")
    assert (came.notes, came.hint) == ("Ask 15 people.", "Press the button.")
    assert "people" not in came.text


def test_that_every_number_of_the_set_up_may_stand_in_a_text(folder):
    spoil(folder, "workers = 1", "workers = 1\ncapacity = 7\nconsumer_seconds = 2.5")
    spoil(folder, "## again\n", "## again\n{workers} {expiry} {capacity} {consumer_seconds} {else}\n\n", "text.md")
    assert step(load(folder), "again").text.startswith("1 15 7 2.5 {else}")


def test_that_one_folder_is_a_lesson_and_a_folder_of_some_needs_no_index(folder):
    assert [one.id for one in load_all(folder)] == ["kill-the-worker"]
    assert [one.id for one in load_all(folder.parent)] == ["kill-the-worker"]


def test_that_a_folder_without_a_lesson_is_said(tmp_path):
    with pytest.raises(LessonError, match=r"no lesson here; expected folders with a lesson\.toml"):
        load_all(tmp_path)


# --- languages ---

SMALL = """
id = "small"
title = "A small lesson"
summary = "It waits {expiry} s."
minutes = 1
[setup]
expiry = 15
[[step]]
id = "one"
expect = [{ event = "WorkerExited", says = "The worker is gone" }]
hint = [{ event = "WorkerStopped", says = "Not that" }]
do = [{ verb = "kill_all_workers", label = "Kill" }]
[step.predict]
ask = "What now?"
options = ["This", "That"]
answer = { event = "WorkerExited", means = 0 }
"""
FRENCH = """## one
Ceci est un pas de {expiry} s.

### hint
Appuyez.

## words
- A small lesson = Une petite leçon
- It waits {expiry} s. = Elle attend {expiry} s.
- The worker is gone = Le worker est parti
- Not that = Pas ça
- Kill = Tuer
- What now? = Et alors ?
- This = Ceci
- That = Cela
"""


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "lesson.toml").write_text(SMALL)
    (folder / "text.md").write_text("## one\nThis is a step.")
    (folder / "text.fr.md").write_text(FRENCH)
    return folder


def test_that_a_lesson_is_read_in_another_language(small):
    french = load(small, "fr")
    one = french.steps[0]
    assert (french.language, french.title, french.summary) == ("fr", "Une petite leçon", "Elle attend 15 s.")
    assert (one.text, one.hint, one.do[0].label) == ("Ceci est un pas de 15 s.", "Appuyez.", "Tuer")
    assert (one.expect[0].says, one.hints[0].says) == ("Le worker est parti", "Pas ça")
    assert (one.predict.ask, one.predict.options) == ("Et alors ?", ("Ceci", "Cela"))
    assert load(small).title == "A small lesson"


def test_that_a_lesson_without_a_language_is_in_english(small):
    assert languages(small.parent) == ("en", "fr")
    assert load(small, "de").language == "en"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("- Kill = Tuer\n", "", '## words: no words for "Kill"; expected a line each'),
        ("- Kill = Tuer", "- Kill = Tuer\n- Shoot = Tirer", '## words: nothing in lesson.toml says "Shoot"'),
        ("- Kill = Tuer", "- Kill: Tuer", '"- Kill: Tuer"; expected "- English = other language"'),
        ("## one", "## un", 'no text under "## one"'),
    ],
)
def test_that_what_is_missing_in_a_language_or_too_much_is_named(small, old, new, named):
    spoil(small, old, new, "text.fr.md")
    with pytest.raises(LessonError) as caught:
        load(small, "fr")
    assert named in str(caught.value)
    assert "text.fr.md" in str(caught.value)


def test_that_a_missing_lesson_is_named(tmp_path):
    (tmp_path / "index.toml").write_text('lessons = ["gone"]')
    with pytest.raises(LessonError, match=r"gone/lesson\.toml: no such file"):
        load_all(tmp_path)


def test_that_broken_toml_is_an_error_of_the_lesson(folder):
    spoil(folder, "[setup]", "[setup")
    with pytest.raises(LessonError, match="not TOML"):
        load(folder)


def test_that_a_step_is_done_when_its_patterns_occurred_for_the_same_message(lesson):
    watch = Watch(step(lesson, "expire"))
    assert not feed(watch, sent("a"))
    assert watch.reached == 1
    assert not feed(watch, expired("b"))
    assert feed(watch, expired("a"))
    assert watch.done


def test_that_done_stays_done(lesson):
    watch = Watch(step(lesson, "expire"))
    feed(watch, sent("a"), expired("a"), sent("b"))
    assert watch.done
    assert watch.bindings == {"$message": "a"}


def test_that_a_delivered_message_does_not_keep_a_later_one_from_counting(lesson):
    watch = Watch(step(lesson, "expire"))
    feed(watch, sent("a"), consumer_started("a"), sent("b", 5.0))
    assert not watch.done
    assert feed(watch, expired("b", 20.0))


def test_that_what_another_process_said_a_little_too_early_counts(lesson):
    watch = Watch(step(lesson, "meet"))
    reply = e.MessageSent(
        t=1.02, source="worker-1", key="r", channel="daphne.response.x!y", body=b"", expiry=15, cause="m"
    )
    received = e.MessageReceived(t=1.03, source="server", key="r", channel="daphne.response.x!y")
    assert feed(watch, consumer_started("m", 1.01), received, reply, sent("m", 1.05))


def test_that_what_happened_long_before_does_not_count_for_a_later_pattern(lesson):
    watch = Watch(step(lesson, "expire"))
    assert not feed(watch, expired("a", 1.0), sent("a", 9.0))


def test_that_an_unsolved_step_is_not_done(lesson):
    watch = Watch(step(lesson, "kill"))
    assert not feed(watch, sent("a"), e.WorkerExited(t=2.0, source="lab", worker="worker-1", signal="TERM"))
    assert feed(watch, e.WorkerExited(t=3.0, source="lab", worker="worker-1", signal="KILL"))


def test_that_the_run_answers_the_prediction(lesson):
    watch = Watch(step(lesson, "expire"))
    feed(watch, sent("a"))
    assert watch.answer is None
    feed(watch, expired("a"))
    assert watch.answer == 1


def test_that_another_message_does_not_answer_the_prediction(lesson):
    watch = Watch(step(lesson, "expire"))
    feed(watch, sent("a"), consumer_started("a"), sent("b"), expired("b"))
    assert watch.answer == 1


def test_that_a_wrong_try_is_answered_until_the_step_is_done(lesson):
    watch = Watch(step(lesson, "kill"))
    assert watch.hint == ""
    feed(watch, e.WorkerExited(t=2.0, source="lab", worker="worker-1"))
    assert watch.hint.startswith("That was TERM")
    feed(watch, e.WorkerExited(t=3.0, source="lab", worker="worker-1", signal="KILL"))
    assert watch.hint == ""


def test_that_a_try_with_another_message_is_no_wrong_try(lesson):
    watch = Watch(step(lesson, "expire"))
    feed(watch, consumer_started("b"), sent("a"))
    assert watch.hint == ""
    feed(watch, sent("b", 0.9))
    assert watch.hint.startswith("A worker is alive and took it.")


def test_that_many_messages_leave_the_watch_small(lesson):
    watch = Watch(step(lesson, "expire"))
    for number in range(3000):
        watch.feed(sent(str(number), t=float(number)))
    assert len(watch._ways) < 600
    assert watch.feed(expired("2999", 3014.0))


def test_that_a_step_without_patterns_is_only_to_be_read(folder):
    spoil(folder, 'expect = [{ event = "WorkerReady", says = "A worker listens again" }]', "")
    assert Watch(step(load(folder), "return")).done
