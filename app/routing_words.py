# SPDX-License-Identifier: GPL-3.0-or-later
"""An explained route in words: for the window and for the terminal alike."""

from __future__ import annotations

from typing import NamedTuple

from app.events import FilterTried, RouteExplained

NEAR = 16  # characters on from where it stops fitting, of expression and value
WHAT_DEFAULTS_DO = {
    "app.channels.defaults.accept": "it accepts every socket that nobody else decided on",
    "app.channels.defaults.ignore": "it does nothing",
    "app.channels.handler.DjangoViews": "Django's views answer; urls.py chooses which",
}


class Words(NamedTuple):
    """A piece of a sentence; `is_typed`: it stands so in an expression or a value."""

    text: str
    is_typed: bool = False


def nobody(told: RouteExplained, expiry: float) -> tuple[str, str]:
    """Return in short, and in a sentence, what becomes of a message that has no route."""
    if "!" in told.channel or "?" in told.channel:
        return (
            f"{told.channel} is a reply channel",
            "The interface server takes what is sent there; no worker does, and no routing is asked.",
        )
    if not told.is_listened:
        return (
            f"No worker listens to {told.channel}",
            f"No route is for this channel. The message would wait in Redis and expire after {expiry:g} s.",
        )
    return (
        "No route",
        "A worker would take the message, find nobody for it, log an error and drop it (its fate: no route).",
    )


def call(told: RouteExplained) -> str:
    """Return the arguments with which the consumer is called."""
    return f"({', '.join(['message', *(f'{name}={value!r}' for name, value in told.kwargs.items())])})"


def why(one: FilterTried) -> tuple[Words, ...]:
    """Return why a filter does not match; nothing where it does, or nobody can say."""
    if one.outcome == "missing":
        return (Words(f"the message has no {one.key}"),)
    if one.outcome == "not text":
        return (Words(one.value[:60], True), Words(" is no text, so it matches nothing"))
    if one.outcome != "failed" or one.pattern_fitted < 0:
        return ()
    wanted, found = _short(one.pattern[one.pattern_fitted :]), _short(one.value[one.fitted :])
    if wanted == "$":
        return (Words("the value should end here, but "), Words(found, True), Words(" follows"))
    if not found:
        return (Words("the value ends here, and "), Words(wanted, True), Words(" wants more"))
    return (Words(wanted, True), Words(" does not fit "), Words(found, True))


def _short(text: str) -> str:
    return text if len(text) <= NEAR else f"{text[:NEAR]}…"
