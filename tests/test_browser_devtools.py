# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real Chromium tells its developer tools of a socket, beside what our table says that they show."""

import base64

import pytest

from panels.devtools_rows import BYTES, DevToolsRows, told
from panels.ladder_rows import LadderRows
from tests.browser import browser, enter, live

__all__ = ["browser", "enter", "live"]

pytestmark = pytest.mark.browser


class Inspector:
    """What DevTools would be told of the newest socket of a page, from when it is reloaded."""

    def __init__(self, tab):
        self._rows = []
        self._socket = ""
        session = self.session = tab.context.new_cdp_session(tab)
        session.send("Network.enable")
        session.on("Network.webSocketCreated", lambda event: setattr(self, "_socket", event["requestId"]))
        for way, direction in (("Sent", "client"), ("Received", "server")):
            session.on(f"Network.webSocketFrame{way}", lambda event, to=direction: self._rows.append((to, event)))
        tab.reload()

    def rows(self, direction):
        """Return data and length as DevTools makes them (its source: ResourceWebSocketFrameView.ts)."""
        told = [event for to, event in self._rows if to == direction and event["requestId"] == self._socket]
        return [_row(event["response"]["opcode"], event["response"]["payloadData"]) for event in told]


def _row(opcode, data):
    if opcode == 2:
        return "Binary Message", f"{len(base64.b64decode(data))} B"
    return " ".join(data[:BYTES].split()), str(len(data.encode("utf-16-le")) // 2)


def of_ours(live, connection):
    """Return the left half of our table: direction, text, length."""
    rows = LadderRows(live.store)
    rows.take(live.store.since(live.store.start))
    rows.follow(connection)
    rows.catch_up()
    frames = [live.store.index.row(item) for item in rows.items if item >= 0]
    shown = [(frame.direction, told(live.store, frame)) for frame in frames]
    return frames, DevToolsRows(rows), [(way, one.data, one.length) for way, one in shown if one]


def test_that_our_left_half_is_what_chromium_tells_and_the_right_half_has_the_rest(enter, live):
    tab = enter("Jürgen", "devtools")
    inspector = Inspector(tab)
    tab.get_by_text("Connected as Jürgen").wait_for()
    tab.get_by_label("Message", exact=True).fill("Grüße 👋")
    tab.get_by_role("button", name="Send").click()
    tab.locator(".line", has_text="Grüße 👋").wait_for()
    live.pour()
    connection = [one for one in live.state.connections.values() if one.name == "Jürgen" and not one.closed][-1].id
    live.lab.ping_sockets()
    tab.evaluate("() => socket.send(new Uint8Array(5))")
    tab.evaluate("() => socket.send(JSON.stringify({type: 'chat', data: 'x'.repeat(200000)}))")
    tab.get_by_text("too long").wait_for()
    tab.evaluate("() => socket.close(1000, 'bye')")
    tab.get_by_text("Disconnected").wait_for()
    live.until(lambda: live.state.connections[connection].closed, "the end of the socket")
    frames, table, ours = of_ours(live, connection)
    for direction in ("client", "server"):  # how the two interleave is seen at either end
        assert [row[1:] for row in ours if row[0] == direction] == inspector.rows(direction)
    assert ("client", "Binary Message", "5 B") in ours
    assert {8, 9, 10} <= {frame.opcode for frame in frames}
    assert [frame for frame in frames if not frame.fin], "Chromium cuts long messages"
    assert len(table) > len(ours)
