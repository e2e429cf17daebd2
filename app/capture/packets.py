# SPDX-License-Identifier: GPL-3.0-or-later
"""From a packet's bytes to its TCP segment: link layer, IPv4 or IPv6, TCP. Checksums are never looked at.

Offloading to the network card makes checksums of sent packets wrong in nearly every capture; the talk's own packet is
one of them.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

FIN, SYN, RST, ACK = 1, 2, 4, 16

_ETHERNET, _NULL, _RAW, _LOOP, _COOKED, _COOKED2 = 1, 0, 101, 108, 113, 276
_RAW_TYPES = (_RAW, 12, 14, 228, 229)
_VLAN = (0x8100, 0x88A8, 0x9100)
# AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 or 30 on the BSDs and macOS.
_FAMILIES = {2: 4, 10: 6, 24: 6, 28: 6, 30: 6}
_EXTENSIONS = (0, 43, 60, 135)  # IPv6 extension headers that say their own length

LINKS = (_ETHERNET, _NULL, _LOOP, _COOKED, _COOKED2, *_RAW_TYPES)
_TCP = struct.Struct(">HHIIBB").unpack_from


class Segment(NamedTuple):
    """A TCP segment; `start` is where its payload lies in the packet, `length` how much of it there was on the wire.

    `captured` may be less than `length` when the capture kept only the beginning of each packet.
    """

    source: bytes  # address and port as they stand in the packet
    target: bytes
    sequence: int
    acknowledged: int
    flags: int
    start: int
    length: int
    captured: int


class Unreadable(Exception):
    """A packet that is TCP but cannot be taken further; the text says why."""


def segment_of(packet: bytes, link: int) -> Segment | None:
    """Return the TCP segment in a packet, None when it carries something else.

    Raises:
        Unreadable: it is an IP fragment, or cut short inside its headers.
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


def _ipv4(packet: bytes, start: int) -> Segment | None:
    if packet[start + 9] != 6:
        return None
    if int.from_bytes(packet[start + 6 : start + 8], "big") & 0x3FFF:
        raise Unreadable("an IP fragment")
    total = int.from_bytes(packet[start + 2 : start + 4], "big")
    header = (packet[start] & 0x0F) * 4
    # A total of 0 means that the network card cut a larger one into packets (TCP segmentation offload).
    end = start + total if total else len(packet)
    return _tcp(packet, start + header, end, packet[start + 12 : start + 16], packet[start + 16 : start + 20])


def _ipv6(packet: bytes, start: int) -> Segment | None:
    length = int.from_bytes(packet[start + 4 : start + 6], "big")
    kind, place = packet[start + 6], start + 40
    while kind in _EXTENSIONS:
        kind, place = packet[place], place + 8 * (packet[place + 1] + 1)
    if kind == 44:
        raise Unreadable("an IP fragment")
    if kind != 6:
        return None
    end = start + 40 + length if length else len(packet)
    return _tcp(packet, place, end, packet[start + 8 : start + 24], packet[start + 24 : start + 40])


def _tcp(packet: bytes, place: int, end: int, source: bytes, target: bytes) -> Segment:
    _, _, sequence, acknowledged, offset, flags = _TCP(packet, place)
    start = place + (offset >> 4) * 4
    length = max(end - start, 0)
    captured = max(min(end, len(packet)) - start, 0)
    source_end, target_end = source + packet[place : place + 2], target + packet[place + 2 : place + 4]
    return Segment(source_end, target_end, sequence, acknowledged, flags, start, length, captured)


def address(end: bytes) -> str:
    """Return "1.2.3.4:80" or "[::1]:80" for an address and port as they stand in a packet."""
    from ipaddress import IPv6Address

    port = int.from_bytes(end[-2:], "big")
    if len(end) == 6:
        return f"{'.'.join(map(str, end[:4]))}:{port}"
    return f"[{IPv6Address(end[:16])}]:{port}"
