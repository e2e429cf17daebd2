# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in a lesson's files we are, so that what is wrong can be said exactly."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from app.lesson.values import LessonError

KIND_NAMES = {str: "a text", int: "a whole number", list: "a list [ … ]", dict: "a table { … }"}


class Place:
    """Where in a file we are, for messages; and the checks that need one."""

    def __init__(self, file: Path, where: str) -> None:
        self.file, self.where = file, where

    def error(self, what: str) -> LessonError:
        """Say what is wrong here."""
        return LessonError(self.file, self.where, what)

    def at(self, where: str) -> Place:
        """A place within this one."""
        return Place(self.file, f"{self.where}, {where}" if self.where else where)

    def take(self, data: dict[str, Any], key: str, kind: type, default: Any = None) -> Any:
        """Return what stands under a key.

        Raises:
            LessonError: nothing does and there is no default, or it is of another kind.
        """
        value = data.get(key, default)
        if value is None:
            raise self.error(f'no "{key}"; expected {KIND_NAMES.get(kind, "one")}')
        if not isinstance(value, kind):
            raise self.error(f"{key} is {value!r}; expected {KIND_NAMES.get(kind, kind.__name__)}")
        return value

    def tables(self, data: dict[str, Any], key: str, default: Any = None) -> list[dict[str, Any]]:
        """Return the tables in a list; a single one need not be in a list. Raises LessonError."""
        given = data.get(key, default)
        found: list[dict[str, Any]] = self.take({key: [given] if isinstance(given, dict) else given}, key, list)
        for one in found:
            self.take({key: one}, key, dict)
        return found

    def texts(self, data: dict[str, Any], key: str) -> list[str]:
        """Return the texts in a list, none where it is not given. Raises LessonError."""
        found: list[str] = self.take(data, key, list, [])
        for one in found:
            self.take({key: one}, key, str)
        return found

    def convert(self, key: str, value: Any, kind: Any) -> Any:
        """Return a value as msgspec takes it for that type; raises LessonError."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise self.error(f"{key} = {value!r}: {error}") from None

    def only(self, data: dict[str, Any], known: Iterable[str]) -> None:
        """Raise a LessonError for a key that is not known."""
        for key in data:
            self.one_of("key", key, known)

    def one_of(self, what: str, value: str, known: Iterable[str]) -> None:
        """Raise a LessonError when a value is none of those known."""
        known = tuple(known)
        if value not in known:
            raise self.error(f'no {what} "{value}"; there is {", ".join(known) or "none"}')


def read_toml(file: Path) -> dict[str, Any]:
    """Return what stands in a file; raises LessonError."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LessonError(file, "", "no such file; expected one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LessonError(file, "", f"not TOML: {error}") from None
