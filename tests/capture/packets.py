# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets and capture files of all the kinds that we read."""

import struct

SYN, ACK, FIN, RST = 2, 16, 1, 4
A, B = ("10.0.0.2", 50000), ("10.0.0.1", 8000)
A6, B6 = ("::1", 50000), ("::1", 8000)


def ip_bytes(address):
    import ipaddress

    return ipaddress.ip_address(address).packed


def tcp(source, target, sequence, data=b"", flags=ACK, options=b""):
    offset = (5 + len(options) // 4) << 4
    return (
        struct.pack(">HHIIBBHHH", source[1], target[1], sequence & 0xFFFFFFFF, 0, offset, flags, 1000, 7, 0)
        + options
        + data
    )


def ip4(source, target, segment, options=b"", fragment=0):
    first = 0x45 + len(options) // 4
    head = struct.pack(">BBHHHBBH", first, 0, 20 + len(options) + len(segment), 0, fragment, 64, 6, 9)
    return head + ip_bytes(source[0]) + ip_bytes(target[0]) + options + segment


def ip6(source, target, segment, extensions=b"", following=6):
    head = struct.pack(">IHBB", 0x60000000, len(extensions) + len(segment), following, 64)
    return head + ip_bytes(source[0]) + ip_bytes(target[0]) + extensions + segment


def ethernet(packet, tags=b""):
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return bytes(12) + tags + kind + packet


def pcap(packets, link=1, order="<", nano=False, snap=65535):
    """Return a pcap file of (time, packet) pairs."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for time, packet in packets:
        fraction = round((time % 1) * (1e9 if nano else 1e6))
        kept = packet[:snap]
        parts += [struct.pack(order + "IIII", int(time), fraction, len(kept), len(packet)), kept]
    return b"".join(parts)


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng(packets, link=1, order="<", resolution=None, kind=6):
    """Return a pcapng file; `resolution` is if_tsresol, `kind` the block type of its packets."""
    option = b"" if resolution is None else struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
    parts = [
        block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(order, 5, b"a block that nobody knows"),
        block(order, 1, struct.pack(order + "HHI", link, 0, 0) + option),
    ]
    per_second = 10**6 if resolution is None else 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    for time, packet in packets:
        ticks = int(time) * per_second + round(time % 1 * per_second)
        if kind == 3:
            head = struct.pack(order + "I", len(packet))
        elif kind == 2:
            head = struct.pack(order + "HHIIII", 0, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet))
        else:
            head = struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet))
        parts.append(block(order, kind, head + packet))
    return b"".join(parts)
