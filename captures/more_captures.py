# SPDX-License-Identifier: GPL-3.0-or-later
"""More of the sample captures: other link types, awkward segments, the demo's own traffic; see make_captures.py."""

from __future__ import annotations

import json
import struct

from make_captures import BEGAN, CLIENT, SERVER, Conversation, frame, pcap, request, response

FAMILY_MACOS = struct.pack("<I", 30)  # AF_INET6 of macOS, in front of each packet of a BSD null capture
LOOPBACK = bytes(15) + b"\x01"


def lengths() -> bytes:
    """Each form of the length, at both of its ends: 0, 125, 126, 65535 and 65536 bytes."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request())
    talk.send(SERVER, response())
    for size in (0, 125, 126, 65535, 65536):
        data = frame(2, bytes(range(256)) * (size // 256) + bytes(range(size % 256)))
        talk.send(SERVER, *(data[i : i + 1448] for i in range(0, len(data), 1448)))
    talk.close()
    return pcap(talk.packets)


def close_codes() -> bytes:
    """A connection for each close code that may be sent, one without a code, and some that must not be sent."""
    packets: list[tuple[float, bytes]] = []
    codes = [None, *range(1000, 1016), 2999, 3000, 4999, 5000]
    for i, code in enumerate(codes):
        talk = Conversation(50000 + i, begin=BEGAN + i)
        talk.open()
        talk.send(CLIENT, request())
        talk.send(SERVER, response())
        body = b"" if code is None else struct.pack(">H", code)
        talk.send(SERVER, frame(8, body + (b"going away" if code == 1001 else b"")))
        talk.send(CLIENT, frame(8, body, bytes.fromhex("0badcafe")))
        talk.close()
        packets += talk.packets
    return pcap(packets)


def masks() -> bytes:
    """Masking done wrong: a key of zeros, one key for all frames, none at all, and a server that masks."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request())
    talk.send(SERVER, response())
    for text in (b"one", b"two", b"three", b"four"):
        talk.send(CLIENT, frame(1, text, bytes.fromhex("37fa213d")))
    zero = b"\x81\x85" + bytes(4) + b"Hello"
    talk.send(CLIENT, zero * 3, frame(1, b"not masked"))
    talk.send(SERVER, frame(1, b"masked", bytes.fromhex("01020304")))
    talk.close()
    return pcap(talk.packets)


def ipv6_loopback() -> bytes:
    """A connection as macOS captures it on lo0: BSD null link type, family 30, IPv6 from ::1 to ::1."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request())
    talk.send(SERVER, response())
    talk.send(CLIENT, frame(1, b'{"type": "chat", "data": "123"}', bytes.fromhex("cafebabe")))
    talk.send(SERVER, frame(1, b'{"type": "chat", "username": "bob", "message": "123"}'))
    talk.close()
    packets = []
    for time, packet in talk.packets:
        tcp = packet[34:]
        ip = struct.pack(">IHBB", 0x60000000, len(tcp), 6, 64) + LOOPBACK + LOOPBACK
        packets.append((time, FAMILY_MACOS + ip + tcp))
    return pcap(packets, link=0)


def retransmission() -> bytes:
    """Segments that overtake each other, come twice, overlap, and one that the capture does not have; in pcapng."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request())
    talk.send(SERVER, response())
    begin = len(talk.packets)
    data = b"".join(frame(1, b'{"message": "number %d"}' % i) for i in range(12))
    talk.send(SERVER, *(data[i : i + 40] for i in range(0, len(data), 40)))
    talk.send(SERVER, frame(1, b"before the hole"))
    talk.lose(SERVER, frame(1, b"nobody captured this"))
    talk.send(SERVER, frame(1, b"after the hole"), frame(1, b"and on"))
    talk.close()
    head, body = talk.packets[:begin], talk.packets[begin:]
    body[2], body[3] = body[3], body[2]  # one overtaken by the next
    body.insert(6, body[4])  # one that came twice
    comments = {begin + 2: "overtook the one before", begin + 6: "a retransmission"}
    return pcapng(head + body, comments)


def fragments() -> bytes:
    """IP packets in parts, the parts out of order: the TCP header is in the first part only."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request())
    talk.send(SERVER, response())
    talk.send(SERVER, frame(1, b"x" * 300))
    talk.send(SERVER, frame(1, b"whole"))
    packets = []
    for i, (time, packet) in enumerate(talk.packets):
        parts = _parts(packet, i) if len(packet) > 300 else [packet]
        packets += [(time, part) for part in reversed(parts)]
    return pcap(packets)


def demo_chat() -> bytes:
    """The demo's chat: two pages join a room, talk, and one leaves; what it sends is what app/demo sends."""
    bob, alice = Conversation(50001), Conversation(50002, begin=BEGAN + 1)
    for who, name in ((bob, "bob"), (alice, "alice")):
        who.open()
        who.send(CLIENT, request("/chat/lobby/"))
        who.send(SERVER, response())
        who.send(SERVER, _said(type="welcome", username=name, room="lobby", history=[]))
    bob.at(BEGAN + 2)
    alice.at(BEGAN + 2)
    for who, name, text, key in (
        (bob, "bob", "hi", "11223344"), (alice, "alice", "hello bob", "55667788"), (bob, "bob", "123", "99aabbcc"),
    ):  # fmt: skip
        who.send(CLIENT, frame(1, json.dumps({"type": "chat", "data": text}).encode(), bytes.fromhex(key)))
        for page in (bob, alice):
            page.send(SERVER, _said(type="chat", username=name, message=text))
    alice.send(CLIENT, frame(8, struct.pack(">H", 1001), bytes.fromhex("0f1e2d3c")))
    alice.send(SERVER, frame(8, struct.pack(">H", 1001)))
    alice.close()
    bob.send(SERVER, _said(type="left", username="alice"))
    return pcap(sorted(bob.packets + alice.packets))


def drawing() -> bytes:
    """Drawing together: many small binary frames, eight bytes of two coordinates each, several in a segment."""
    talk = Conversation()
    talk.open()
    talk.send(CLIENT, request("/draw/lobby/"))
    talk.send(SERVER, response())
    points = [(i * 7 % 320, i * i % 240) for i in range(30)]
    for i in range(0, len(points), 5):
        batch = [struct.pack(">II", x, y) for x, y in points[i : i + 5]]
        keys = [struct.pack(">I", 0x01020304 * (i + j + 1) & 0xFFFFFFFF) for j in range(5)]
        talk.send(CLIENT, b"".join(frame(2, point, key) for point, key in zip(batch, keys, strict=True)))
        talk.send(SERVER, b"".join(frame(2, point) for point in batch))
    talk.close()
    return pcap(talk.packets)


def _said(**content: object) -> bytes:
    return frame(1, json.dumps(content).encode())


def _parts(packet: bytes, number: int) -> list[bytes]:
    """Cut an IPv4 packet into parts of 160 bytes."""
    ethernet, ip, body = packet[:14], packet[14:34], packet[34:]
    parts = []
    for start in range(0, len(body), 160):
        piece = body[start : start + 160]
        more = 0x2000 if start + 160 < len(body) else 0
        head = ip[:2] + struct.pack(">HHH", 20 + len(piece), number, more | start // 8) + ip[8:]
        parts.append(ethernet + head + piece)
    return parts


def pcapng(packets: list[tuple[float, bytes]], comments: dict[int, str]) -> bytes:
    """Return a pcapng file, big-endian, nanoseconds, with comments on some packets by their number."""
    parts = [
        _block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1)),
        _block(1, struct.pack(">HHI", 1, 0, 0) + struct.pack(">HHB3xHH", 9, 1, 9, 0, 0)),
    ]
    for i, (time, packet) in enumerate(packets):
        ticks = round(time * 1_000_000) * 1000
        head = struct.pack(">IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet))
        body = head + packet + bytes(-len(packet) % 4)
        if i in comments:
            text = comments[i].encode()
            body += struct.pack(">HH", 1, len(text)) + text + bytes(-len(text) % 4) + bytes(4)
        parts.append(_block(6, body))
    return b"".join(parts)


def _block(kind: int, body: bytes) -> bytes:
    return struct.pack(">II", kind, len(body) + 12) + body + struct.pack(">I", len(body) + 12)


CAPTURES = {
    "lengths.pcap": lengths,
    "close-codes.pcap": close_codes,
    "masks.pcap": masks,
    "ipv6-loopback.pcap": ipv6_loopback,
    "retransmission.pcapng": retransmission,
    "ip-fragments.pcap": fragments,
    "demo-chat.pcap": demo_chat,
    "drawing.pcap": drawing,
}
