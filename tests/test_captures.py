# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sample capture decodes to what is written beside it, whichever way its bytes come in."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.capture.flows import Flows, Opened, Run
from app.capture.fragments import Fragments
from app.capture.packets import Fragment, segment_of
from app.capture.reader import CaptureReader
from app.capture.records import CaptureFile
from app.commands import decode
from app.events import BytesSeen, ConnectionClosed, ConnectionOpened, HandshakeSeen, WebSocketMessageSeen
from app.frame_index import FrameIndex
from app.sources.capture_events import read_capture
from app.sources.decode import WireDecoder

FOLDER = Path(__file__).parent.parent / "captures"
SHARED = Path(os.environ.get("CHANNELSCOPE_SHARED", FOLDER.parent.parent / "shared")) / "captures"
CAPTURES = sorted(FOLDER.glob("*.pcap*"))


def decoded(path, capsys):
    assert decode.run(argparse.Namespace(file=path, json=True, filter="", websocket=[], other=[])) == 0
    out, err = capsys.readouterr()
    return [json.loads(line) for line in out.splitlines()], err.splitlines()


def read(path):
    reader = CaptureReader(path)
    return reader.index, [event for batch in read_capture(reader) for event in batch]


def sightings(file):
    flows, fragments = Flows(lambda position, length: file.data[position : position + length]), Fragments()
    for time, link, position, captured, _ in file.records():
        segment = segment_of(file.data[position : position + captured], link)
        if isinstance(segment, Fragment):
            for whole, place in fragments.add(segment, position):
                yield from flows.add(whole, place, time)
        elif segment is not None:
            yield from flows.add(segment, position, time)
    yield from flows.finish()


def columns(index):
    rows = [index.row(i) for i in index.rows]
    return sorted((r.connection, r.direction, r.offset, r.first, r.second, r.length, r.violations, r.is_complete,
                   index.raw(r.row)) for r in rows)  # fmt: skip


def test_that_there_are_captures():
    assert len(CAPTURES) >= 13


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_that_a_capture_decodes_to_what_is_written_beside_it(path, capsys):
    expected = json.loads(path.with_suffix(".json").read_text())
    frames, warnings = decoded(path, capsys)
    assert frames == expected["frames"]
    assert warnings == expected["warnings"]


def test_that_the_captures_are_those_the_script_makes(tmp_path):
    subprocess.run([sys.executable, FOLDER / "make_captures.py", tmp_path], check=True, timeout=60)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in CAPTURES}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_that_the_same_bytes_through_the_tap_give_the_same_frames(path):
    """What the capture has of each stream, fed as live byte runs of seven bytes."""
    live = WireDecoder(FrameIndex())
    capture = CaptureFile(path)
    for sighting in sightings(capture):
        if isinstance(sighting, Opened):
            live.feed(
                ConnectionOpened(t=0, source="server", connection=f"c{sighting.stream + 1}", client="", server="")
            )
        elif isinstance(sighting, Run) and sighting.position >= 0:
            for start in range(0, sighting.length, 7):
                place = sighting.position + start
                data = capture.data[place : place + min(7, sighting.length - start)]
                live.feed(BytesSeen(t=0, source="server", connection=f"c{sighting.stream + 1}", data=data,
                                    direction=sighting.direction, offset=sighting.offset + start,
                                    length=len(data)))  # fmt: skip
        elif sighting is not None and not isinstance(sighting, Run):
            live.feed(ConnectionClosed(t=0, source="server", connection=f"c{sighting.stream + 1}"))
    capture.close()
    index, _ = read(path)
    assert len(index) > 0
    assert columns(index) == columns(live.index)


# --- captures of other projects, which are not part of this repository ---


@pytest.fixture
def shared():
    if not SHARED.is_dir():
        pytest.skip(f"not run: {SHARED} is not here")

    def path_of(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"not run: {path} is not here")
        return path

    return path_of


def test_that_fragments_sharing_a_segment_are_two_frames(shared, capsys):
    frames, _ = decoded(shared("zeek__two-binary-fragments.pcap"), capsys)
    assert [(f["opcode"], f["fin"], f["length"]) for f in frames] == [
        (9, True, 4), (10, True, 4), (2, True, 11), (2, False, 5), (0, True, 7), (8, True, 2), (8, True, 2),
    ]  # fmt: skip
    assert [f["close_code"] for f in frames if "close_code" in f] == [1000, 1000]


def test_that_close_frames_without_a_code_and_the_subprotocol_are_read(shared):
    index, events = read(shared("zeek__http_websocket.pcap"))
    rows = [index.row(i) for i in index.rows]
    assert [row.direction for row in rows].count("client") == 3
    assert [row.direction for row in rows].count("server") == 6
    assert all(row.masked == (row.direction == "client") for row in rows)
    assert [row.length for row in rows if row.opcode == 8] == [0, 0]
    assert [event.subprotocol for event in events if isinstance(event, HandshakeSeen)] == ["x-kaazing-handshake"]


def test_that_a_wrong_accept_value_is_named(shared):
    index, events = read(shared("zeek__wrong-accept-header.pcap"))
    assert [event.violations for event in events if isinstance(event, HandshakeSeen)] == [("WS-01",)]
    assert [index.row(i).opcode for i in index.rows] == [9]


def test_that_compressed_messages_use_the_window_of_the_earlier_ones(shared):
    _, events = read(shared("suricata__websocket-compressed.pcap"))
    messages = [event for event in events if isinstance(event, WebSocketMessageSeen)]
    assert [message.n for message in messages] == list(range(1, 11))
    assert [message.length for message in messages] == [36, 21, 21, 21, 23, 23, 23, 23, 19, 23]


def test_that_a_frame_over_many_segments_and_an_older_connection_are_read(shared, capsys):
    frames, _ = decoded(shared("pcap2har__ipv4-websocket-segmented.pcap"), capsys)
    assert 5379 in [f["length"] for f in frames if f["stream"] == 1]
    assert [f["close_code"] for f in frames if f["stream"] == 0] == [1001, 1001]


def test_that_a_capture_with_every_packet_twice_and_no_handshake_is_read(shared):
    index, _ = read(shared("pcap-ws-parse__ws.pcap"))
    assert [index.row(i).direction for i in index.rows] == ["client"] * 7 + ["server"]
    assert b'"method":"HB"' in index.preview(0)


def test_that_our_packet_of_the_talk_is_the_one_the_reference_has(shared):
    reference = shared("talk-frame-5.pcap").read_bytes()
    assert (FOLDER / "talk-frame-5.pcap").read_bytes()[40:] == reference[40:]
