# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets as they come become observed events; listening itself where we have the right to."""

import queue
import socket

import pytest

from app.capture.records import CaptureFile
from app.events import BytesSeen, ConnectionClosed, ConnectionOpened, FrameSeen, HandshakeSeen, SourceFailed
from app.frame_index import FrameIndex
from app.sources.decode import WireDecoder
from app.sources.sniff import REMEDY, PacketStream, Sniffer
from tests.test_captures import FOLDER, columns, read


def fed(path):
    file, decoder = CaptureFile(path), WireDecoder(FrameIndex())
    stream, events = None, []
    for time, link, position, captured, _ in file.records():
        stream = stream or PacketStream(link)
        for event in stream.feed(file.data[position : position + captured], time):
            events += decoder.feed(event)
    file.close()
    return decoder.index, events


@pytest.mark.parametrize("name", ["chat.pcap", "ipv6-loopback.pcap", "ip-fragments.pcap", "demo-chat.pcap"])
def test_that_sniffed_packets_give_the_frames_that_the_capture_of_them_gives(name):
    live, events = fed(FOLDER / name)
    captured, _ = read(FOLDER / name)
    assert [column[1:] for column in columns(live)] == [column[1:] for column in columns(captured)]
    assert any(isinstance(event, HandshakeSeen) for event in events)
    assert isinstance(events[0], ConnectionOpened)


def test_that_a_hole_is_a_jump_of_the_offset():
    _, events = fed(FOLDER / "midstream.pcap")
    assert any(isinstance(event, FrameSeen) for event in events)
    runs = [event for event in events if isinstance(event, BytesSeen) and event.direction == "server"]
    assert runs[0].offset == 0


def test_that_a_listener_without_the_right_says_what_to_do(monkeypatch):
    def refuse(self):
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(Sniffer, "_open", refuse)
    events = []
    assert not Sniffer("lo", events.extend).start()
    (failed,) = events
    assert isinstance(failed, SourceFailed)
    assert failed.remedy == REMEDY


@pytest.mark.filterwarnings("ignore")  # scapy's own, on import
def test_that_a_connection_over_the_loopback_interface_is_seen():
    came: queue.Queue = queue.Queue()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        sniffer = Sniffer("lo", lambda events: [came.put(event) for event in events], port)
        if not sniffer.start():
            why = came.get().reason
            assert "permi" in why.lower(), why
            pytest.skip(f"needs the right to listen on an interface (root, or CAP_NET_RAW): {why}")
        client = socket.create_connection(("127.0.0.1", port))
        peer, _ = server.accept()
        client.sendall(b"GET / HTTP/1.1\r\n")
        assert peer.recv(100)
        client.close()
        peer.close()
        seen = []
        while not any(isinstance(event, ConnectionClosed) for event in seen):
            seen.append(came.get(timeout=20))
        sniffer.stop()
    (run,) = [event for event in seen if isinstance(event, BytesSeen)]
    assert (run.direction, run.data) == ("client", b"GET / HTTP/1.1\r\n")
