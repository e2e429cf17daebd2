# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a step of a lesson: what it shows, expects, does and asks."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from app.events import Gate
from app.lesson.place import Place
from app.lesson.texts import Text, Words
from app.lesson.values import Action, Answer, Pattern, Prediction, Step, is_variable
from app.lesson.vocabulary import KINDS, PANELS, VERBS

STEP_KEYS = ("id", "show", "highlight", "expect", "do", "predict", "hint")
TYPES: dict[str, Any] = {  # of the arguments of verbs; all others are texts
    "count": int,
    "number": int,
    "seed": int,
    "drop": dict[str, float],
    "delay": dict[str, float],
    "speed": float,
    "gate": Gate,
    "seconds": int,
    "confirmed": bool,
    "content": dict,
    "others": dict[str, str],
    "only": list[str],
    "pace": int,
    "exclude": list[str],
    "receive": Literal["atomic", "classic"],
    "signal": Literal["TERM", "KILL", "STOP", "CONT"],
}


def read_step(place: Place, data: dict[str, Any], texts: dict[str, Text], words: Words) -> Step:
    """Return a step; `texts` are those of all steps by id. Raises LessonError."""
    name = place.take(data, "id", str)
    place = Place(place.file, f"{place.where} ({name})")
    place.only(data, STEP_KEYS)
    for panel in place.texts(data, "show"):
        place.at("show").one_of("panel", panel, PANELS)
    for item in place.texts(data, "highlight"):
        place.at("highlight").one_of("panel", item.split("/")[0], PANELS)
    expect = tuple(_pattern(place.at("expect"), one, words) for one in place.tables(data, "expect", []))
    predict = place.take(data, "predict", dict, {})
    text = texts[name]
    return Step(
        id=name,
        text=words.filled(text.body),
        show=tuple(data.get("show", ())),
        highlight=tuple(data.get("highlight", ())),
        expect=expect,
        do=tuple(read_action(place.at("do"), one, words, len(expect)) for one in place.tables(data, "do", [])),
        predict=_prediction(place.at("predict"), predict, expect, words) if predict else None,
        hints=tuple(_hint(place.at("hint"), one, expect, words) for one in place.tables(data, "hint", [])),
        notes=words.filled(text.notes),
        hint=words.filled(text.hint),
        afterwards=words.filled(text.afterwards),
    )


def _hint(place: Place, data: dict[str, Any], expect: tuple[Pattern, ...], words: Words) -> Pattern:
    """Return the pattern of a wrong try; its sentence is what it is for."""
    place.take(data, "says", str)
    pattern = _pattern(place, data, words)
    _known(place, pattern, expect)
    return pattern


def _known(place: Place, pattern: Pattern, expect: tuple[Pattern, ...]) -> None:
    """Raise a LessonError when a pattern has a variable that those expected have not."""
    for name in pattern.variables:
        place.one_of("variable", name, sorted(frozenset().union(*(one.variables for one in expect))))


def _pattern(place: Place, data: dict[str, Any], words: Words, extra: tuple[str, ...] = ()) -> Pattern:
    event = place.take(data, "event", str)
    place.one_of("event", event, KINDS)
    types = {one.name: one.type for one in msgspec.structs.fields(KINDS[event])}
    fields = {key: value for key, value in data.items() if key not in ("event", "says", *extra)}
    for key, value in fields.items():
        place.at(event).one_of("field", key, types)
        if not is_variable(value):
            fields[key] = place.at(event).convert(key, value, types[key])  # a TOML list becomes a tuple
    return Pattern(event, tuple(fields.items()), words(place.take(data, "says", str, "")))


def _prediction(place: Place, data: dict[str, Any], expect: tuple[Pattern, ...], words: Words) -> Prediction:
    place.only(data, ("ask", "options", "answer"))
    options = tuple(words(option) for option in place.texts(data, "options"))
    answers = []
    for one in place.tables(data, "answer"):
        pattern = _pattern(place.at("answer"), one, words, ("means",))
        means = place.at("answer").take(one, "means", int)
        if not 0 <= means < len(options):
            raise place.at("answer").error(f"means = {means}; expected 0 to {len(options) - 1}, as there are options")
        _known(place.at("answer"), pattern, expect)
        answers.append(Answer(pattern, means))
    return Prediction(words(place.take(data, "ask", str)), options, tuple(answers))


def read_action(place: Place, data: dict[str, Any], words: Words, checks: int) -> Action:
    """Return an action of a step with so many patterns; raises LessonError."""
    verb = place.take(data, "verb", str)
    place.one_of("verb", verb, VERBS)
    needed, optional = VERBS[verb]
    looks = ("label",) if "kind" in needed else ("label", "kind")  # what is of the button and not of the verb
    arguments = {key: value for key, value in data.items() if key not in ("verb", "after", *looks)}
    for key in needed:
        place.at(verb).take(arguments, key, object)
    for key in arguments:
        place.at(verb).one_of("argument", key, needed + optional)
        place.at(verb).convert(key, arguments[key], TYPES.get(key, str))
    kind = place.take(data, "kind", str, "") if "kind" in looks else ""
    place.one_of("kind", kind, ("", "danger"))
    after = place.take(data, "after", int, 0)
    if not 0 <= after <= checks:
        raise place.error(f"after = {after}; expected 0 to {checks}, as there are patterns in expect")
    label = words(place.take(data, "label", str, verb.replace("_", " ")))
    return Action(verb, arguments, label, kind, after)
