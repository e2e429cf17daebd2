# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as a scapy layer: built, dissected, several in a segment; one packet taken apart."""

import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's own, on import
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether

    from app.capture.scapy_layer import WebSocket, bind

from app.capture.dissect import dissect
from app.capture.reader import CaptureReader

KEY = bytes.fromhex("37fa213d")
TALK = Path(__file__).parent.parent.parent / "captures" / "talk-frame-5.pcap"


def test_that_the_examples_of_the_rfc_are_built():
    assert bytes(WebSocket(payload_data=b"Hello")).hex(" ") == "81 05 48 65 6c 6c 6f"
    masked = WebSocket(mask=1, masking_key=KEY, payload_data=b"Hello")
    assert bytes(masked).hex(" ") == "81 85 37 fa 21 3d 7f 9f 4d 51 58"
    assert bytes(WebSocket(opcode=9, payload_data=b"Hello"))[:2] == b"\x89\x05"


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
@pytest.mark.parametrize("key", [b"", KEY])
def test_that_every_length_is_dissected_as_it_was_built(size, key):
    masking = {"mask": 1, "masking_key": key} if key else {}
    data = bytes(WebSocket(opcode=2, payload_data=bytes(range(256)) * (size // 256) + b"x" * (size % 256), **masking))
    again = WebSocket(data)
    assert len(again.payload_data) == size == again.length
    assert (again.opcode, again.mask, again.fin) == (2, int(bool(key)), 1)
    assert bytes(again) == data


def test_that_frames_that_share_a_segment_are_layers_one_after_the_other():
    bind(8123)
    frames = WebSocket(fin=0, payload_data=b"Hel") / WebSocket(opcode=9) / WebSocket(opcode=0, payload_data=b"lo")
    packet = Ether(bytes(Ether() / IP() / TCP(sport=8123) / frames))
    first = packet[WebSocket]
    assert (first.fin, first.payload_data) == (0, b"Hel")
    assert (first.payload.opcode, first.payload.payload.payload_data) == (9, b"lo")


def test_that_reassembly_waits_for_the_last_byte():
    data = bytes(WebSocket(payload_data=b"Hello"))
    assert WebSocket.tcp_reassemble(data[:-1], {}, {}) is None
    assert WebSocket.tcp_reassemble(data, {}, {}).payload_data == b"Hello"


def test_that_the_talks_packet_is_taken_apart_down_to_tcp():
    reader = CaptureReader(TALK)
    for _ in reader.batches():
        pass
    (packet,) = reader.packets_of(0)
    layers = dissect(packet.data, packet.link)
    reader.close()
    assert [(layer.name, layer.start, layer.length) for layer in layers[:3]] == [
        ("Loopback", 0, 4), ("IPv6", 4, 40), ("TCP", 44, 32),
    ]  # fmt: skip
    assert ("sport", "8000") in layers[2].fields
    assert packet.number == 1
