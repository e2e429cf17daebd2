# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds lessons and steps again by words in them: title, summary, texts, questions, checks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.lesson.values import Lesson, Step

AROUND = 32  # characters of an excerpt on either side of the first word found


@dataclass(frozen=True)
class Hit:
    """A step that has all the words, or, with number -1, a lesson whose title or summary has them."""

    lesson: Lesson
    number: int
    excerpt: str


def search(lessons: Iterable[Lesson], words: str) -> tuple[Hit, ...]:
    """Return what has all the words, in any order, case and accents aside; nothing for no words.

    A lesson that has them in its title or summary comes before its steps.
    """
    wanted = _plain(words).split()
    return tuple(hit for lesson in lessons for hit in _hits(lesson, wanted)) if wanted else ()


def _hits(lesson: Lesson, wanted: list[str]) -> Iterator[Hit]:
    if _has(f"{lesson.title} {lesson.summary}", wanted):
        yield Hit(lesson, -1, lesson.summary)
    for number, step in enumerate(lesson.steps):
        text = words_of(step)
        if _has(text, wanted):
            yield Hit(lesson, number, _excerpt(text, wanted))


def words_of(step: Step) -> str:
    """Return everything a learner reads in a step, on one line, without the signs of Markdown."""
    parts = [step.text, step.afterwards, *(pattern.says for pattern in step.expect)]
    if step.predict:
        parts += [step.predict.ask, *step.predict.options]
    return re.sub(r"\s+", " ", " ".join(re.sub(r"[*`]", "", part) for part in parts)).strip()


def _has(text: str, wanted: list[str]) -> bool:
    plain = _plain(text)
    return all(word in plain for word in wanted)


def _excerpt(text: str, wanted: list[str]) -> str:
    """Return the surroundings of the first word found, cut at spaces."""
    plain = _plain(text)
    at = min(plain.find(word) for word in wanted) if len(plain) == len(text) else 0
    start, end = max(at - AROUND, 0), at + 2 * AROUND
    cut = text[start:end]
    cut = cut.partition(" ")[2] if start else cut
    cut = cut.rpartition(" ")[0] if end < len(text) else cut
    return ("… " if start else "") + cut + (" …" if end < len(text) else "")


def _plain(text: str) -> str:
    """Return it in small letters without accents, a letter for a letter."""
    return "".join(unicodedata.normalize("NFD", letter)[0].lower() for letter in text)
