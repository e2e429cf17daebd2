# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lesson is made of; all texts are ready to be shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal


class LessonError(Exception):
    """A lesson's file is wrong: which file, where in it, what was found and what was expected."""

    def __init__(self, file: Path, place: str, what: str) -> None:
        super().__init__(f"{file}: {place}: {what}" if place else f"{file}: {what}")
        self.file, self.place, self.what = file, place, what


@dataclass(frozen=True)
class Pattern:
    """An event of kind `event` whose fields have these values; "$name" must be the same wherever it stands.

    `says` tells people what it means that it has happened.
    """

    event: str
    fields: tuple[tuple[str, Any], ...] = ()
    says: str = ""

    @property
    def variables(self) -> frozenset[str]:
        """The names it binds or needs, with their "$"."""
        return frozenset(value for _, value in self.fields if is_variable(value))


@dataclass(frozen=True)
class Answer:
    """When `pattern` occurs, the option number `means` (from 0) was the right one."""

    pattern: Pattern
    means: int


@dataclass(frozen=True)
class Prediction:
    """A question to be answered before it happens; the run itself gives the answer."""

    ask: str
    options: tuple[str, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Action:
    """One of the lab's verbs that the program can do for the learner; `kind` is "" or "danger".

    It makes sense only when `after` of the step's patterns have occurred.
    """

    verb: str
    arguments: dict[str, Any]
    label: str
    kind: str = ""
    after: int = 0


@dataclass(frozen=True)
class Step:
    """It is done when its patterns have occurred in their order since it began; without any it is only to be read.

    `hints` are patterns of wrong tries and what to say then, `hint` is for who asks for one, `notes` are the speaker's,
    `afterwards` is said when the step is done.
    """

    id: str
    text: str
    show: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()
    expect: tuple[Pattern, ...] = ()
    do: tuple[Action, ...] = ()
    predict: Prediction | None = None
    hints: tuple[Pattern, ...] = ()
    notes: str = ""
    hint: str = ""
    afterwards: str = ""


@dataclass(frozen=True)
class Setup:
    """What the live system is reset to when the lesson starts.

    `expiry` in seconds; `capacity` in messages a channel; the chat works `consumer_seconds` on each line; `receive` as
    in docs/channel-layer.md; `capture` names a file of `captures/` that is opened; with `attack_page` somebody else's
    page is served, and may open sockets.
    """

    workers: int | None = None
    expiry: int | None = None
    clients: tuple[str, ...] = ()
    capacity: int | None = None
    consumer_seconds: float | None = None
    receive: Literal["atomic", "classic"] | None = None
    capture: str = ""
    attack_page: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """What the lab's verb `set_up` is to be given."""
        given = {name: value for name, value in asdict(self).items() if value not in (None, "", False)}
        return {**given, "clients": list(self.clients)}


@dataclass(frozen=True)
class Lesson:
    """A lesson; `summary` is one line, `minutes` about how long it takes, `folder` where its files are."""

    id: str
    title: str
    summary: str
    minutes: int
    setup: Setup
    steps: tuple[Step, ...] = field(default=())
    language: str = "en"
    folder: Path = Path()

    @property
    def recording(self) -> Path:
        """The file that plays it where nothing can run."""
        return self.folder / "recording.jsonl.gz"


def is_variable(value: Any) -> bool:
    """Whether a pattern's value stands for whatever is found there."""
    return isinstance(value, str) and value.startswith("$")
