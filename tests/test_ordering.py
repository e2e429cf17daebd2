# SPDX-License-Identifier: GPL-3.0-or-later
"""Two workers race for the frames of one socket, in the live system."""

from websockets.sync.client import connect

from app import events as e
from tests.live_fixture import live_lab

FRAMES = [str(n) for n in range(40)]


def test_that_frames_are_answered_in_their_order_and_those_that_waited_have_a_fate_too():
    with live_lab(workers=2, routing="tests.channels.ordered_routing.channel_routing") as live:
        live.until_working(2)
        address = live.lab.address.replace("http", "ws", 1)
        with connect(f"{address}/any/", origin=live.lab.address) as socket:
            for text in FRAMES:
                socket.send(text)
            assert [socket.recv(timeout=20) for _ in FRAMES] == FRAMES
        assert live.until(
            lambda: [m for m in live.state.messages.values() if m.channel.startswith("__wait__.")], "one that waited"
        )
        live.quiet()
        assert not live.of(e.ConsumerFailed)
