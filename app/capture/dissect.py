# SPDX-License-Identifier: GPL-3.0-or-later
"""One packet taken apart layer by layer, by scapy, which is imported when the first one is asked for."""

from __future__ import annotations

from typing import NamedTuple


class LayerField(NamedTuple):
    """A field of a layer, as people read it."""

    name: str
    text: str


class Layer(NamedTuple):
    """A layer of a packet: its name, where its bytes begin and how many its header has."""

    name: str
    start: int
    length: int
    fields: tuple[LayerField, ...]


def dissect(packet: bytes, link: int) -> tuple[Layer, ...]:
    """Return the layers of a packet, the outermost first; what scapy does not know is one layer of raw bytes.

    Args:
        packet: its bytes.
        link: the link type of the capture it is from.
    """
    from scapy.config import conf
    from scapy.layers.l2 import Ether
    from scapy.packet import NoPayload, Raw

    from app.capture.scapy_layer import bind_loopback

    bind_loopback()
    first = conf.l2types.num2layer.get(link, Ether if link == 1 else Raw)
    layer = first(packet)
    layers, start = [], 0
    while not isinstance(layer, NoPayload):
        length = len(layer.original) - len(layer.payload.original) if layer.payload else len(layer.original)
        fields = tuple(LayerField(field.name, layer.sprintf(f"%{field.name}%")) for field in layer.fields_desc)
        layers.append(Layer(str(layer.name), start, length, fields))
        start, layer = start + length, layer.payload
    return tuple(layers)
