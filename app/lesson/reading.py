# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads lessons from their folders and says exactly what is wrong with one that is."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from app import events
from app.lesson.values import (
    Action,
    Answer,
    Lesson,
    LessonError,
    Pattern,
    Prediction,
    Setup,
    Step,
    is_variable,
)

LESSONS = Path(__file__).parents[2] / "lessons"
PANELS = ("stage", "wire", "redis", "workers", "inspector", "timeline", "lesson", "transport")
VERBS = {  # what a lesson may do, with the arguments it must and may give
    "send_text": (("client", "text"), ("count",)),
    "fetch_page": ((), ("path", "count")),
    "add_client": (("name",), ("room",)),
    "remove_client": (("client",), ()),
    "signal_worker": (("worker", "signal"), ()),
    "restart_worker": (("worker",), ()),
    "kill_all_workers": ((), ()),
    "start_workers": ((), ()),
    "spawn_worker": ((), ()),
    "set_expiry": (("seconds",), ()),
    "inspect": (("kind",), ("item", "direction", "opcode", "field")),
    "open_capture": (("name",), ()),
    "run_command": (("command",), ("confirmed",)),
    "compute_accept": ((), ("key",)),
    "try_handshake": (("mutation",), ()),
    "send_unmasked": (("client", "text"), ()),
}
KINDS = {kind.__name__: kind for kind in events.kinds()}
LESSON_KEYS = ("id", "title", "summary", "minutes", "setup", "step")
SETUP_KEYS = tuple(one.name for one in dataclasses.fields(Setup))
STEP_KEYS = ("id", "show", "highlight", "expect", "do", "predict")


def load_all(root: Path = LESSONS) -> tuple[Lesson, ...]:
    """Return the lessons that `index.toml` names, in its order.

    Raises:
        LessonError: a file is missing or wrong.
    """
    index = root / "index.toml"
    names = _Place(index, "").take(_toml(index), "lessons", list)
    return tuple(load(root / str(name)) for name in names)


def load(folder: Path) -> Lesson:
    """Return the lesson in `folder`: `lesson.toml` and the steps' texts in `text.md`.

    Raises:
        LessonError: a file is missing or wrong.
    """
    file = folder / "lesson.toml"
    data, place = _toml(file), _Place(file, "")
    place.only(data, LESSON_KEYS)
    name = place.take(data, "id", str)
    if name != folder.name:
        raise place.error(f'id is "{name}", expected the folder\'s name "{folder.name}"')
    setup = _setup(_Place(file, "setup"), data.get("setup", {}))
    steps = place.take(data, "step", list)
    texts = _texts(folder / "text.md", [str(step.get("id", "")) for step in steps])
    fill = _filler(setup)
    return Lesson(
        id=name,
        title=place.take(data, "title", str),
        summary=fill(place.take(data, "summary", str)),
        minutes=place.take(data, "minutes", int),
        setup=setup,
        steps=tuple(_step(_Place(file, f"step {n}"), step, texts, fill) for n, step in enumerate(steps, 1)),
    )


class _Place:
    """Where in a file we are, for messages; and the checks that need one."""

    def __init__(self, file: Path, where: str) -> None:
        self.file, self.where = file, where

    def error(self, what: str) -> LessonError:
        return LessonError(self.file, self.where, what)

    def at(self, where: str) -> _Place:
        return _Place(self.file, f"{self.where}, {where}" if self.where else where)

    def take(self, data: dict[str, Any], key: str, kind: type, default: Any = None) -> Any:
        value = data.get(key, default)
        if value is None:
            raise self.error(f'no "{key}"; expected one ({kind.__name__})')
        if not isinstance(value, kind):
            raise self.error(f"{key} is {value!r}; expected a value of type {kind.__name__}")
        return value

    def only(self, data: dict[str, Any], known: Iterable[str]) -> None:
        for key in data:
            self.one_of("key", key, known)

    def one_of(self, what: str, value: str, known: Iterable[str]) -> None:
        known = tuple(known)
        if value not in known:
            raise self.error(f'no {what} "{value}"; there is {", ".join(known) or "none"}')


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LessonError(file, "", "no such file; expected one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LessonError(file, "", f"not TOML: {error}") from None


def _setup(place: _Place, data: dict[str, Any]) -> Setup:
    place.only(data, SETUP_KEYS)
    try:
        return msgspec.convert(data, Setup)
    except msgspec.ValidationError as error:
        raise place.error(str(error)) from None


def _texts(file: Path, steps: list[str]) -> dict[str, str]:
    """Return the text under each "## step" heading; every step has one, and nobody else."""
    if not file.exists():
        raise LessonError(file, "", "no such file; expected one")
    parts = re.split(r"^## +(\S+) *$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
    for name in steps:
        if not texts.get(name):
            raise LessonError(file, "", f'no text under "## {name}"; expected one for that step')
    for name in texts:
        if name not in steps:
            raise LessonError(file, f"## {name}", f"no such step; there is {', '.join(steps)}")
    return texts


def _filler(setup: Setup) -> Any:
    """Return what puts the set-up's numbers in the place of {expiry}, {workers}, {capacity}, {consumer_seconds}."""
    names = ("expiry", "workers", "capacity", "consumer_seconds")
    values = {f"{{{name}}}": getattr(setup, name) for name in names}

    def fill(text: str) -> str:
        for name, value in values.items():
            text = text.replace(name, f"{value:g}") if value is not None else text
        return text

    return fill


def _step(place: _Place, data: dict[str, Any], texts: dict[str, str], fill: Any) -> Step:
    name = place.take(data, "id", str)
    place = _Place(place.file, f"{place.where} ({name})")
    place.only(data, STEP_KEYS)
    for panel in place.take(data, "show", list, []):
        place.at("show").one_of("panel", panel, PANELS)
    for item in place.take(data, "highlight", list, []):
        place.at("highlight").one_of("panel", item.split("/")[0], PANELS)
    expect = tuple(_pattern(place.at("expect"), one, fill) for one in place.take(data, "expect", list, []))
    predict = _prediction(place.at("predict"), data["predict"], expect, fill) if "predict" in data else None
    return Step(
        id=name,
        text=fill(texts[name]),
        show=tuple(data.get("show", ())),
        highlight=tuple(data.get("highlight", ())),
        expect=expect,
        do=tuple(_action(place.at("do"), one, fill) for one in place.take(data, "do", list, [])),
        predict=predict,
    )


def _pattern(place: _Place, data: dict[str, Any], fill: Any, extra: tuple[str, ...] = ()) -> Pattern:
    event = place.take(data, "event", str)
    place.one_of("event", event, KINDS)
    types = {one.name: one.type for one in msgspec.structs.fields(KINDS[event])}
    fields = {key: value for key, value in data.items() if key not in ("event", "says", *extra)}
    for key, value in fields.items():
        place.at(event).one_of("field", key, types)
        try:
            value if is_variable(value) else msgspec.convert(value, types[key])
        except msgspec.ValidationError as error:
            raise place.at(event).error(f"{key} = {value!r}: {error}") from None
    return Pattern(event, tuple(fields.items()), fill(data.get("says", "")))


def _prediction(place: _Place, data: dict[str, Any], expect: tuple[Pattern, ...], fill: Any) -> Prediction:
    place.only(data, ("ask", "options", "answer"))
    options = tuple(fill(option) for option in place.take(data, "options", list))
    given = data.get("answer") or [{}]
    bound = frozenset().union(*(pattern.variables for pattern in expect))
    answers = []
    for one in given if isinstance(given, list) else [given]:
        pattern = _pattern(place.at("answer"), one, fill, ("means",))
        means = place.at("answer").take(one, "means", int)
        if not 0 <= means < len(options):
            raise place.at("answer").error(f"means = {means}; expected 0 to {len(options) - 1}, as there are options")
        for name in pattern.variables:
            place.at("answer").one_of("variable", name, bound)
        answers.append(Answer(pattern, means))
    return Prediction(fill(place.take(data, "ask", str)), options, tuple(answers))


def _action(place: _Place, data: dict[str, Any], fill: Any) -> Action:
    verb = place.take(data, "verb", str)
    place.one_of("verb", verb, VERBS)
    needed, optional = VERBS[verb]
    arguments = {key: value for key, value in data.items() if key not in ("verb", "label", "kind")}
    for key in needed:
        place.at(verb).take(arguments, key, object)
    for key in arguments:
        place.at(verb).one_of("argument", key, needed + optional)
    kind = place.take(data, "kind", str, "")
    place.one_of("kind", kind, ("", "danger"))
    return Action(verb, arguments, fill(place.take(data, "label", str, verb.replace("_", " "))), kind)
