# SPDX-License-Identifier: GPL-3.0-or-later
"""What a learner has done, on disk and merged; and finding lessons again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.lesson import LESSONS, load
from app.lesson.progress import Progress, ProgressError, merged, read, write
from app.lesson.search import search

THEN = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)


@pytest.fixture(scope="module")
def lesson():
    return load(LESSONS / "kill-the-worker")


def some(name=""):
    return Progress(name=name).with_step("kill-the-worker", "meet", THEN).with_step("kill-the-worker", "kill", LATER)


def test_that_what_is_written_is_read_again(tmp_path):
    file = tmp_path / "new" / "progress.json"
    progress = some("Ada").with_end("kill-the-worker", LATER)
    write(file, progress)
    assert read(file) == progress
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


def test_that_people_can_read_the_file(tmp_path):
    write(tmp_path / "p.json", some("Ada"))
    data = json.loads((tmp_path / "p.json").read_text())
    assert data["name"] == "Ada"
    assert data["lessons"]["kill-the-worker"]["steps"] == {
        "kill": "2026-05-04T10:30:00Z",
        "meet": "2026-05-04T09:30:00Z",
    }
    assert len((tmp_path / "p.json").read_text().splitlines()) > 5


def test_that_nothing_is_done_where_there_is_no_file(tmp_path):
    assert read(tmp_path / "none.json") == Progress()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no file of progress"),
        ('{"lessons": 3}', "Expected `object`, got `int`"),
        ('{"version": 9}', "written by a newer Channelscope (version 9, expected 1)"),
    ],
)
def test_that_a_file_that_is_none_is_said(tmp_path, text, said):
    file = tmp_path / "p.json"
    file.write_text(text)
    with pytest.raises(ProgressError, match=r"p\.json: ") as caught:
        read(file)
    assert said in str(caught.value)


def test_that_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError):
        write(tmp_path / "file" / "p.json", Progress())


def test_that_the_first_time_counts():
    again = some().with_step("kill-the-worker", "meet", LATER)
    assert again.of("kill-the-worker").steps["meet"] == THEN


def test_that_two_are_merged_to_what_was_done_in_either():
    one = Progress(name="Ada").with_step("a", "x", LATER).with_end("a", LATER)
    other = Progress(name="Bob").with_step("a", "x", THEN).with_step("b", "y", THEN)
    both = merged(one, other)
    assert (both.name, both.of("a").steps["x"], both.of("a").finished) == ("Ada", THEN, LATER)
    assert both.of("b").steps == {"y": THEN}
    assert merged(other, one).lessons == both.lessons


def test_that_the_next_step_is_the_first_that_is_not_done(lesson):
    assert Progress().next_step(lesson) == 0
    assert some().next_step(lesson) == 2
    assert some().with_step("kill-the-worker", "return").next_step(lesson) == 2


def test_that_words_find_lesson_and_steps_whatever_their_case(lesson):
    hits = search([lesson], "KILL")
    assert [hit.number for hit in hits][:2] == [-1, 1]
    assert all(hit.lesson is lesson for hit in hits)


def test_that_all_words_must_be_there_in_any_order(lesson):
    assert [hit.number for hit in search([lesson], "ghost expiry")] == [3]
    assert [hit.number for hit in search([lesson], "expiry ghost")] == [3]
    assert search([lesson], "ghost daffodil") == ()


def test_that_an_excerpt_shows_the_word_among_its_neighbours(lesson):
    (hit,) = search([lesson], "ghost")
    assert "ghost" in hit.excerpt
    assert hit.excerpt.startswith("… ")
    assert len(hit.excerpt) < 110
    assert "*" not in hit.excerpt


def test_that_questions_and_options_are_searched(lesson):
    assert 2 in [hit.number for hit in search([lesson], "browser gets an error")]


def test_that_no_words_find_nothing(lesson):
    assert search([lesson], "  ") == ()


def test_that_the_file_of_progress_names_no_place_of_this_machine(tmp_path):
    write(tmp_path / "p.json", some())
    assert str(Path.home()) not in (tmp_path / "p.json").read_text()
