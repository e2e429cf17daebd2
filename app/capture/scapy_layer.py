# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket frames as a scapy layer, to build and to dissect, named as in RFC 6455 §5.2.

    >>> from app.capture.scapy_layer import WebSocket, bind
    >>> bytes(WebSocket(opcode=1, payload_data=b"Hello"))
    b'\\x81\\x05Hello'
    >>> bind(8000)  # dissects what goes over TCP port 8000 as frames

`payload_data` is unmasked, whatever the masking key. Frames that share a segment follow each other as layers. Give
TCPSession to `sniff` for frames over several segments.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from scapy.fields import BitEnumField, BitField, ConditionalField, StrLenField, XStrFixedLenField
from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Loopback
from scapy.packet import Packet, Padding, bind_layers

from app.wire.frames import OPCODES, mask, parse_header

_FAMILIES = (24, 28, 30)  # AF_INET6 of NetBSD and OpenBSD, FreeBSD, macOS; scapy knows the one of the machine it is on


class _MaskedField(StrLenField):
    """Payload data: masked on the wire, plain in the packet."""

    def m2i(self, pkt: Any, x: bytes) -> bytes:
        return mask(x, pkt.masking_key) if pkt.mask else x

    def i2m(self, pkt: Any, x: bytes | None) -> bytes:
        return mask(x or b"", pkt.masking_key) if pkt.mask else x or b""


class WebSocket(Packet):
    """One frame; those that follow it in the same segment are its payload."""

    name = "WebSocket"
    fields_desc = [
        BitField("fin", 1, 1),
        BitField("rsv1", 0, 1),
        BitField("rsv2", 0, 1),
        BitField("rsv3", 0, 1),
        BitEnumField("opcode", 1, 4, OPCODES),
        BitField("mask", 0, 1),
        BitField("payload_length", None, 7),
        ConditionalField(BitField("extended_payload_length", 0, 16), lambda pkt: pkt.payload_length == 126),
        ConditionalField(BitField("extended_payload_length_64", 0, 64), lambda pkt: pkt.payload_length == 127),
        ConditionalField(XStrFixedLenField("masking_key", bytes(4), 4), lambda pkt: pkt.mask),
        _MaskedField("payload_data", b"", length_from=lambda pkt: pkt.length),
    ]

    @property
    def length(self) -> int:
        """Bytes of payload data, whichever field says it."""
        if self.payload_length == 126:
            return int(self.extended_payload_length)
        if self.payload_length == 127:
            return int(self.extended_payload_length_64)
        return int(self.payload_length or 0)

    def self_build(self) -> bytes:
        """Return the frame's bytes; lengths that were not given are worked out."""
        if self.payload_length is None and self.raw_packet_cache is None:
            whole = self.copy()
            size = len(self.payload_data)
            if size < 126:
                whole.payload_length = size
            elif size < 0x10000:
                whole.payload_length, whole.extended_payload_length = 126, size
            else:
                whole.payload_length, whole.extended_payload_length_64 = 127, size
            return bytes(super(WebSocket, whole).self_build())
        return bytes(super().self_build())

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        """What follows a frame is another one, if its header is all there."""
        return WebSocket if parse_header(payload) is not None else Padding

    @classmethod
    def tcp_reassemble(cls, data: bytes, metadata: dict[str, Any], session: dict[str, Any]) -> Packet | None:
        """Return the frames as soon as the last of them is whole (called by scapy's TCPSession)."""
        place = 0
        while place < len(data):
            header = parse_header(data, place)
            if header is None or place + header.end > len(data):
                return None
            place += header.end
        return cls(data) if data else None


def bind(*ports: int) -> None:
    """Dissect what goes over these TCP ports as WebSocket frames."""
    for port in ports:
        bind_layers(TCP, WebSocket, sport=port)
        bind_layers(TCP, WebSocket, dport=port)


@cache
def bind_loopback() -> None:
    """Let BSD loopback packets of all systems lead to IPv6: scapy binds only the number of the one it runs on."""
    for family in _FAMILIES:
        bind_layers(Loopback, IPv6, type=family)
