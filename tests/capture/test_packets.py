# SPDX-License-Identifier: GPL-3.0-or-later
"""From link layer to TCP segment."""

import struct

import pytest

from app.capture.packets import Unreadable, address, segment_of
from tests.capture.packets import A6, B6, A, B, ethernet, ip4, ip6, tcp

DATA = b"\x81\x05Hello"
FOUR = ip4(A, B, tcp(A, B, 7, DATA))
SIX = ip6(A6, B6, tcp(A6, B6, 7, DATA))


def payload(packet, link):
    segment = segment_of(packet, link)
    return None if segment is None else packet[segment.start : segment.start + segment.captured]


def linked(ip):
    kind = b"\x08\x00" if ip[0] >> 4 == 4 else b"\x86\xdd"
    families = (2,) if ip[0] >> 4 == 4 else (10, 24, 28, 30)
    yield 1, ethernet(ip)
    yield 1, ethernet(ip) + bytes(6)  # padded to the smallest Ethernet frame
    yield 1, ethernet(ip, b"\x81\x00\x00\x05")
    yield 1, ethernet(ip, b"\x88\xa8\x00\x05\x81\x00\x00\x06")
    yield 113, b"\x00\x00\x03\x04" + bytes(10) + kind + ip
    yield 113, b"\x00\x00\x03\x04" + bytes(10) + b"\x81\x00\x00\x05" + kind + ip
    yield 276, kind + bytes(18) + ip
    for family in families:
        for order in "<>":
            yield 0, struct.pack(order + "I", family) + ip
            yield 108, struct.pack(order + "I", family) + ip
    for link in (101, 12, 228 if ip[0] >> 4 == 4 else 229):
        yield link, ip


@pytest.mark.parametrize("ip", [FOUR, SIX], ids=["IPv4", "IPv6"])
def test_that_every_link_type_leads_to_the_segment(ip):
    for link, packet in linked(ip):
        assert payload(packet, link) == DATA, link
        segment = segment_of(packet, link)
        assert (address(segment.source), address(segment.target)) == (
            ("10.0.0.2:50000", "10.0.0.1:8000") if ip is FOUR else ("[::1]:50000", "[::1]:8000")
        )
        assert segment.sequence == 7


def test_that_options_and_extension_headers_are_passed_over():
    assert payload(ip4(A, B, tcp(A, B, 7, DATA, options=bytes(12)), options=bytes(8)), 101) == DATA
    extensions = bytes([60, 0]) + bytes(6) + bytes([6, 1]) + bytes(14)  # hop-by-hop, then destination options
    assert payload(ip6(A6, B6, tcp(A6, B6, 7, DATA), extensions, following=0), 101) == DATA


def test_that_other_traffic_is_none():
    udp = bytearray(FOUR)
    udp[9] = 17
    assert segment_of(bytes(udp), 101) is None
    assert segment_of(ethernet(FOUR).replace(b"\x08\x00E", b"\x08\x06E"), 1) is None
    assert segment_of(FOUR, 147) is None
    assert segment_of(b"\x07\x00\x00\x00" + FOUR, 0) is None


def test_that_parts_of_ip_packets_say_where_they_belong():
    part = segment_of(ip4(A, B, tcp(A, B, 7, DATA), fragment=0x2000), 101)
    assert (part.offset, part.is_last, part.start, part.length) == (0, False, 20, 27)
    later = segment_of(ip4(A, B, b"later part", fragment=3), 101)
    assert (later.packet, later.offset, later.is_last, later.length) == (part.packet, 24, True, 10)
    part = segment_of(ip6(A6, B6, b"later part", bytes([6, 0, 0, 25, 0, 0, 0, 9]), following=44), 101)
    assert (part.offset, part.is_last, part.start, part.length, part.packet[1]) == (24, False, 48, 10, 9)


def test_that_a_fragment_that_is_the_whole_packet_is_a_segment():
    assert payload(ip6(A6, B6, tcp(A6, B6, 7, DATA), bytes([6]) + bytes(7), following=44), 101) == DATA


def test_that_a_packet_cut_anywhere_says_what_is_missing_and_never_fails_otherwise():
    packet = ethernet(FOUR)
    for size in range(len(packet)):
        try:
            segment = segment_of(packet[:size], 1)
        except Unreadable:
            assert size < 48
            continue
        assert segment is None or (segment.length == len(DATA) and segment.captured == max(size - 54, 0))


def test_that_a_length_of_zero_left_by_offloading_means_all_there_is():
    packet = bytearray(FOUR)
    packet[2:4] = b"\x00\x00"
    assert payload(bytes(packet), 101) == DATA
