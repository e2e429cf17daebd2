# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Chromium pages draw with each other through the whole path."""

import json
import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import PHONE, browser, enter, live

__all__ = ["browser", "enter", "live"]
pytestmark = pytest.mark.browser
NAME = "Jürgen 🐙 <script>title=1</script>"
INKED = """() => { const c = document.getElementById('paper');
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, n) => n % 4 == 3 && v).length }"""


def draw(page, moves=20, begin=0.2):
    """Draw a line with the mouse."""
    box = page.locator("#paper").bounding_box()

    def place(part):
        return box["x"] + box["width"] * (begin + 0.6 * part), box["y"] + box["height"] * (begin + 0.5 * part**2)

    page.mouse.move(*place(0))
    page.mouse.down()
    for n in range(1, moves + 1):
        page.mouse.move(*place(n / moves))
    page.mouse.up()


def until_inked(page, least=500):
    page.wait_for_function(f"least => ({INKED})() > least", arg=least, timeout=5000)


def pieces(live, name):
    """The drawn pieces that the browser of this name sent."""
    live.pour()
    (connection,) = [c.id for c in live.state.connections.values() if c.name == name]
    rows = map(live.store.index.row, live.store.index.rows)
    mine = [row for row in rows if (row.connection, row.direction, row.opcode) == (connection, "client", 1)]
    return [json.loads(live.store.index.preview(row.row, 9999)) for row in mine]


def picture(page, name):
    """Keep a picture to look at, where a folder for it is named."""
    if folder := os.environ.get("CHANNELSCOPE_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_that_two_pages_draw_for_each_other(enter, live):
    ada, bob = enter("Ada", page="draw"), enter(NAME, page="draw")
    expect(ada.locator("#people")).to_contain_text(NAME)
    assert ada.evaluate(INKED) == 0
    draw(bob)
    until_inked(ada)
    expect(ada.locator("#labels")).to_have_text(NAME)
    assert ada.locator("#labels script, #people script").count() == 0
    assert ada.title() == "meetup · Channelscope"
    draw(ada, begin=0.3)
    picture(ada, "draw-desktop")
    bob.get_by_role("button", name="Clear").click()
    ada.wait_for_function(f"() => ({INKED})() == 0")


def test_that_the_slider_gathers_moves_and_what_it_saves_stands_beside_it(enter, live):
    page = enter("Saver", "saving", page="draw")
    draw(page, 60)
    page.get_by_label("Send what is drawn").fill("3")
    expect(page.get_by_text("10 times a second")).to_be_visible()
    began = time.monotonic()
    draw(page, 60)
    seconds = time.monotonic() - began  # many on a busy machine, and then there may be as many tens of messages
    for row in (0, 3):
        page.wait_for_function("row => /ms/.test(document.querySelectorAll('#costs tr')[row].innerText)", arg=row)
    sent = pieces(live, "Saver")
    first, second = [n for n, piece in enumerate(sent) if piece.get("begin")]
    before, after = sent[first:second], sent[second:]
    assert all(len(piece["points"]) == 2 for piece in before)
    assert len(before) > 50
    assert len(after) <= 10 * seconds + 2
    moves = [sum(len(piece["points"]) // 2 for piece in some) for some in (before, after)]
    assert min(moves) > 50  # nothing was left out
    figures = [cell.split() for cell in page.locator("#costs tr").all_inner_texts()]
    assert page.locator("#costs tr[aria-current=true]").inner_text().startswith("10 a second")
    assert figures
    picture(page, "draw-slider")


def test_that_the_drawing_fits_a_phone_and_is_drawn_with_a_finger(enter, live):
    phone, other = enter("Phone", "small", page="draw", **PHONE), enter("Other", "small", page="draw")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    for name in ("Clear", "sky"):
        box = phone.get_by_role("button", name=name).or_(phone.get_by_role("radio", name=name)).bounding_box()
        assert box["height"] >= 44
    box = phone.locator("#paper").bounding_box()
    assert box["y"] > 50
    assert box["y"] + box["height"] < 640
    touch = phone.context.new_cdp_session(phone)
    for n in range(20):
        point = {"x": box["x"] + 40 + 12 * n, "y": box["y"] + 60 + 8 * n}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if n else "touchStart", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    until_inked(other)
    assert phone.evaluate("scrollY") == 0  # the page stayed where it was
    picture(phone, "draw-phone")


def test_that_a_piece_nobody_can_use_is_explained(enter, live):
    page = enter("Clumsy", "wrong", page="draw")
    page.evaluate(
        """() => { const s = new WebSocket(location.href.replace('http', 'ws'));
        s.onmessage = (e) => { const m = JSON.parse(e.data); if (m.type == 'error') document.title = m.message; };
        s.onopen = () => s.send('{"type": "draw", "points": [1, 2, 3]}'); }"""
    )
    page.wait_for_function("() => /pairs/.test(document.title)")


def test_that_another_sites_page_gets_no_socket(enter, browser, live):
    page = enter("Victim", "origin", page="draw")
    address = live.lab.address.replace("127.0.0.1", "localhost")  # another origin, on this machine
    codes = page.evaluate(
        """address => Promise.all(['/chat/origin/', '/draw/origin/'].map((path) => new Promise((done) => {
        const s = new WebSocket(address.replace('http', 'ws') + path);
        s.onopen = () => done('open'); s.onclose = (e) => done(e.code); })))""",
        address,
    )
    assert codes == [1006, 1006]


def test_that_the_pages_ask_for_nothing_from_elsewhere(enter, live):
    asked = []
    page = enter("Offline", "elsewhere", page="draw")
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_text("Connected as Offline")).to_be_visible()
    assert len(asked) > 4
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {live.lab.address.split("/")[2]}
