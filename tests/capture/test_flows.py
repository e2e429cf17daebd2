# SPDX-License-Identifier: GPL-3.0-or-later
"""Holes and their evidence, resets, ports used again, parts of IP packets, and HTTP before and around the handshake."""

import struct

import pytest

from app.capture.reader import CaptureReader
from app.events import ConnectionClosed, FrameSeen, GapSeen, HandshakeSeen
from app.sources.capture_events import read_capture
from tests.capture.packets import ACK, FIN, RST, A, B, ethernet, ip4, ip6, pcap, tcp
from tests.capture.test_reader import MASKED, TEXT, Talk, kinds, of
from tests.wire.peer import frame, request, response


@pytest.fixture
def read(tmp_path):
    readers = []

    def read(packets):
        path = tmp_path / "capture.pcap"
        path.write_bytes(pcap(packets))
        readers.append(CaptureReader(path))
        return readers[-1].index, [event for batch in read_capture(readers[-1]) for event in batch]

    yield read
    for reader in readers:
        reader.close()


def acknowledge(talk, offset):
    """The client says that it has everything up to `offset` of what the server sent."""
    header = bytearray(tcp(A, B, talk.next["c"]))
    header[8:12] = struct.pack(">I", 9001 + offset)
    talk.packets.append((talk.time, ethernet(ip4(A, B, bytes(header)))))
    talk.time += 0.25
    return talk


def test_that_a_hole_that_was_acknowledged_is_given_up_before_the_end(read):
    talk = Talk().upgrade().add("s", TEXT, lose=True).add("s", TEXT * 2)
    have = len(response()) + 3 * len(TEXT)
    for _ in range(6):
        acknowledge(talk, have)
    marked = talk.time
    talk.add("c", MASKED)
    _, events = read(talk.packets)
    order = [event.t for event in events if isinstance(event, GapSeen | FrameSeen)]
    assert kinds(events).index("GapSeen") < kinds(events).index("FrameSeen")
    assert [event.length for event in of(events, GapSeen)] == [len(TEXT)]
    assert order[-1] == marked  # the client's frame came after all of them


def test_that_bytes_acknowledged_but_never_captured_are_a_gap_at_the_end(read):
    talk = Talk().upgrade().add("s", TEXT)
    acknowledge(talk, len(response()) + len(TEXT) + 500)
    _, events = read(talk.packets)
    (gap,) = of(events, GapSeen)
    assert (gap.offset, gap.length) == (len(response()) + len(TEXT), 500)


def test_that_the_acknowledgement_of_a_fin_that_was_not_captured_is_no_gap(read):
    talk = acknowledge(Talk().upgrade().add("s", TEXT), len(response()) + len(TEXT) + 1)
    assert of(read(talk.packets)[1], GapSeen) == []


def test_that_a_reset_from_far_away_in_the_sequence_space_is_not_believed(read):
    talk = Talk().upgrade().add("s", TEXT).add("s", flags=RST, at=2**31).add("s", TEXT)
    index, events = read(talk.packets)
    assert len(index) == 2
    assert of(events, ConnectionClosed)[0].reason == "end of the capture"


def test_that_ports_used_again_without_a_syn_are_another_connection(read):
    first = Talk().upgrade().add("s", TEXT).close()
    second = Talk(time=200.0)
    second.next = {"c": 2**31, "s": 2**31 + 5}
    second.add("c", MASKED * 2).add("s", TEXT * 2)
    index, _ = read(first.packets + second.packets)
    assert [index.row(i).connection for i in index.rows] == ["c1", "c2", "c2", "c2", "c2"]


def test_that_sequence_numbers_wrap_inside_a_frame(read):
    talk = Talk()
    talk.next["s"] = 2**32 - len(response()) - 1 - 10
    talk.upgrade()
    for start in range(0, len(TEXT) * 3, 7):
        talk.add("s", (TEXT * 3)[start : start + 7])
    index, _ = read(talk.packets)
    assert [index.raw(i) for i in range(3)] == [TEXT] * 3


def test_that_what_comes_twice_and_overlaps_is_trimmed_while_frames_pass(read):
    data = b"".join(frame(0x81, b"message %d" % i) for i in range(40))
    talk = Talk().upgrade()
    begin = talk.next["s"]
    for start in range(0, len(data), 50):
        talk.add("s", data[start : start + 50])
        talk.add("s", data[max(start - 30, 0) : start + 20], at=begin + max(start - 30, 0))
    index, events = read(talk.packets)
    assert b"".join(index.raw(i) for i in index.rows) == data
    assert of(events, GapSeen) == []


def parts(segment, version, size=64, keep=lambda i: True):
    """An IP packet in parts of `size` bytes."""
    pieces = [(i, segment[i : i + size], i + size < len(segment)) for i in range(0, len(segment), size)]
    for i, piece, more in pieces:
        if not keep(i // size):
            continue
        if version == 4:
            yield ethernet(ip4(B, A, piece, fragment=i // 8 | (0x2000 if more else 0)))
        else:
            extension = struct.pack(">BBHI", 6, 0, i | more, 77)
            yield ethernet(ip6(("::2", B[1]), ("::1", A[1]), piece, extension, following=44))


@pytest.mark.parametrize("version", [4, 6])
def test_that_parts_of_an_ip_packet_are_put_together_in_any_order(read, version):
    data = frame(0x81, b"x" * 300) + frame(0x81, b"next")
    whole = list(parts(tcp(B, A, 5, data), version))
    assert len(whole) > 4
    for order in (whole, whole[::-1], whole[1:] + whole[:1], [*whole[:2], *whole]):
        index, _ = read([(100.0 + i, packet) for i, packet in enumerate(order)])
        assert b"".join(index.raw(i) for i in index.rows) == data


def test_that_a_part_that_never_came_is_a_hole_and_is_said(tmp_path, read):
    data = frame(0x82, bytes(300)) + frame(0x81, b"next") * 3
    found = [(100.0 + i, packet) for i, packet in enumerate(parts(tcp(B, A, 5, data), 4, keep=lambda i: i != 2))]
    _, events = read([*Talk().upgrade().packets, *found])
    assert "parts never came" in events[-1].notes[0]


def test_that_folded_header_lines_belong_to_the_line_before(read):
    folded = request().replace(b"Upgrade: websocket", b"Upgrade:\r\n websocket")
    index, events = read(Talk().open().add("c", folded).add("s", response() + TEXT).packets)
    assert of(events, HandshakeSeen)[0].violations == ()
    assert len(index) == 1


def test_that_a_handshake_through_a_proxys_tunnel_is_found(read):
    ask = b"CONNECT example:80 HTTP/1.1\r\nHost: example:80\r\n\r\n"
    talk = Talk().open().add("c", ask).add("s", b"HTTP/1.1 200 Connection established\r\n\r\n")
    index, events = read(talk.add("c", request()).add("s", response() + TEXT).add("c", MASKED).packets)
    assert [event.status for event in of(events, HandshakeSeen)] == [101]
    assert len(index) == 2


def test_that_keep_alive_requests_pass_and_frames_right_behind_the_101_are_found(read):
    body = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"  # only text in a page
    page = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    talk = Talk().open()
    for _ in range(3):
        talk.add("c", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").add("s", page[:30]).add("s", page[30:])
    talk.add("c", request()).add("s", response() + TEXT * 2).add("c", MASKED).close()
    index, events = read(talk.packets)
    assert [event.status for event in of(events, HandshakeSeen)] == [101]
    assert sorted(index.row(i).direction for i in index.rows) == ["client", "server", "server"]


def test_that_a_capture_of_the_first_bytes_of_packets_names_its_gaps(tmp_path):
    talk = Talk().upgrade()
    for i in range(5):
        talk.add("s", frame(0x82, bytes([i]) * 900))
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(talk.packets, snap=300))
    reader = CaptureReader(path)
    events = [event for batch in read_capture(reader) for event in batch]
    assert [reader.index.row(i).is_complete for i in range(5)] == [False] * 5
    assert len(of(events, GapSeen)) == 5
    assert all(gap.confidence == 1.0 for gap in of(events, GapSeen))
    reader.close()


def test_that_a_fin_says_how_many_bytes_are_missing_before_it(read):
    talk = Talk().upgrade().add("s", TEXT).add("s", TEXT, lose=True).add("s", flags=FIN | ACK)
    _, events = read(talk.packets)
    assert [event.length for event in of(events, GapSeen)] == [len(TEXT)]
