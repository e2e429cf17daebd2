# SPDX-License-Identifier: GPL-3.0-or-later
"""What each header of an opening handshake is for, and where it is written."""

from __future__ import annotations

# The name in lower case -> a sentence, and the sections that say it.
MEANINGS: dict[str, tuple[str, str]] = {
    "host": ("The server's name and port: one address may serve many names.", "RFC 6455 §4.1, RFC 9110 §7.2"),
    "upgrade": ("Asks to go on with another protocol on this connection: websocket.", "RFC 6455 §4.1, §11.3"),
    "connection": (
        "Says that Upgrade is meant for the next server on the way, not for a proxy to pass on.",
        "RFC 6455 §4.1, RFC 9110 §7.6.1",
    ),
    "sec-websocket-key": (
        "16 random bytes in base64; the answer must be made from them. A script in a page cannot set it.",
        "RFC 6455 §11.3.1",
    ),
    "sec-websocket-version": (
        "The protocol's version; that of RFC 6455 is 13. An answer lists the versions that would do.",
        "RFC 6455 §11.3.5, §4.4",
    ),
    "sec-websocket-protocol": (
        "What may be spoken inside the WebSocket; the server may choose one of those offered.",
        "RFC 6455 §11.3.4, §1.9",
    ),
    "sec-websocket-extensions": (
        "What may change the frames, such as permessage-deflate; only what both sides name is used.",
        "RFC 6455 §11.3.2, §9.1",
    ),
    "sec-websocket-accept": (
        "The proof that the server understood: made from the key, in the three steps.",
        "RFC 6455 §11.3.3, §4.2.2",
    ),
    "origin": (
        "The page whose script asks; a server may refuse strangers. A browser cannot be made to lie here, other "
        "programs can.",
        "RFC 6455 §4.1, §10.2",
    ),
    "cookie": ("Cookies travel with the handshake, so the server knows the session.", "RFC 6455 §4.1, RFC 6265"),
    "set-cookie": ("The server asks the browser to keep a cookie, here as in any answer.", "RFC 6265 §4.1"),
    "authorization": ("Who asks, and the proof of it.", "RFC 6455 §4.1, RFC 9110 §11.6.2"),
    "user-agent": ("The program that asks.", "RFC 9110 §10.1.5"),
    "server": ("The program that answers.", "RFC 9110 §10.2.4"),
    "date": ("When the answer was made.", "RFC 9110 §6.6.1"),
    "content-length": ("How many bytes of body follow these headers.", "RFC 9112 §6.2"),
    "content-type": ("What kind of thing the body is.", "RFC 9110 §8.3"),
    "transfer-encoding": ("How the body is cut into pieces.", "RFC 9112 §6.1"),
    "cache-control": ("What a cache may keep; an opening handshake is never kept.", "RFC 9111 §5.2"),
    "pragma": ("The old form of Cache-Control.", "RFC 9111 §5.4"),
    "accept-encoding": ("How an ordinary body may be compressed; frames are not meant.", "RFC 9110 §12.5.3"),
    "accept-language": ("The languages the reader prefers.", "RFC 9110 §12.5.4"),
    "accept": ("The kinds of body that would do.", "RFC 9110 §12.5.1"),
    "x-frame-options": ("Whether the page may stand inside another one.", "RFC 7034"),
    "x-content-type-options": ("The browser is not to guess what kind the body is.", "Fetch Standard"),
    "referrer-policy": ("How much of its address a page tells where its links lead.", "Referrer Policy"),
    "cross-origin-opener-policy": ("Whether pages of others may keep hold of this one.", "HTML Standard"),
}
UNKNOWN = (
    "Not one of the handshake's own: HTTP lets any header travel along, and nobody has to heed it.",
    "RFC 6455 §4.1",
)


def meaning_of(name: str) -> tuple[str, str]:
    """Return a header's sentence and its sections, for every header there may be."""
    return MEANINGS.get(name.lower(), UNKNOWN)
