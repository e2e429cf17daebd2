# SPDX-License-Identifier: GPL-3.0-or-later
"""What each field, opcode and close code of RFC 6455 means: a sentence and its section."""

from __future__ import annotations

from dataclasses import dataclass

from app.wire.fields import Field
from app.wire.frames import Frame
from panels.fields import NAMES

OPCODES = {
    0: ("continues the message that an earlier frame began", "5.4"),
    1: ("text: the whole message, put together from its frames, is UTF-8", "5.6"),
    2: ("binary: the bytes mean what the application says they mean", "5.6"),
    8: ("close: the sender will send nothing more and waits for a close frame in return", "5.5.1"),
    9: ("ping: whoever gets it must answer with a pong that carries the same bytes", "5.5.2"),
    10: ("pong: answers a ping with the ping's own bytes, or says unasked that the sender is alive", "5.5.3"),
}

CLOSE_CODES = {
    1000: ("normal", "what the connection was for is done"),
    1001: ("going away", "the server goes down, or the browser left the page"),
    1002: ("protocol error", "the other side broke a rule of the protocol"),
    1003: ("unsupported data", "a kind of data came that the endpoint cannot accept"),
    1005: ("no code", "stands for a close frame without a code; it must never be sent"),
    1006: ("abnormal", "stands for a connection lost without a close frame; it must never be sent"),
    1007: ("invalid payload", "a text message was not UTF-8"),
    1008: ("policy", "a message broke a rule of the endpoint's own"),
    1009: ("too big", "a message was larger than the endpoint takes"),
    1010: ("extension missing", "the client needs an extension that the server did not agree to"),
    1011: ("internal error", "the server met something it did not expect"),
    1012: ("service restart", "the server restarts"),
    1013: ("try again later", "the server has too much to do"),
    1014: ("bad gateway", "a server on the way got a wrong answer"),
    1015: ("TLS failure", "stands for a failed TLS handshake; it must never be sent"),
}


@dataclass(frozen=True)
class Explanation:
    """A field of one frame in words: `title` is the field with its value."""

    title: str
    sentence: str
    section: str

    @property
    def reference(self) -> str:
        """Where to read more."""
        return f"RFC 6455 §{self.section}"


def close_name(code: int | None) -> str:
    """Return a close code's short name, "" for one without a name here."""
    return CLOSE_CODES[code][0] if code in CLOSE_CODES else ""


def explain(field: Field, frame: Frame) -> Explanation:
    """Return what a field says in this frame."""
    return _EXPLAIN[field.name](field, frame)


def _fin(field: Field, frame: Frame) -> Explanation:
    if not field.value:
        return Explanation("FIN = 0", "more fragments of this message follow.", "5.4")
    if frame.is_control:
        return Explanation("FIN = 1", "a control frame is always whole.", "5.5")
    return Explanation("FIN = 1", "this is the last frame of the message.", "5.2")


def _rsv(field: Field, frame: Frame) -> Explanation:
    title = f"{NAMES[field.name][2]} = {field.value}"
    if not field.value:
        return Explanation(title, "reserved: 0 unless an extension gives the bit a meaning.", "5.2")
    if field.name == "rsv1" and not frame.violations:
        sentence = "the message is compressed: permessage-deflate was agreed on in the handshake."
        return Explanation(title, sentence, "5.2 · RFC 7692 §6")
    return Explanation(title, "set, so an extension agreed on in the handshake must say what it means.", "5.2")


def _opcode(field: Field, frame: Frame) -> Explanation:
    sentence, section = OPCODES.get(field.value, ("reserved: it has no meaning yet, and who gets it must close", "5.2"))
    return Explanation(f"Opcode = 0x{field.value:X}", sentence + ".", section)


def _mask(field: Field, frame: Frame) -> Explanation:
    if field.value:
        return Explanation("MASK = 1", "the payload is masked, as every frame from a client must be.", "5.1")
    return Explanation("MASK = 0", "not masked: right for a server, forbidden for a client.", "5.1")


def _length(field: Field, frame: Frame) -> Explanation:
    title = f"Payload length = {field.value}"
    if field.value < 126:
        return Explanation(title, "7 bits hold the number of payload bytes, up to 125.", "5.2")
    size = "2" if field.value == 126 else "8"
    return Explanation(title, f"a signal, not a length: the next {size} bytes hold it.", "5.2")


def _extended(field: Field, frame: Frame) -> Explanation:
    title = f"Extended payload length = {field.value}"
    return Explanation(title, f"{field.bit_length // 8} bytes, the most significant first.", "5.2")


def _key(field: Field, frame: Frame) -> Explanation:
    title = f"Masking key = {frame.masking_key.hex(' ')}"
    return Explanation(title, "payload byte i on the wire is the real byte XOR key byte i mod 4.", "5.3")


def _payload(field: Field, frame: Frame) -> Explanation:
    size = f"{len(frame.payload)} bytes"
    if frame.opcode == 8 and (code := frame.close_code) is not None:
        name, meaning = CLOSE_CODES.get(code, ("", "a code that the application gives its meaning"))
        return Explanation(f"Close code = {code} {name}".rstrip(), f"{meaning}.", "7.4")
    if frame.masked:
        return Explanation(f"Payload = {size}", "as on the wire, so still masked.", "5.2")
    return Explanation(f"Payload = {size}", "what the frame carries, as it is.", "5.2")


_EXPLAIN = {
    "fin": _fin,
    "rsv1": _rsv,
    "rsv2": _rsv,
    "rsv3": _rsv,
    "opcode": _opcode,
    "mask": _mask,
    "payload_length": _length,
    "extended_payload_length": _extended,
    "masking_key": _key,
    "payload_data": _payload,
}
