# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture files as events: who is the client, numbering, holes, other traffic, progress."""

import pytest

from app.capture.reader import CaptureReader
from app.events import CaptureProgress, ConnectionClosed, ConnectionOpened, FrameSeen, GapSeen, HandshakeSeen
from app.sources.capture_events import read_capture
from tests.capture.packets import ACK, FIN, RST, SYN, A, B, ethernet, ip4, pcap, tcp
from tests.wire.peer import frame, request, response

TEXT = frame(0x81, b'{"message": "Hello"}')
MASKED = frame(0x81, b'{"message": "Hello"}', b"\x0a\x0b\x0c\x0d")


class Talk:
    """A conversation as packets."""

    def __init__(self, client=A, server=B, time=100.0):
        self.ends, self.next, self.time, self.packets = {"c": client, "s": server}, {"c": 1000, "s": 9000}, time, []

    def add(self, who, data=b"", flags=ACK, lose=False, at=None):
        source, target = self.ends[who], self.ends["s" if who == "c" else "c"]
        if not lose:
            sequence = self.next[who] if at is None else at
            self.packets.append((self.time, ethernet(ip4(source, target, tcp(source, target, sequence, data, flags)))))
        if at is None:
            self.next[who] += len(data) + bool(flags & (SYN | FIN))
        self.time += 0.25
        return self

    def open(self):
        return self.add("c", flags=SYN).add("s", flags=SYN | ACK).add("c")

    def upgrade(self):
        return self.open().add("c", request()).add("s", response())

    def close(self):
        return self.add("c", flags=FIN | ACK).add("s", flags=FIN | ACK).add("c")


def reader_of(path, **options):
    return CaptureReader(path, **options)


def read(tmp_path, packets, **options):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(packets, **options))
    reader = reader_of(path)
    return reader.index, [event for batch in read_capture(reader) for event in batch]


def kinds(events):
    return [type(event).__name__ for event in events]


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_that_a_connection_gives_its_events_in_order_and_its_bytes_on_demand(tmp_path):
    talk = Talk().upgrade().add("c", MASKED).add("s", TEXT).close()
    index, events = read(tmp_path, talk.packets)
    assert kinds(events) == [
        "ConnectionOpened", "HandshakeSeen", "FrameSeen", "WebSocketMessageSeen", "FrameSeen", "WebSocketMessageSeen",
        "ConnectionClosed", "CaptureProgress",
    ]  # fmt: skip
    assert (events[0].client, events[0].server, events[0].t) == ("10.0.0.2:50000", "10.0.0.1:8000", 100.0)
    assert [event.t for event in of(events, FrameSeen)] == [101.25, 101.5]
    assert index.raw(0) == MASKED
    assert index.preview(1) == b'{"message": "Hello"}'
    progress = events[-1]
    assert (progress.packets, progress.frames, progress.connections, progress.finished) == (10, 2, 1, True)
    assert progress.done == progress.total


def test_that_connections_are_numbered_in_order_of_their_first_packet(tmp_path):
    other, ours = Talk(("10.0.0.9", 1111)), Talk().upgrade().add("s", TEXT)
    other.open().add("c", b"SSH-2.0-x\r\n").add("s", b"SSH-2.0-y\r\n")
    _, events = read(tmp_path, other.packets + ours.packets)
    assert [event.connection for event in of(events, ConnectionOpened)] == ["c2"]
    assert events[-1].connections == 1


def test_that_ports_used_again_are_another_connection(tmp_path):
    first = Talk().upgrade().add("s", TEXT).close()
    second = Talk(time=200.0)
    second.next = {"c": 77000, "s": 88000}
    second.upgrade().add("s", TEXT)
    index, events = read(tmp_path, first.packets + second.packets)
    assert [event.connection for event in of(events, ConnectionOpened)] == ["c1", "c2"]
    assert [index.row(i).connection for i in index.rows] == ["c1", "c2"]


@pytest.mark.parametrize("first", ["c", "s"])
def test_that_without_a_handshake_the_one_who_masks_is_the_client(tmp_path, first):
    talk = Talk()
    for who in (first, "s" if first == "c" else "c"):
        talk.add(who, (MASKED if who == "c" else TEXT) * 2)
    index, events = read(tmp_path, talk.packets)
    assert (events[0].client, events[0].server) == ("10.0.0.2:50000", "10.0.0.1:8000")
    assert len(index) == 4
    assert all(index.row(i).violations == () for i in range(4))


def test_that_without_a_syn_the_one_who_asks_by_http_is_the_client(tmp_path):
    talk = Talk().add("s", flags=ACK).add("c", request()).add("s", response() + TEXT)
    index, events = read(tmp_path, talk.packets)
    assert events[0].client == "10.0.0.2:50000"
    assert len(of(events, HandshakeSeen)) == len(index) == 1


def test_that_the_one_who_answers_a_syn_is_the_server(tmp_path):
    index, events = read(tmp_path, Talk().upgrade().add("s", TEXT).packets[1:])
    assert events[0].client == "10.0.0.2:50000"
    assert index.row(0).violations == ()


def test_that_a_client_that_does_not_mask_is_still_the_client_after_a_syn(tmp_path):
    index, _ = read(tmp_path, Talk().upgrade().add("c", TEXT).packets)
    assert (index.row(0).direction, index.row(0).violations) == ("client", ("WS-02",))


def test_that_packets_out_of_order_and_twice_give_the_same_frames(tmp_path):
    talk = Talk().upgrade()
    for i in range(20):
        talk.add("s", frame(0x81, b"message %d" % i))
    straight, _ = read(tmp_path, talk.packets)
    expected = [straight.raw(i) for i in range(20)]
    mixed = talk.packets[:5] + talk.packets[:4:-1] + talk.packets[7:9]
    index, events = read(tmp_path, mixed)
    assert [index.raw(i) for i in index.rows] == expected
    assert of(events, GapSeen) == []


def test_that_a_lost_packet_is_a_gap_and_decoding_goes_on(tmp_path):
    talk = Talk().upgrade().add("s", TEXT).add("s", TEXT * 2, lose=True).add("s", TEXT).add("s", TEXT)
    index, events = read(tmp_path, talk.packets)
    (gap,) = of(events, GapSeen)
    assert (gap.direction, gap.offset, gap.length) == ("server", len(response()) + len(TEXT), 2 * len(TEXT))
    assert gap.confidence > 0.9
    assert [index.raw(i) for i in index.rows] == [TEXT] * 3


def test_that_packets_kept_only_in_part_are_gaps(tmp_path):
    long = frame(0x82, bytes(1000))
    talk = Talk().upgrade().add("s", long).add("s", TEXT)
    index, events = read(tmp_path, talk.packets, snap=54 + 300)
    assert [index.row(i).is_complete for i in range(2)] == [False, True]
    assert of(events, GapSeen)[0].length == len(long) - 300
    assert index.raw(1) == TEXT


def test_that_an_unfinished_last_frame_has_a_row_but_was_not_seen_whole(tmp_path):
    index, events = read(tmp_path, Talk().upgrade().add("s", TEXT[:9]).packets)
    assert not index.row(0).is_complete
    assert of(events, FrameSeen) == []


def test_that_a_reset_ends_the_connection(tmp_path):
    _, events = read(tmp_path, Talk().upgrade().add("s", TEXT).add("s", flags=RST).packets)
    assert of(events, ConnectionClosed)[0].reason == "reset"


def test_that_many_connections_of_other_kinds_leave_only_progress(tmp_path):
    packets = []
    for i in range(50):
        talk = Talk(("10.0.1.1", 1000 + i)).open().add("c", b"GET / HTTP/1.1\r\n\r\n")
        packets += talk.add("s", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").close().packets
    _, events = read(tmp_path, packets)
    assert kinds(events) == ["CaptureProgress"]


def test_that_progress_comes_in_between_and_reading_may_stop_there(tmp_path):
    path = tmp_path / "capture.pcap"
    talk = Talk().upgrade()
    for _ in range(5000):
        talk.add("s", TEXT)
    path.write_bytes(pcap(talk.packets))
    reader = reader_of(path)
    batches = read_capture(reader, frame_events=10)
    first = next(batches)
    assert isinstance(first[-1], CaptureProgress)
    assert not first[-1].finished
    assert 0 < first[-1].done < first[-1].total
    assert len(of(first, FrameSeen)) == 10
    assert len(reader.index) > 4000
    batches.close()


def test_that_a_truncated_file_gives_its_frames_and_a_note(tmp_path):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(Talk().upgrade().add("s", TEXT).add("s", TEXT).packets)[:-4])
    reader = reader_of(path)
    (events,) = read_capture(reader)
    assert [reader.index.row(i).is_complete for i in range(2)] == [True, False]
    assert "cut short" in events[-1].notes[0]


@pytest.mark.parametrize("cut", [0, 9])
@pytest.mark.parametrize("asks", [request(), request(connection="close").replace(b"Upgrade: websocket\r\n", b"")])
def test_that_a_refused_handshake_is_seen_and_the_next_one_too(tmp_path, cut, asks):
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 30\r\n\r\n" + b"HTTP/1.1 101 not an answer"
    talk = Talk().open().add("c", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    talk.add("s", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    for _ in range(2):
        for piece in (asks[:cut], asks[cut:]):  # whole in a segment, it takes the quick way
            talk.add("c", piece)
        talk.add("s", refusal).add("s", b"body")
    talk.add("c", request()).add("s", response()).add("s", TEXT).close()
    _, events = read(tmp_path, talk.packets)
    assert [event.status for event in events if isinstance(event, HandshakeSeen)] == [403, 403, 101]
    rules = [event.violations for event in events if isinstance(event, HandshakeSeen)]
    assert [bool(broken) for broken in rules] == [asks != request(), asks != request(), False]
    assert len(of(events, FrameSeen)) == 1
