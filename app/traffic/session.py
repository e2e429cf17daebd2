# SPDX-License-Identifier: GPL-3.0-or-later
"""A session into one pcapng that Wireshark dissects: HTTP, WebSocket and Redis, a comment for each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from app import events as e
from app.capture.pcapng_writer import write_pcapng
from app.capture.records import Packet
from app.capture.synthetic import LINK
from app.frame_index import FrameIndex
from app.recording import DERIVED
from app.sources.decode import WireDecoder
from app.traffic.known import Known
from app.traffic.redis import RedisTraffic
from app.traffic.sockets import Made, Sockets

COMMENT = (
    "A session of Channelscope. Packets between clients and the interface server have the bytes that the server saw, in"
    " TCP packets made for them. Packets to and from port 6379 are reconstructed from what the processes told, not"
    " sniffed: plain commands that do what the channel layer's scripts do, a TCP connection for each process."
)


class Count(NamedTuple):
    """What was written."""

    packets: int
    frames: int


def export_session(events: Iterable[e.Event], path: Path) -> Count:
    """Write observed events, bytes included, as packets.

    Raises:
        OSError: the file cannot be written.
    """
    index = FrameIndex()
    try:
        decoder = WireDecoder(index)
        steps = [_step(event, decoder) for event in events]
        known = Known(one for event, derived in steps for one in (event, *derived))
        made = sorted(_packets(steps, known), key=lambda one: one[0])
        write_pcapng(path, [Packet(0, t, LINK, data, len(data), comment) for t, data, comment in made], COMMENT)
        return Count(len(made), len(index))
    finally:
        index.spool.close()


Step = tuple[e.Event, list[e.Event]]


def _step(event: e.Event, decoder: WireDecoder) -> Step:
    """Return an event and what its bytes mean."""
    return event, [one for one in decoder.feed(event) if isinstance(one, DERIVED)]


def _packets(steps: list[Step], known: Known) -> Iterator[Made]:
    sockets, redis = Sockets(known), RedisTraffic(known)
    for _, together in groupby(enumerate(steps), key=_copies):
        group = [step for _, step in together]
        for event, derived in group:
            yield from sockets.take(event, derived)
        yield from redis.take([event for event, _ in group])


def _copies(numbered: tuple[int, Step]) -> tuple[object, ...]:
    """Return what the copies of one group's message have in common; any other event is alone."""
    number, (event, _) = numbered
    if isinstance(event, e.MessageSent) and event.group:
        return event.source, event.t, event.group
    return (number,)
