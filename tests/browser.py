# SPDX-License-Identifier: GPL-3.0-or-later
"""A Chromium and a live system for the tests of the pages."""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.conftest import chromium
from tests.live_fixture import live_lab

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def live():
    with live_lab(workers=2) as live:
        live.until_working(2)
        yield live


@pytest.fixture
def enter(browser, live):
    """Return a function that opens a browser of its own for a person and enters a room, to chat, draw or play."""
    contexts = []

    def enter(name, room="meetup", page="chat", **device):
        contexts.append(browser.new_context(**device))
        tab = contexts[-1].new_page()
        tab.goto(f"{live.lab.address}/?page={page}")
        tab.get_by_label("Your name").fill(name)
        tab.get_by_label("Room").fill(room)
        button = {"chat": "Enter the room", "draw": "Draw together", "game": "Play"}[page]
        tab.get_by_role("button", name=button).click()
        expect(tab.get_by_text(f"Connected as {name}")).to_be_visible()
        return tab

    yield enter
    for context in contexts:
        context.close()
