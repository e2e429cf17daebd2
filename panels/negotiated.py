# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two sides agreed on in a handshake: offered, supported, chosen, and why (RFC 6455 §4.2.2, §1.9, §9.1)."""

from __future__ import annotations

from dataclasses import dataclass

from app.wire.handshake import Handshake, unasked

NOT_TOLD = "not told"


@dataclass(frozen=True)
class Negotiated:
    """One thing to agree on; `supported` is `NOT_TOLD` where only the wire was seen: servers keep it to themselves."""

    name: str
    offered: tuple[str, ...]
    supported: str
    chosen: tuple[str, ...]
    reason: str
    is_wrong: bool = False


def negotiated(handshake: Handshake, is_ours: bool) -> tuple[Negotiated, Negotiated]:
    """Return what became of subprotocol and extensions; `is_ours`: our interface server answered."""
    asked = handshake.request
    supported = "none" if is_ours else NOT_TOLD
    protocols = (handshake.subprotocol,) if handshake.subprotocol else ()
    rows = (
        ("subprotocol", asked.tokens("sec-websocket-protocol") if asked else (), protocols),
        ("extension", asked.tokens("sec-websocket-extensions") if asked else (), handshake.extensions),
    )
    made = [
        Negotiated(
            name, offered, supported, chosen, _reason(handshake, name, offered, chosen, is_ours),
            bool(set(chosen) & set(unasked(handshake))),
        )
        for name, offered, chosen in rows
    ]  # fmt: skip
    return made[0], made[1]


def _reason(handshake: Handshake, name: str, offered: tuple[str, ...], chosen: tuple[str, ...], is_ours: bool) -> str:
    if handshake.status != 101:
        return f"The handshake was answered with {handshake.status}, so no {name} is chosen."
    if handshake.request is None:
        return "The request was not seen, so nobody knows what was offered."
    if set(chosen) & set(unasked(handshake)):
        return "Chosen, but never offered: the client must fail the connection (RFC 6455 §4.1)."
    if chosen:
        return "Chosen from what was offered; from now on both sides keep to it."
    if not offered:
        return f"No {name} was offered, so none may be chosen."
    if is_ours:
        return f"This server was started without any, so it names no {name} and the client goes on without."
    return "The server named none of them; the client goes on without, or closes."
