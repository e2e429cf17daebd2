# SPDX-License-Identifier: GPL-3.0-or-later
"""Live capture from a network interface, where the user has the right to it; the tap needs none and sees as much."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable
from typing import Any

from app.capture.flows import Closed, Flows, Opened, Run, Sighting
from app.capture.fragments import Fragments
from app.capture.packets import Fragment, Segment, Unreadable, segment_of
from app.events import BytesSeen, ConnectionClosed, ConnectionOpened, Event, SourceFailed, SourceStarted

SOURCE = "sniffer"
REMEDY = (
    "Listening on an interface needs the right to raw sockets (Linux: run as root, or give the Python program "
    "CAP_NET_RAW and CAP_NET_ADMIN; macOS: read access to /dev/bpf*; Windows: Npcap). Without it, use the built-in "
    "server: its tap sees every byte of the connections to it and needs no rights."
)
_KEPT = 64 * 1024 * 1024  # bytes of packets kept for segments that came early
_LOOK = 0.2  # seconds between two looks whether to stop
Put = Callable[[list[Event]], None]


class PacketStream:
    """Turns packets, as they come, into observed events of their TCP connections.

    Args:
        link: the link type of the packets.
        port: only segments from or to this port; 0 for all.
    """

    def __init__(self, link: int, port: int = 0) -> None:
        self._link = link
        self._port = port
        self._flows = Flows(self._read)
        self._fragments = Fragments()
        self._packets: dict[int, bytes] = {}  # by their place in all that was seen
        self._size = self._forgotten = 0

    def feed(self, packet: bytes, t: float) -> list[Event]:
        """Take a packet; returns what it adds to the connections."""
        try:
            found = segment_of(packet, self._link)
        except Unreadable:
            return []
        if found is None or not self._is_wanted(found):
            return []
        place = self._keep(packet)
        events: list[Event] = []
        for segment, position in self._segments(found, place):
            for sighting in self._flows.add(segment, position, t):
                events += self._events(sighting)
        return events

    def _is_wanted(self, found: Segment | Fragment) -> bool:
        if not self._port or isinstance(found, Fragment):
            return True
        port = self._port.to_bytes(2, "big")
        return port in (found.ports[:2], found.ports[2:])

    def _segments(self, found: Segment | Fragment, place: int) -> list[tuple[Segment, int]]:
        return [(found, place)] if isinstance(found, Segment) else list(self._fragments.add(found, place))

    def _keep(self, packet: bytes) -> int:
        place = self._size
        self._packets[place] = packet
        self._size += len(packet)
        while self._size - self._forgotten > _KEPT:
            first = next(iter(self._packets))
            self._forgotten = first + len(self._packets.pop(first))
        return place

    def _read(self, position: int, length: int) -> bytes:
        for place in reversed(self._packets):
            if place <= position:
                packet = self._packets[place]
                return packet[position - place : position - place + length]
        return b""

    def _events(self, sighting: Sighting) -> list[Event]:
        name = f"s{sighting.stream + 1}"
        if isinstance(sighting, Opened):
            return [ConnectionOpened(
                t=sighting.time, source=SOURCE, connection=name, client=sighting.client, server=sighting.server
            )]  # fmt: skip
        if isinstance(sighting, Closed):
            return [ConnectionClosed(t=sighting.time, source=SOURCE, connection=name, reason=sighting.reason)]
        return self._bytes(name, sighting)

    def _bytes(self, name: str, run: Run) -> list[Event]:
        """A hole is no event: the next bytes stand at an offset beyond it."""
        data = self._read(run.position, run.length) if run.position >= 0 else b""
        if not data:
            return []
        return [BytesSeen(
            t=run.time, source=SOURCE, connection=name, direction="client" if run.direction == "client" else "server",
            offset=run.offset, length=len(data), data=data,
        )]  # fmt: skip


class Sniffer:
    """Listens on an interface; observed events go to `put`, called on the sniffer's own thread.

    Args:
        interface: its name, such as "lo"; "" for the usual one.
        put: gets the events; they want decoding by app.sources.decode.WireDecoder.
        port: only TCP packets from or to this port; 0 for all.
    """

    def __init__(self, interface: str, put: Put, port: int = 0) -> None:
        self._interface = interface
        self._put = put
        self._port = port
        self._socket: Any = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="sniffer", daemon=True)

    def start(self) -> bool:
        """Begin to listen; returns False, after a SourceFailed that says why and what to do, when it cannot."""
        try:
            self._socket = self._open()
        except (OSError, ImportError, ValueError, RuntimeError) as error:  # scapy has no error of its own here
            failed = SourceFailed(t=time.time(), source=SOURCE, name=SOURCE, reason=str(error), remedy=REMEDY)
            self._put([failed])
            return False
        self._put([SourceStarted(t=time.time(), source=SOURCE, name=SOURCE, detail=self._interface)])
        self._thread.start()
        return True

    def stop(self) -> None:
        """Listen no more; returns when the thread has ended."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _open(self) -> Any:
        import scapy.arch
        import scapy.layers.all
        from scapy.config import conf

        return conf.L2listen(iface=self._interface or scapy.arch.get_if_list()[0])

    def _listen(self) -> None:
        from scapy.config import conf

        stream = PacketStream(conf.l2types.layer2num.get(self._socket.LL, 1), self._port)
        try:
            while not self._stopped.is_set():
                if not select.select([self._socket], [], [], _LOOK)[0]:
                    continue
                _, packet, t = self._socket.recv_raw()
                if packet and (events := stream.feed(packet, float(t or time.time()))):
                    self._put(events)
        except OSError as error:
            self._put([SourceFailed(t=time.time(), source=SOURCE, name=SOURCE, reason=str(error), remedy=REMEDY)])
        finally:
            self._socket.close()
