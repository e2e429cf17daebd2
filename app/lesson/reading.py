# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads lessons from their folders and says exactly what is wrong with one that is."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec

from app.lesson.place import Place, read_toml
from app.lesson.steps import read_step
from app.lesson.texts import ENGLISH, Words, languages_of, read_texts, text_file
from app.lesson.values import Lesson, LessonError, Setup

LESSONS = Path(__file__).parents[2] / "lessons"
INDEX = "index.toml"
FILE = "lesson.toml"
LESSON_KEYS = ("id", "title", "summary", "minutes", "setup", "step")
SETUP_KEYS = tuple(one.name for one in dataclasses.fields(Setup))


def load_all(root: Path = LESSONS, language: str = ENGLISH) -> tuple[Lesson, ...]:
    """Return the lessons in a folder; `index.toml`, where there is one, says which and in what order.

    The folder may also be that of a single lesson. A lesson that does not have the language is in English.

    Raises:
        LessonError: a file is missing or wrong.
    """
    return tuple(load(folder, language) for folder in _folders(root))


def languages(root: Path = LESSONS) -> tuple[str, ...]:
    """Return the languages that lessons in a folder have, English first."""
    found = {language for folder in _folders(root) for language in languages_of(folder)}
    return (ENGLISH, *sorted(found - {ENGLISH}))


def _folders(root: Path) -> list[Path]:
    index = root / INDEX
    if (root / FILE).exists():
        return [root]
    if index.exists():
        return [root / str(name) for name in Place(index, "").take(read_toml(index), "lessons", list)]
    folders = sorted(file.parent for file in root.glob(f"*/{FILE}"))
    if not folders:
        raise LessonError(root, "", f"no lesson here; expected folders with a {FILE}, or one in this folder")
    return folders


def load(folder: Path, language: str = ENGLISH) -> Lesson:
    """Return the lesson in `folder`, in English where it does not have the language.

    Raises:
        LessonError: a file is missing or wrong.
    """
    file = folder / FILE
    data, place = read_toml(file), Place(file, "")
    place.only(data, LESSON_KEYS)
    name = place.take(data, "id", str)
    if name != folder.resolve().name:
        raise place.error(f'id is "{name}", expected the folder\'s name "{folder.resolve().name}"')
    if language not in languages_of(folder):
        language = ENGLISH
    setup = read_setup(Place(file, "setup"), place.take(data, "setup", dict, {}))
    steps = place.tables(data, "step")
    texts, pairs = read_texts(folder, language, _names(file, steps))
    words = Words(setup, pairs)
    lesson = Lesson(
        id=name,
        title=words(place.take(data, "title", str)),
        summary=words(place.take(data, "summary", str)),
        minutes=place.take(data, "minutes", int),
        setup=setup,
        steps=tuple(read_step(Place(file, f"step {n}"), step, texts, words) for n, step in enumerate(steps, 1)),
        language=language,
        folder=folder,
    )
    words.check(text_file(folder, language))
    return lesson


def _names(file: Path, steps: list[dict[str, Any]]) -> list[str]:
    names: list[str] = []
    for number, step in enumerate(steps, 1):
        place = Place(file, f"step {number}")
        name = place.take(step, "id", str)
        if name in names:
            raise place.error(f'id is "{name}", as is another step\'s; expected one of its own')
        names.append(name)
    return names


def read_setup(place: Place, data: dict[str, Any]) -> Setup:
    """Return a set-up; raises LessonError."""
    place.only(data, SETUP_KEYS)
    try:
        return msgspec.convert(data, Setup)
    except msgspec.ValidationError as error:
        raise place.error(str(error)) from None
