# SPDX-License-Identifier: GPL-3.0-or-later
"""A lesson's words: the texts of its steps in `text.md`, and in `text.fr.md` those of another language.

A step's part may have `### afterwards` (for who has done it), `### notes` (for the speaker) and `### hint` (for who
asks for one). The file of another language has a last part `## words`, with a line `- English = Français` for each
piece of text in `lesson.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from app.lesson.place import Place
from app.lesson.values import LessonError, Setup

ENGLISH = "en"
WORDS = "words"
PARTS = ("afterwards", "notes", "hint")
FILLED = ("expiry", "workers", "capacity", "consumer_seconds")  # what stands in braces in a text


@dataclass(frozen=True)
class Text:
    """What is said of one step: to everybody, to who has done it, to the speaker, to who asks for a hint."""

    body: str = ""
    afterwards: str = ""
    notes: str = ""
    hint: str = ""


def text_file(folder: Path, language: str) -> Path:
    """Return where the words of a language stand."""
    return folder / ("text.md" if language == ENGLISH else f"text.{language}.md")


def languages_of(folder: Path) -> tuple[str, ...]:
    """Return the languages a lesson has, English first."""
    return (ENGLISH, *sorted(path.name.split(".")[1] for path in folder.glob("text.??.md")))


@dataclass
class Words:
    """Says the words of `lesson.toml` in a language; what it has no words for, and which were never asked for.

    `pairs` is None for English, where every text stands for itself.
    """

    setup: Setup
    pairs: dict[str, str] | None = None
    missing: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """Return a text in this language, with the set-up's numbers in the place of {expiry} and the like."""
        self.asked.add(text)
        if text and self.pairs is not None:
            if text not in self.pairs and text not in self.missing:
                self.missing.append(text)
            text = self.pairs.get(text, text)
        return self.filled(text)

    def filled(self, text: str) -> str:
        """Return a text with the set-up's numbers in it."""
        for name in FILLED:
            value = getattr(self.setup, name)
            text = text.replace(f"{{{name}}}", f"{value:g}") if value is not None else text
        return text

    def check(self, file: Path) -> None:
        """Raise a LessonError that names what is missing and what is too much."""
        place = Place(file, f"## {WORDS}")
        if self.missing:
            raise place.error(f"no words for {_quoted(self.missing)}; expected a line each: - English = other language")
        if left := [text for text in self.pairs or () if text not in self.asked]:
            raise place.error(f"nothing in lesson.toml says {_quoted(left)}")


def _quoted(texts: list[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def read_texts(folder: Path, language: str, steps: list[str]) -> tuple[dict[str, Text], dict[str, str] | None]:
    """Return the text of each step and, but for English, the words of `lesson.toml`.

    Raises:
        LessonError: the file is missing, a step has no text, or a part belongs to no step.
    """
    file = text_file(folder, language)
    try:
        content = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LessonError(file, "", "no such file; expected one with the texts of the steps") from None
    except UnicodeDecodeError as error:
        raise LessonError(file, "", f"not UTF-8: {error}") from None
    parts = _parts(content, "##")
    words = parts.pop(WORDS, None) if language != ENGLISH else None
    for name in steps:
        if not parts.get(name):
            raise LessonError(file, "", f'no text under "## {name}"; expected one for that step')
    Place(file, "").only(parts, steps)
    texts = {name: _text(Place(file, f"## {name}"), part) for name, part in parts.items()}
    return texts, None if language == ENGLISH else _pairs(Place(file, f"## {WORDS}"), words or "")


def _parts(content: str, mark: str) -> dict[str, str]:
    """Return the text under each heading, and under "" what stands before the first."""
    parts = re.split(rf"^{mark} +(\S+) *$", content, flags=re.MULTILINE)
    found = {"": parts[0].strip()} if parts[0].strip() else {}
    return found | dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


def _text(place: Place, part: str) -> Text:
    pieces = _parts(part, "###")
    body = pieces.pop("", "")
    if not body:
        raise place.error("no text before the first ###; expected some")
    place.only(pieces, PARTS)
    return Text(body, **pieces)


def _pairs(place: Place, part: str) -> dict[str, str]:
    pairs = {}
    for line in filter(None, map(str.strip, part.splitlines())):
        english, sign, other = line.removeprefix("- ").partition(" = ")
        if not line.startswith("- ") or not sign or not other.strip():
            raise place.error(f'"{line}"; expected "- English = other language"')
        pairs[english] = other.strip()
    return pairs
