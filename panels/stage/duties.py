# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker listens to after a channel was dropped on it or ticked in its menu, and the command line for it."""

from __future__ import annotations

import fnmatch
import shlex

from app.settings import Duty

EVERYTHING = Duty()


def listens(duty: Duty, channel: str) -> bool:
    """Return whether a worker with this duty listens to a channel of its routing."""
    is_wanted = not duty.only or _matches(channel, duty.only)
    return is_wanted and not _matches(channel, duty.exclude)


def dropped(duty: Duty, channel: str) -> Duty:
    """Return the duty after a channel was dropped: a worker for everything is now for it alone, another also for it."""
    exclude = tuple(glob for glob in duty.exclude if not fnmatch.fnmatchcase(channel, glob))
    has_it = _matches(channel, duty.only)
    return Duty(duty.only if has_it else (*duty.only, channel), exclude)


def ticked(duty: Duty, channel: str) -> Duty:
    """Return the duty after a channel was ticked or unticked."""
    if not listens(duty, channel):
        return dropped(duty, channel) if duty.only else Duty((), _without(duty.exclude, channel))
    only = tuple(name for name in duty.only if name != channel)
    if only and not _matches(channel, only):
        return Duty(only, duty.exclude)
    return Duty(duty.only, (*duty.exclude, channel))


def command_of(duty: Duty) -> str:
    """Return how a worker with this duty is started in a project with Channels 1.x."""
    return " ".join(["python manage.py runworker", *map(shlex.quote, duty.options)])


def in_words(duty: Duty) -> tuple[str, ...]:
    """Say what a duty leaves of the channels: several ways, the longest first; nothing where it leaves all."""
    if duty == EVERYTHING:
        return ()
    words = ["only " + ", ".join(duty.only)] * bool(duty.only) + ["not " + ", ".join(duty.exclude)] * bool(duty.exclude)
    last = [text.replace("websocket.", "").replace("http.request", "http") for text in words]
    return (", ".join(words), ", ".join(last))


def _matches(channel: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(channel, glob) for glob in globs)


def _without(globs: tuple[str, ...], channel: str) -> tuple[str, ...]:
    return tuple(glob for glob in globs if not fnmatch.fnmatchcase(channel, glob))
