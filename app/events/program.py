# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program and its user do."""

from __future__ import annotations

from app.events.base import Event


class LabStarted(Event, frozen=True, kw_only=True, tag=True):
    """The live system is set up with these settings; what was before it belongs to an earlier run."""

    expiry: float
    capacity: int
    prefix: str
    workers: int


class ExpiryChanged(Event, frozen=True, kw_only=True, tag=True):
    """Messages sent from now on live `expiry` seconds."""

    expiry: float


class VerbFailed(Event, frozen=True, kw_only=True, tag=True):
    """A user asked for something that could not be done."""

    verb: str
    reason: str
    remedy: str = ""


class CaptureProgress(Event, frozen=True, kw_only=True, tag=True):
    """How far the reading of a capture file has come; `notes` is what was noticed (truncation, gaps)."""

    path: str
    packets: int
    frames: int
    connections: int
    done: int
    total: int
    seconds: float
    finished: bool = False
    notes: tuple[str, ...] = ()


class CommandRun(Event, frozen=True, kw_only=True, tag=True):
    """A Redis command was typed and answered; `verb` is its first word in small letters, `answer` what was printed.

    `key`, `channel` or `group` says what the first key it names is to the channel layer. `is_empty`: there was nothing,
    so the answer is nil, an empty list, 0, or -2 for the time to live of a key that does not exist.
    """

    command: str
    verb: str
    answer: str
    is_error: bool = False
    is_empty: bool = False
    key: str = ""
    channel: str = ""
    group: str = ""


class CaptureOpened(Event, frozen=True, kw_only=True, tag=True):
    """A capture file was opened; `name` without its folders, "" when it was closed again for the live system."""

    name: str


class EventsDropped(Event, frozen=True, kw_only=True, tag=True):
    """`count` observations of `source` were not kept because something was too slow to take them."""

    count: int


class CountersSeen(Event, frozen=True, kw_only=True, tag=True):
    """A source's totals since it began, so that sums stay right when observations were dropped.

    `unsaid` counts what was dropped by kind, a group's copies one by one. `holding` is how many messages a worker has
    taken and not come to an end with at this moment.
    """

    events: int
    dropped: int
    unsaid: dict[str, int] = {}
    holding: int = 0


class StepShown(Event, frozen=True, kw_only=True, tag=True):
    """A lesson's step is on the screen."""

    lesson: str
    step: str


class Predicted(Event, frozen=True, kw_only=True, tag=True):
    """The learner said what will happen: the number of the option chosen, from 0."""

    lesson: str
    step: str
    option: int


class RecordingStarted(Event, frozen=True, kw_only=True, tag=True):
    """The recording of a step is played instead of the live system; what was before belongs to another run."""

    lesson: str
    step: str


class RecordingFinished(Event, frozen=True, kw_only=True, tag=True):
    """The recording of a step has come to its end."""

    lesson: str
    step: str


class Selected(Event, frozen=True, kw_only=True, tag=True):
    """Something was selected in the window.

    `kind` is "frame", "message", "run" (the consumer that runs for a message), "worker", "connection", "channel",
    "group", "key" or "database"; "" with no `item`: nothing is selected any more.
    Of a frame, `item` is its row, `opcode` its name ("TEXT"), `field` the name RFC 6455 has for the bits chosen in the
    Inspector ("" for the frame as a whole). Of a group that a way leads to, `field` is the key of the message with
    whose run it was sent to.
    """

    kind: str
    item: str
    direction: str = ""
    opcode: str = ""
    field: str = ""
