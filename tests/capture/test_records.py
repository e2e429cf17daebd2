# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of pcap and pcapng files, whole and damaged."""

import struct

import pytest

from app.capture.errors import CaptureError
from app.capture.records import CaptureFile
from tests.capture.packets import block, pcap, pcapng

PACKETS = [(1467338400.25, b"first"), (1467338401.5, b"the second"), (1467338402.0, b"")]


def read(tmp_path, data):
    path = tmp_path / "capture"
    path.write_bytes(data)
    file = CaptureFile(path)
    found = [
        (time, file.data[place : place + captured], link, original)
        for time, link, place, captured, original in file.records()
    ]
    notes = list(file.notes)
    file.close()
    return found, notes


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("nano", [False, True])
def test_that_all_four_kinds_of_pcap_are_read(tmp_path, order, nano):
    found, notes = read(tmp_path, pcap(PACKETS, 113, order, nano))
    assert found == [(time, packet, 113, len(packet)) for time, packet in PACKETS]
    assert notes == []


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", [6, 2])
@pytest.mark.parametrize("resolution", [None, 9, 3, 0x80 + 20])
def test_that_pcapng_is_read(tmp_path, order, kind, resolution):
    found, notes = read(tmp_path, pcapng(PACKETS, 1, order, resolution, kind))
    assert found == [(time, packet, 1, len(packet)) for time, packet in PACKETS]
    assert notes == []


def test_that_sections_of_both_byte_orders_may_follow_each_other(tmp_path):
    found, _ = read(tmp_path, pcapng(PACKETS, 1, "<") + pcapng(PACKETS, 0, ">"))
    assert [link for _, _, link, _ in found] == [1, 1, 1, 0, 0, 0]


def test_that_simple_packets_have_no_time(tmp_path):
    found, _ = read(tmp_path, pcapng([(1.0, b"abcd")], kind=3))
    assert found == [(0.0, b"abcd", 1, 4)]


def test_that_a_packet_of_an_unknown_interface_is_passed_over(tmp_path):
    stray = block("<", 6, struct.pack("<IIIII", 5, 0, 0, 4, 4) + b"abcd")
    found, notes = read(tmp_path, pcapng(PACKETS) + stray)
    assert len(found) == 3
    assert "was not described" in notes[0]


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_that_a_cut_at_any_byte_gives_what_is_there_and_says_so(tmp_path, make):
    data = make(PACKETS[:2])
    whole, _ = read(tmp_path, data)
    for size in range(24, len(data)):
        found, notes = read(tmp_path, data[:size])
        for i, (_, packet, _, original) in enumerate(found):
            assert whole[i][1].startswith(packet)
            assert original == whole[i][3]
        if found and found[-1][1] != whole[len(found) - 1][1]:
            assert "cut short" in notes[-1]


def test_that_a_damaged_block_length_ends_the_reading(tmp_path):
    data = pcapng(PACKETS) + struct.pack("<II", 6, 7) + bytes(40)
    found, notes = read(tmp_path, data)
    assert len(found) == 3
    assert "cannot be read" in notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty file"), (b"GIF89a" + bytes(40), "found 47 49 46 38"), (pcap([])[:20], "ends inside its header")],
)
def test_that_what_is_no_capture_is_refused_in_one_sentence(tmp_path, data, words):
    path = tmp_path / "file.pcap"
    path.write_bytes(data)
    with pytest.raises(CaptureError, match=words) as caught:
        CaptureFile(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_that_a_missing_file_and_a_directory_are_refused(tmp_path):
    with pytest.raises(CaptureError, match="there is no such file"):
        CaptureFile(tmp_path / "nothing.pcap")
    with pytest.raises(CaptureError, match="found a directory"):
        CaptureFile(tmp_path)


def test_that_a_damaged_packet_length_is_passed_over(tmp_path):
    packets = [(1467338400.0 + i, b"packet number %d, long enough" % i) for i in range(6)]
    data = bytearray(pcap(packets))
    size = 16 + len(packets[0][1])
    data[24 + size + 8 : 24 + size + 12] = b"\xff\xff\xff\x7f"
    found, notes = read(tmp_path, bytes(data))
    assert [packet for _, packet, _, _ in found] == [packet for _, packet in [packets[0], *packets[2:]]]
    assert "were passed over" in notes[0]
    assert f"byte {24 + size}" in notes[0]


def test_that_a_damaged_block_is_passed_over(tmp_path):
    packets = [(1467338400.0 + i, b"packet number %d, long enough" % i) for i in range(6)]
    data = pcapng(packets)
    place = data.index(packets[2][1]) - 28
    found, notes = read(tmp_path, data[: place + 4] + b"\x01\x00\x00\x00" + data[place + 8 :])
    assert [packet for _, packet, _, _ in found] == [packet for i, (_, packet) in enumerate(packets) if i != 2]
    assert "were passed over" in notes[0]


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_that_a_packet_is_found_again_by_any_of_its_bytes(tmp_path, make):
    path = tmp_path / "capture"
    path.write_bytes(make(PACKETS))
    file = CaptureFile(path)
    records = list(file.records())
    for number, (time, link, place, captured, _) in enumerate(records):
        for byte in (place, place + captured - 1) if captured else ():
            packet = file.packet_at(byte, file.begin)
            assert (packet.number, packet.time, packet.link) == (number, time, link)
            assert packet.data == PACKETS[number][1]
    assert file.packet_at(5, file.begin) is None
    file.close()


def test_that_comments_of_pcapng_are_kept():
    from pathlib import Path

    from app.capture.reader import CaptureReader

    reader = CaptureReader(Path(__file__).parent.parent.parent / "captures" / "retransmission.pcapng")
    for _ in reader.batches():
        pass
    comments = [packet.comment for row in reader.index.rows for packet in reader.packets_of(row)]
    assert "overtook the one before" in comments
    reader.close()
