# SPDX-License-Identifier: GPL-3.0-or-later
"""A typed line to words and back, quoted as redis-cli quotes."""

from __future__ import annotations

import re

_HEX = re.compile(r"x([0-9a-fA-F]{2})")
_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a"}
_SHOWN = {b'"'[0]: '\\"', b"\\"[0]: "\\\\", 10: "\\n", 13: "\\r", 9: "\\t", 8: "\\b", 7: "\\a"}


class QuoteError(ValueError):
    """Quotes are not balanced, or something follows a closing quote at once."""


def split(line: str) -> list[bytes]:
    r"""Return the words of a line; in "…" there are escapes (\n, \x1f), in '…' only \'.

    Raises:
        QuoteError: a quote does not end, or ends in the middle of a word.
    """
    words, at = [], 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        word, at = _word(line, at)
        words.append(word)
    return words


def _word(line: str, at: int) -> tuple[bytes, int]:
    """Return the word that begins at a place, and the place after it."""
    out = b""
    while at < len(line) and not line[at].isspace():
        if line[at] in "\"'":
            quoted, at = _quoted(line, at + 1, line[at])
            if at < len(line) and not line[at].isspace():
                raise QuoteError(f"expected a space after the quote before {line[at:]!r}")
            return out + quoted, at
        out += line[at].encode()
        at += 1
    return out, at


def _quoted(line: str, at: int, quote: str) -> tuple[bytes, int]:
    out = b""
    while at < len(line):
        character = line[at]
        if character == quote:
            return out, at + 1
        if character == "\\" and at + 1 < len(line) and (quote == '"' or line[at + 1] == "'"):
            if quote == '"' and (found := _HEX.match(line, at + 1)):
                out += bytes.fromhex(found[1])
                at += 4
                continue
            at += 1
            character = line[at]
            out += _ESCAPES.get(character, character.encode()) if quote == '"' else b"'"
        else:
            out += character.encode()
        at += 1
    raise QuoteError(f"a quote {quote} is not closed")


def quoted(data: bytes) -> str:
    """Return bytes as redis-cli prints a string: in quotes, with escapes for what cannot be printed."""
    shown = (_SHOWN.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)
    return f'"{"".join(shown)}"'


def typed(name: str) -> str:
    """Return a name as one would type it: in quotes only where it needs them."""
    plain = name.isascii() and name.isprintable() and not set(name) & set(" \"'\\") and name
    return name if plain else quoted(name.encode())
