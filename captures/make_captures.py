# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the sample captures beside this file, byte for byte the same each time: python captures/make_captures.py."""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
BEGAN = 1467338400.0  # 1 July 2016, 10:00 UTC
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
FIN, SYN, PSH, ACK = 1, 2, 8, 16
CLIENT, SERVER = "client", "server"

# The packet on the talk's slide "Frames", as its hex dump says it: 131 bytes.
TALK = bytes.fromhex(
    "1e000000600570710057064000000000000000000000000000000001"
    "000000000000000000000000000000011f40ea13d421163b91584211"
    "801831ae005f00000101080a370faa32370faa2081357b2274797065"
    "223a202263686174222c2022757365726e616d65223a2022626f6222"
    "2c20226d657373616765223a2022313233227d"
)


def frame(opcode: int, payload: bytes = b"", key: bytes = b"", fin: bool = True, rsv: int = 0) -> bytes:
    """Return a WebSocket frame; with a key it is masked."""
    bits = bytes([fin << 7 | rsv << 4 | opcode])
    size, masked = len(payload), 0x80 if key else 0
    if size < 126:
        length = bytes([masked | size])
    elif size < 0x10000:
        length = bytes([masked | 126]) + struct.pack(">H", size)
    else:
        length = bytes([masked | 127]) + struct.pack(">Q", size)
    if key:
        payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
    return bits + length + key + payload


def request(path: str = "/chat/lobby/", extra: str = "") -> bytes:
    """Return the client's part of the opening handshake."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
    ).encode()


def response(extra: str = "", key: str = KEY) -> bytes:
    """Return the server's part; another key than the request's makes it wrong."""
    accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{extra}\r\n"
    ).encode()


class Conversation:
    """A TCP connection over IPv4 on Ethernet, as the packets it makes."""

    def __init__(self, client_port: int = 50000, server_port: int = 8000, begin: float = BEGAN) -> None:
        self.packets: list[tuple[float, bytes]] = []
        self._ports = {CLIENT: client_port, SERVER: server_port}
        self._sequence = {CLIENT: 1000, SERVER: 90000}
        self._time = begin

    def at(self, time: float) -> None:
        """Go on at a later time."""
        self._time = time

    def open(self) -> None:
        """Shake hands in TCP."""
        self._packet(CLIENT, SYN)
        self._packet(SERVER, SYN | ACK)
        self._packet(CLIENT, ACK)

    def send(self, sender: str, *data: bytes) -> None:
        """Send one segment for each piece of data."""
        for piece in data:
            self._packet(sender, PSH | ACK, piece)

    def lose(self, sender: str, data: bytes) -> None:
        """Send data that the capture does not have."""
        self._sequence[sender] += len(data)

    def close(self) -> None:
        """End both directions."""
        self._packet(CLIENT, FIN | ACK)
        self._packet(SERVER, FIN | ACK)
        self._packet(CLIENT, ACK)

    def _packet(self, sender: str, flags: int, data: bytes = b"") -> None:
        other = SERVER if sender == CLIENT else CLIENT
        tcp = struct.pack(
            ">HHIIBBHHH", self._ports[sender], self._ports[other], self._sequence[sender], self._sequence[other],
            5 << 4, flags, 65535, 0, 0,
        )  # fmt: skip
        address = {CLIENT: b"\x0a\x00\x00\x02", SERVER: b"\x0a\x00\x00\x01"}
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0x4000, 64, 6, 0) + address[sender] + address[other]
        ethernet = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00"
        self.packets.append((self._time, ethernet + ip + tcp + data))
        self._sequence[sender] += len(data) + (1 if flags & (SYN | FIN) else 0)
        self._time = round(self._time + 0.01, 6)


def pcap(packets: Iterable[tuple[float, bytes]], link: int = 1) -> bytes:
    """Return a pcap file, little-endian, microseconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)]
    for time, packet in packets:
        micros = round(time * 1_000_000)
        parts += (struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(packet), len(packet)), packet)
    return b"".join(parts)


def talk() -> bytes:
    """The talk's own packet; link type 0 is BSD null."""
    return pcap([(BEGAN, TALK)], link=0)


def chat() -> bytes:
    """A whole connection: handshake, text both ways, fragments with a ping between them, close."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request())
    talk.send(SERVER, response())
    talk.send(SERVER, frame(1, b'{"type": "welcome", "username": "bob"}'))
    talk.send(CLIENT, frame(1, b'{"message": "Hello"}', bytes.fromhex("37fa213d")))
    talk.send(SERVER, frame(1, b'{"type": "chat", "username": "bob", "message": "Hello"}'))
    first = frame(1, "Grüße, ".encode()[:3], bytes.fromhex("0a1b2c3d"), fin=False)
    talk.send(CLIENT, first + frame(9, b"still there?", bytes.fromhex("11223344")))
    talk.send(SERVER, frame(10, b"still there?"))
    talk.send(CLIENT, frame(0, "Grüße, ".encode()[3:], bytes.fromhex("deadbeef")))
    long = frame(2, bytes(range(256)) * 2)
    talk.send(SERVER, long[:100], long[100:])
    talk.send(CLIENT, frame(8, struct.pack(">H", 1000) + b"bye", bytes.fromhex("a1b2c3d4")))
    talk.send(SERVER, frame(8, struct.pack(">H", 1000)))
    talk.close()
    return pcap(talk.packets)


def compressed() -> bytes:
    """permessage-deflate: the second message needs the window of the first; the third is in two fragments."""
    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request(extra=offer))
    talk.send(SERVER, response(extra=offer))
    deflate = zlib.compressobj(wbits=-15)
    for i, text in enumerate(
        (b"A message nobody reads.", b"A message nobody reads, again.", b"A message in two parts.")
    ):
        data = (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
        if i < 2:
            talk.send(SERVER, frame(1, data, rsv=4))
        else:
            talk.send(SERVER, frame(1, data[:5], rsv=4, fin=False), frame(0, data[5:]))
    talk.close()
    return pcap(talk.packets)


def broken() -> bytes:
    """A connection for each of the fourteen rules, in their order, which it breaks."""
    key = bytes.fromhex("37fa213d")
    hello = frame(1, b"Hello", key)
    both = {
        2: (frame(1, b"Hello"), b""),
        3: (b"", hello),
        4: (b"", frame(9, bytes(126))),
        5: (b"", frame(9, b"half", fin=False)),
        6: (b"", frame(3, b"new")),
        7: (b"", frame(1, b"Hello", rsv=2)),
        8: (frame(0, b"orphan", key), frame(1, b"one", fin=False) + frame(1, b"two")),
        9: (b"", b"\x81\x7e\x00\x05Hello"),
        10: (b"", frame(1, b"caf\xe9") + frame(8, b"\x03\xe8caf\xe9")),
        11: (frame(8, b"\x03\xed", key), frame(8, b"\x03")),
        12: (b"", frame(8, b"\x03\xe8") + frame(1, b"one more thing")),
        13: (hello * 3, b""),
    }
    packets: list[tuple[float, bytes]] = []
    for rule in range(1, 15):
        talk = Conversation(50000 + rule, begin=BEGAN + rule)
        talk.open()
        talk.send(CLIENT, request(f"/ws-{rule:02}/"))
        extra = "Sec-WebSocket-Protocol: never-offered\r\n" if rule == 14 else ""
        talk.send(SERVER, response(extra, key="AAAAAAAAAAAAAAAAAAAAAA==" if rule == 1 else KEY))
        for sender, data in zip((CLIENT, SERVER), both.get(rule, (b"", frame(9))), strict=True):
            talk.send(sender, *([data] if data else []))
        packets += talk.packets
    return pcap(packets)


def midstream() -> bytes:
    """No handshake, the first frame cut in its middle, a gap, and a last frame that is not finished."""
    talk = Conversation()
    lost = frame(1, b'{"type": "chat", "message": "the beginning of this was not captured"}')
    talk.send(SERVER, lost[30:] + frame(1, b'{"type": "chat", "message": "one"}'))
    talk.send(SERVER, frame(1, b'{"type": "chat", "message": "two"}'))
    talk.send(CLIENT, frame(1, b'{"message": "three"}', bytes.fromhex("01020304")))
    talk.lose(SERVER, frame(1, b"nobody saw this") * 2)
    talk.send(SERVER, frame(1, b'{"type": "chat", "message": "four"}'))
    hole = frame(1, b"x" * 300)
    talk.send(SERVER, hole[:100])
    talk.lose(SERVER, hole[100:200])
    talk.send(SERVER, hole[200:] + frame(1, b'{"type": "chat", "message": "five"}'))
    talk.send(CLIENT, frame(1, b'{"message": "not finished"}', bytes.fromhex("05060708"))[:20])
    return pcap(talk.packets)


CAPTURES = {
    "talk-frame-5.pcap": talk,
    "chat.pcap": chat,
    "compressed.pcap": compressed,
    "broken-rules.pcap": broken,
    "midstream.pcap": midstream,
}

if __name__ == "__main__":
    sys.modules["make_captures"] = sys.modules["__main__"]
    from more_captures import CAPTURES as MORE

    CAPTURES |= MORE
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, make in CAPTURES.items():
        (folder / name).write_bytes(make())
