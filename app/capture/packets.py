# SPDX-License-Identifier: GPL-3.0-or-later
"""From a packet's bytes to its TCP segment: link layer, IPv4 or IPv6, TCP. Checksums are never looked at.

Offloading to the network card makes checksums of sent packets wrong in nearly every capture; the talk's own packet is
one of them.
"""

from __future__ import annotations

import struct
from socket import AF_INET, AF_INET6, inet_ntop
from typing import NamedTuple

FIN, SYN, RST, ACK = 1, 2, 4, 16

_ETHERNET, _NULL, _RAW, _LOOP, _COOKED, _COOKED2 = 1, 0, 101, 108, 113, 276
_RAW_TYPES = (_RAW, 12, 14, 228, 229)
_VLAN = (0x8100, 0x88A8, 0x9100)
# AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 or 30 on the BSDs and macOS.
_FAMILIES = {2: 4, 10: 6, 24: 6, 28: 6, 30: 6}
_TCP_PROTOCOL, _FRAGMENT, _AUTHENTICATION = 6, 44, 51
# IPv6 extension headers that say their own length: options, routing, mobility, host identity, shim6, authentication.
_EXTENSIONS = (0, 43, 60, 135, 139, 140, _AUTHENTICATION)

LINKS = (_ETHERNET, _NULL, _LOOP, _COOKED, _COOKED2, *_RAW_TYPES)
_TCP = struct.Struct(">4xIIBB").unpack_from


class Segment(NamedTuple):
    """A TCP segment; `start` is where its payload lies in the packet, `length` how much of it there was on the wire.

    `captured` may be less than `length` when the capture kept only the beginning of each packet.
    """

    addresses: bytes  # of the sender and of the receiver, as they stand in the packet
    ports: bytes
    sequence: int
    acknowledged: int
    flags: int
    start: int
    length: int
    captured: int

    @property
    def key(self) -> bytes:
        """What all segments of this direction of the connection have in common."""
        return self.addresses + self.ports

    @property
    def reverse_key(self) -> bytes:
        """The key of the other direction."""
        half = len(self.addresses) // 2
        return self.addresses[half:] + self.addresses[:half] + self.ports[2:] + self.ports[:2]

    @property
    def source(self) -> bytes:
        """Address and port of the sender."""
        return self.addresses[: len(self.addresses) // 2] + self.ports[:2]

    @property
    def target(self) -> bytes:
        """Address and port of the receiver."""
        return self.addresses[len(self.addresses) // 2 :] + self.ports[2:]


class Fragment(NamedTuple):
    """A part of an IP packet (RFC 791 §3.2, RFC 8200 §4.5) that carries TCP, from byte `offset` of what it carries."""

    packet: tuple[bytes, int]  # the same in all parts of one packet
    offset: int
    is_last: bool
    addresses: bytes
    start: int
    length: int
    captured: int
    head: bytes  # the first bytes, where the TCP header is if this is the first part


class Unreadable(Exception):
    """A packet that is TCP but cannot be taken further; the text says why."""


def segment_of(packet: bytes, link: int) -> Segment | Fragment | None:
    """Return the TCP segment in a packet, or the part of one, None when it carries something else.

    Raises:
        Unreadable: it is cut short inside its headers.
    """
    try:
        start = _network(packet, link)
        if start < 0:
            return None
        version = packet[start] >> 4
        if version == 4:
            return _ipv4(packet, start)
        return _ipv6(packet, start) if version == 6 else None
    except (IndexError, struct.error):
        raise Unreadable("cut short inside the headers") from None


def _network(packet: bytes, link: int) -> int:
    """Return where the IP header starts, -1 when there is none."""
    if link in _RAW_TYPES:
        return 0
    if link in (_NULL, _LOOP):
        # In the byte order of the machine that captured (null), or of the network (loop).
        families = int.from_bytes(packet[:4], "little"), int.from_bytes(packet[:4], "big")
        return 4 if any(family in _FAMILIES for family in families) else -1
    place = {_ETHERNET: 12, _COOKED: 14, _COOKED2: 0}.get(link)
    if place is None:
        return -1
    kind = int.from_bytes(packet[place : place + 2], "big")
    place = 20 if link == _COOKED2 else place + 2
    while kind in _VLAN:
        kind = int.from_bytes(packet[place + 2 : place + 4], "big")
        place += 4
    return place if kind in (0x0800, 0x86DD) else -1


def _ipv4(packet: bytes, start: int) -> Segment | Fragment | None:
    if packet[start + 9] != _TCP_PROTOCOL:
        return None
    total = int.from_bytes(packet[start + 2 : start + 4], "big")
    place = start + (packet[start] & 0x0F) * 4
    # A total of 0 means that the network card cut a larger one into packets (TCP segmentation offload).
    end = start + total if total else len(packet)
    addresses = packet[start + 12 : start + 20]
    fragment = int.from_bytes(packet[start + 6 : start + 8], "big")
    if fragment & 0x3FFF:
        identity = packet[start + 4 : start + 6]
        return _fragment(packet, place, end, (addresses, int.from_bytes(identity, "big")), fragment << 3 & 0xFFFF,
                         not fragment & 0x2000)  # fmt: skip
    return tcp_segment(packet, place, end, addresses)


def _ipv6(packet: bytes, start: int) -> Segment | Fragment | None:
    length = int.from_bytes(packet[start + 4 : start + 6], "big")
    end = start + 40 + length if length else len(packet)
    addresses = packet[start + 8 : start + 40]
    kind, place = packet[start + 6], start + 40
    while kind in _EXTENSIONS:
        units = packet[place + 1]
        # RFC 4302 §2.2: the authentication header counts in units of 4 bytes, and from 2; the others in 8, from 1.
        kind, place = packet[place], place + (4 * (units + 2) if kind == _AUTHENTICATION else 8 * (units + 1))
    if kind == _FRAGMENT and packet[place] == _TCP_PROTOCOL:
        offset, identity = struct.unpack_from(">HI", packet, place + 2)
        if offset & 0xFFF9:
            return _fragment(packet, place + 8, end, (addresses, identity), offset & 0xFFF8, not offset & 1)
        kind, place = packet[place], place + 8  # an "atomic" fragment: the whole, RFC 6946
    return tcp_segment(packet, place, end, addresses) if kind == _TCP_PROTOCOL else None


def _fragment(packet: bytes, place: int, end: int, identity: tuple[bytes, int], offset: int, is_last: bool) -> Fragment:
    captured = max(min(end, len(packet)) - place, 0)
    head = b"" if offset else packet[place : min(place + 60, end)]
    return Fragment(identity, offset, is_last, identity[0], place, max(end - place, 0), captured, head)


def tcp_segment(packet: bytes, place: int, end: int, addresses: bytes) -> Segment:
    """Return the segment whose TCP header is at `place` and whose data ends before `end`."""
    sequence, acknowledged, offset, flags = _TCP(packet, place)
    start = place + (offset >> 4) * 4
    length = max(end - start, 0)
    captured = max(min(end, len(packet)) - start, 0)
    return Segment(addresses, packet[place : place + 4], sequence, acknowledged, flags, start, length, captured)


def address(end: bytes) -> str:
    """Return "1.2.3.4:80" or "[::1]:80" for an address and port as they stand in a packet."""
    port = int.from_bytes(end[-2:], "big")
    if len(end) == 6:
        return f"{inet_ntop(AF_INET, end[:4])}:{port}"
    return f"[{inet_ntop(AF_INET6, end[:16])}]:{port}"
