# SPDX-License-Identifier: GPL-3.0-or-later
"""The fourteen rules of RFC 6455 that an observer can see broken."""

from __future__ import annotations

from typing import NamedTuple


class Violation(NamedTuple):
    """A broken rule: its section of RFC 6455, the close code of a peer that notices (0: none), and why it matters."""

    rule: str
    section: str
    close_code: int
    title: str
    why: str


_ALL = (
    Violation(
        "WS-01", "4.1", 0, "accept value does not match the key",
        "Sec-WebSocket-Accept proves that the server understood the WebSocket handshake; the client must fail the "
        "connection when it is wrong.",
    ),
    Violation(
        "WS-02", "5.1", 1002, "client frame not masked",
        "Every frame from a client is masked, so that a script cannot choose the bytes that a proxy on the way sees.",
    ),
    Violation(
        "WS-03", "5.1", 1002, "server frame masked",
        "A server never masks; a client closes the connection when it sees a masked frame.",
    ),
    Violation(
        "WS-04", "5.5", 1002, "control frame longer than 125 bytes",
        "Control frames must fit a 7-bit length, so that they can be handled at once between other frames.",
    ),
    Violation(
        "WS-05", "5.5", 1002, "control frame in fragments",
        "A control frame may stand between the fragments of a message, so it cannot have fragments itself: FIN is 1.",
    ),
    Violation(
        "WS-06", "5.2", 1002, "reserved opcode",
        "Opcodes 3 to 7 and 11 to 15 have no meaning yet; who receives one must fail the connection.",
    ),
    Violation(
        "WS-07", "5.2", 1002, "reserved bit set without an extension for it",
        "RSV1, RSV2 and RSV3 are 0 unless an extension that gives them a meaning was negotiated.",
    ),
    Violation(
        "WS-08", "5.4", 1002, "fragments out of order",
        "A continuation needs a message that was begun, and a new message must wait until the last one has ended.",
    ),
    Violation(
        "WS-09", "5.2", 1002, "length not in its shortest form",
        "The minimal number of bytes must be used for the length, and a 64-bit length has its top bit clear.",
    ),
    Violation(
        "WS-10", "8.1", 1007, "text is not UTF-8",
        "A text message, put together from its fragments, and the reason of a close frame are valid UTF-8.",
    ),
    Violation(
        "WS-11", "7.4", 1002, "close code that must not be sent",
        "A close frame is empty or starts with a 2-byte code: 1000-1003, 1007-1014 or 3000-4999.",
    ),
    Violation(
        "WS-12", "5.5.1", 0, "data after a close frame",
        "Who has sent a close frame must not send any more frames; what still comes is ignored.",
    ),
    Violation(
        "WS-13", "5.3", 0, "masking key used again and again",
        "A masking key must be unpredictable and fresh for each frame; a constant or zero key protects nobody.",
    ),
    Violation(
        "WS-14", "4.2", 0, "opening handshake breaks a rule",
        "The request needs version 13 and a key of 16 bytes; the answer may only choose among what was offered.",
    ),
)  # fmt: skip

RULES: dict[str, Violation] = {violation.rule: violation for violation in _ALL}


def broken(rule: str, why: str = "") -> Violation:
    """Return the violation of `rule`, with words of its own where the case has more to say than the rule."""
    violation = RULES[rule]
    return violation._replace(why=why) if why else violation
