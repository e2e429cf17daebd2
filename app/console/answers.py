# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of Redis as redis-cli prints them."""

from __future__ import annotations

import json
from typing import Any

from app.console.words import quoted
from app.layer.describe import describe_value
from app.layer.messages import UnreadableBody, decode

Answer = bytes | int | None | list[Any]
LINE_LIMIT = 400  # lines of one answer
TEXT_LIMIT = 20_000  # characters of one answer


def shown(answer: Answer, is_status: bool = False, is_plain: bool = False) -> str:
    """Return what redis-cli prints for an answer: a status without quotes, plain text as it is."""
    if isinstance(answer, bytes) and (is_status or is_plain):
        return limited(answer.decode(errors="replace").replace("\r\n", "\n").rstrip("\n"))
    return limited("\n".join(_lines(answer)))


def _lines(answer: Answer) -> list[str]:
    if answer is None:
        return ["(nil)"]
    if isinstance(answer, int):
        return [f"(integer) {answer}"]
    if isinstance(answer, bytes):
        return [quoted(answer)]
    if isinstance(answer, Exception):
        return [error(answer)]
    if not answer:
        return ["(empty array)"]
    width = len(str(len(answer)))
    lines = []
    for number, item in enumerate(answer, 1):
        head = f"{number:>{width}}) "
        for inner in _lines(item):
            lines.append(head + inner)
            head = " " * len(head)
    return lines


def error(problem: Exception) -> str:
    """Return an error as redis-cli prints it, with the code that redis-py takes off."""
    text = str(problem)
    code = getattr(problem, "status_code", None) or ""
    return f"(error) {text}" if not code or text.startswith(code) else f"(error) {code} {text}"


def unpacked(body: bytes) -> str:
    """Return a message's body for people: what msgpack has packed, an entry a line, or why it cannot be read."""
    try:
        channel, message = decode(body)
    except UnreadableBody as problem:
        return f"(not a message) {problem}"
    lines = [f"  {json.dumps(name)}: {describe_value(value)}" for name, value in message.items()]
    head = [f"for {channel}"] if channel else []
    return limited("\n".join([*head, "{", ",\n".join(lines), "}"]))


def limited(text: str) -> str:
    """Cut what nobody would read, and say so."""
    lines = text.split("\n")
    more = f"\n… and {len(lines) - LINE_LIMIT} lines more" if len(lines) > LINE_LIMIT else ""
    text = "\n".join(lines[:LINE_LIMIT]) + more
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}… and {len(text) - TEXT_LIMIT} characters more"


def is_empty(answer: Answer) -> bool:
    """Return whether an answer says that there is nothing: nil, an empty list, 0, or -2 for a key that is not there."""
    return answer in (None, 0, -2, []) or answer == b"none"
