# SPDX-License-Identifier: GPL-3.0-or-later
"""The lessons there are: the built-in ones and those of a folder, in one language, read again when a file changes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.lesson import LESSONS, Lesson, LessonError, languages, load_all

KINDS = (".toml", ".md")


class Shelf:
    """`lessons` in their order; `trouble` says what is wrong with a folder, "" when nothing is."""

    def __init__(self, own: Path | None = None, language: str = "en") -> None:
        self.roots = (LESSONS,) if own is None else (LESSONS, own)
        self.language = language
        self.trouble = ""
        self._read: dict[Path, tuple[Lesson, ...]] = {}
        self._signatures: dict[Path, frozenset[tuple[Path, int, int]]] = {}
        self.read()

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """All of them in their order."""
        return tuple(lesson for root in self.roots for lesson in self._read.get(root, ()))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that some lesson has, English first."""
        found: dict[str, None] = {}
        for root in self.roots:
            with suppress(LessonError):
                found |= dict.fromkeys(languages(root))
        return tuple(found) or ("en",)

    def speak(self, language: str) -> None:
        """Read everything in another language; a lesson that does not have it stays English."""
        self.language = language
        self.read()

    def read(self) -> None:
        """Read everything again; where a folder is wrong, what it held before stays."""
        troubles = []
        for root in self.roots:
            self._signatures[root] = _signature(root)
            try:
                self._read[root] = load_all(root, self.language)
            except LessonError as error:
                troubles.append(str(error))
        self.trouble = "\n".join(troubles)

    def has_changed(self) -> bool:
        """Return whether a file of the learner's own folder was written, added or removed since it was read."""
        return any(self._signatures[root] != _signature(root) for root in self.roots[1:])

    def find(self, name: str) -> Lesson | None:
        """Return the lesson of that id."""
        return next((lesson for lesson in self.lessons if lesson.id == name), None)

    def place_of(self, lesson: Lesson, word: str, of: str) -> str:
        """Return which of the lessons it is; only the word for it when it was taken off the shelf."""
        ids = [one.id for one in self.lessons]
        return f"{word} {ids.index(lesson.id) + 1} {of} {len(ids)}" if lesson.id in ids else word


def _signature(root: Path) -> frozenset[tuple[Path, int, int]]:
    """Return what changes when somebody writes: names, times and sizes of a lesson's files."""
    found = set()
    for path in (*root.glob("*"), *root.glob("*/*")):
        if path.suffix in KINDS:
            try:
                stat = path.stat()
            except OSError:  # it went away meanwhile
                continue
            found.add((path, stat.st_mtime_ns, stat.st_size))
    return frozenset(found)
