# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real Chromium pages chat with each other through the whole path."""

import pytest
from playwright.sync_api import expect

from app import events as e
from tests.browser import PHONE, browser, enter, live

__all__ = ["browser", "enter", "live"]
pytestmark = pytest.mark.browser


def say(page, text):
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()


def texts(live):
    """Every text frame so far: whose connection, direction, payload."""
    names = {c.id: c.name for c in live.state.connections.values()}
    rows = [live.store.index.row(n) for n in live.store.index.rows]
    return [
        (names.get(row.connection), row.direction, live.store.index.preview(row.row, 200).decode())
        for row in rows
        if row.opcode == 1
    ]


def test_that_two_pages_chat_through_the_whole_path(enter, live):
    ada, bob = enter("Ada"), enter("Bob")
    expect(ada.get_by_text("Bob joined")).to_be_visible()
    say(bob, "Grüße, Ada 👋")
    expect(ada.get_by_text("Grüße, Ada 👋")).to_be_visible()
    expect(bob.get_by_text("Grüße, Ada 👋")).to_be_visible()
    say(ada, "hello Bob")
    expect(bob.get_by_text("hello Bob")).to_be_visible()
    assert ("Bob", "client", '{"type":"chat","data":"Grüße, Ada 👋"}') in live.until(
        lambda: [text for text in texts(live) if text[0] == "Bob" and text[1] == "client"], "what Bob sent"
    )
    live.until(
        lambda: any(name == "Ada" and way == "server" and "hello Bob" in text for name, way, text in texts(live)),
        "what Ada was sent",
    )
    live.quiet()
    ran = live.of(e.ConsumerStarted, channel="websocket.receive")
    assert len(ran) == 2


def test_that_what_people_write_is_text_and_never_markup(enter):
    mallory, victim = enter("<b>Mallory</b>", "escape"), enter("Victim", "escape")
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    say(mallory, attack)
    expect(victim.get_by_text(attack)).to_be_visible()
    assert victim.locator("#lines img, #lines script, #lines b").count() == 0
    assert "owned" not in victim.title()


def test_that_history_greets_who_comes_later(enter):
    early = enter("Early", "past")
    say(early, "you missed this")
    expect(early.get_by_text("you missed this")).to_be_visible()
    late = enter("Late", "past")
    expect(late.get_by_text("you missed this")).to_be_visible()


def test_that_the_page_fits_a_phone(enter):
    page = enter("Phone", "small", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.get_by_role("button", name="Send").bounding_box()
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= 640


def test_that_a_page_joins_again_by_itself_after_a_reset(enter, live):
    page = enter("Stayer", "again")

    def sockets():
        return {c.id for c in live.state.connections.values() if c.name == "Stayer" and not c.closed}

    before = live.until(sockets, "the first socket")
    done = live.lab.set_up(workers=1)
    live.until(done.done, "set up")
    live.until(lambda: sockets() and not sockets() & before, "joined again, on a socket of its own")
    expect(page.get_by_text("Connected as Stayer")).to_be_visible()
    say(page, "still here")
    expect(page.get_by_text("still here")).to_be_visible()


def test_that_two_pages_chat_with_the_talks_consumers_and_stay_connected_when_the_shipped_ones_return(enter, live):
    ada = enter("Ada", "talk")
    live.lab.use_version("talk").result(30)
    bob = enter("Bob", "talk")
    say(bob, "as in 2016")
    expect(ada.get_by_text("as in 2016")).to_be_visible()
    live.lab.use_version("shipped").result(30)
    say(ada, "and as it is now")
    expect(bob.get_by_text("and as it is now")).to_be_visible()
    live.quiet()
    assert not live.of(e.ConsumerFailed)
