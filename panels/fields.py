# SPDX-License-Identifier: GPL-3.0-or-later
"""How the fields of a frame are called and coloured, the same in the bit table and in the hex dump."""

from __future__ import annotations

from PyQt5.QtGui import QColor

from panels.theme import DARK

# Label in the bit table, short form for narrow cells, full name.
NAMES = {
    "fin": ("FIN", "F", "FIN"),
    "rsv1": ("R1", "1", "RSV1"),
    "rsv2": ("R2", "2", "RSV2"),
    "rsv3": ("R3", "3", "RSV3"),
    "opcode": ("opcode", "op", "Opcode"),
    "mask": ("M", "M", "MASK"),
    "payload_length": ("length", "len", "Payload length"),
    "extended_payload_length": ("extended length", "ext", "Extended payload length"),
    "masking_key": ("masking key", "key", "Masking key"),
    "payload_data": ("payload", "data", "Payload data"),
}

# Palette roles: of the field's own colour, and of text in it (the default is plain text).
COLORS = {
    "fin": "fin",
    "rsv1": "payload",
    "rsv2": "payload",
    "rsv3": "payload",
    "opcode": "opcode",
    "mask": "mask",
    "payload_length": "length",
    "extended_payload_length": "length",
    "masking_key": "masking_key",
    "payload_data": "payload",
}
INKS = {
    "payload_length": "length_text",
    "extended_payload_length": "length_text",
    "masking_key": "masking_key_text",
    "payload_data": "muted",
}


def ink_on() -> QColor:
    """Return what is written on a field's own colour: the Okabe-Ito colours are light enough for a dark ink."""
    return QColor(DARK.on_accent)
