# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of somebody else's in a real Chromium, beside the chat in which its visitor is known by a cookie."""

import pytest
from playwright.sync_api import expect

from app import events as e
from app.clients.attack import FOREIGN, HERE
from tests.browser import browser, enter
from tests.live_fixture import live_lab

__all__ = ["browser", "enter"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def attacked(live):
    """The live system with the page served and no Origin checked; afterwards both have ended."""
    live.lab.set_up(attack_page=True).result(20)
    page = live.until_event(e.SourceReady, name="attack page").detail
    live.events.clear()
    yield page
    live.lab.reset().result(20)
    live.until_event(e.SourceFinished, name="attack page")


def visit(tab, page, host):
    """Visit the page under a host, in a tab of the same browser; returns what it says in the end."""
    other = tab.context.new_page()
    other.goto(page.replace(HERE, host))
    state = other.locator("#state")
    expect(state).not_to_have_text("Trying…")
    return state.inner_text()


def handshake(live):
    """Return the handshake of the newest visit, and forget those before it."""
    seen = live.until_event(e.HandshakeSeen, is_cross_origin=True)
    live.events.clear()
    return seen


def test_that_a_page_of_another_port_is_its_visitor_and_one_of_another_site_is_nobody(enter, live, attacked):
    tab = enter("Zoë", "lobby")
    tab.get_by_label("Message", exact=True).fill("The key is under the mat.")
    tab.get_by_role("button", name="Send").click()
    expect(tab.locator(".line", has_text="under the mat")).to_be_visible()
    assert visit(tab, attacked, HERE) == "It is open, and the server calls me “Zoë”."
    seen = handshake(live)
    assert (seen.status, seen.has_cookie, seen.origin) == (101, True, attacked)
    expect(tab.locator(".line.own", has_text="Win a phone")).to_be_visible()  # said in her name
    stolen = tab.context.pages[-1].locator("#stolen")
    expect(stolen).to_contain_text("I can read: Zoë: The key is under the mat.")
    assert "calls me “guest-" in visit(tab, attacked, FOREIGN)
    seen = handshake(live)
    assert (seen.status, seen.has_cookie) == (101, False)


def test_that_a_check_by_hosts_lets_other_ports_in_and_a_check_of_the_origin_does_not(enter, live, attacked):
    tab = enter("Zoë", "lobby")
    live.lab.check_origins("hosts").result(10)
    assert visit(tab, attacked, FOREIGN).startswith("It was refused.")
    assert handshake(live).status == 403
    assert "calls me “Zoë”" in visit(tab, attacked, HERE)
    assert handshake(live).status == 101
    live.lab.check_origins("origin").result(10)
    assert visit(tab, attacked, HERE).startswith("It was refused.")
    seen = handshake(live)
    assert (seen.status, seen.has_cookie) == (403, True)
    tab.reload()
    expect(tab.get_by_text("Connected as Zoë")).to_be_visible()


def test_that_a_browser_and_our_client_send_the_same_origin_and_cookies(enter, live, attacked):
    tab = enter("Zoë", "lobby")
    live.join("ada")
    for host in (HERE, FOREIGN):
        visit(tab, attacked, host)
        browsers = handshake(live)
        live.lab.visit_attack_page("ada", host).result(10)
        ours = handshake(live)
        assert ours.connection != browsers.connection
        assert (ours.origin, ours.has_cookie, ours.status) == (browsers.origin, browsers.has_cookie, browsers.status)
