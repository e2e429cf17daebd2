# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real Chromium pages run about: lost moves do not matter, lost lines do."""

import pytest
from playwright.sync_api import expect

from tests.browser import PHONE, browser, enter, live
from tests.test_browser_drawing import picture

__all__ = ["browser", "enter", "live"]
pytestmark = pytest.mark.browser
NAME = "Zoë 🐙 <b>x</b>"


def steer(page, x, y):
    box = page.locator("#field").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)


def say(page, text):
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()


def number(page, name):
    return int(page.locator(f"#{name}").inner_text())


def test_that_lost_moves_do_not_matter_but_lost_lines_do(enter):
    ada, zoe = enter("Ada", page="game"), enter(NAME, page="game")
    other = ada.locator(".player:not(.me)")
    expect(other).to_have_text(NAME)
    assert other.locator("b").count() == 0
    ada.get_by_label("Lose on their way to me").fill("50")
    for n in range(40):
        steer(zoe, 0.2 + 0.015 * n, 0.3)
        if n % 2:
            say(zoe, f"line {n // 2}")
    ada.get_by_label("Lose on their way to me").fill("0")
    say(zoe, "the last one")
    expect(ada.get_by_text("the last one")).to_be_visible()
    steer(zoe, 0.9, 0.75)
    ada.wait_for_function(
        "() => { const p = document.querySelector('.player:not(.me)').style;"
        " return Math.abs(parseFloat(p.left) - 90) < 1 && Math.abs(parseFloat(p.top) - 75) < 1; }"
    )
    assert number(ada, "moves-lost") > 5
    assert number(ada, "lines-lost") > 2
    assert number(ada, "lines-came") + number(ada, "lines-lost") == 21
    missing = ada.locator("#talk .gap").all_inner_texts()
    assert missing
    assert "never came" in missing[0]
    picture(ada, "game-desktop")


def test_that_the_game_fits_a_phone(enter):
    page = enter("Phone", "small", page="game", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#field").bounding_box()
    assert box["y"] > 50
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_function("() => Math.abs(parseFloat(document.querySelector('.me').style.left) - 25) < 1")
    page.locator("#field").press("ArrowRight")
    page.wait_for_function("() => Math.abs(parseFloat(document.querySelector('.me').style.left) - 27.5) < 1")
    picture(page, "game-phone")


def test_that_the_hint_hides_no_player_on_a_phone(enter):
    page = enter("Ada", room="hint", page="game", **PHONE)
    hint, player = page.locator("#hint").bounding_box(), page.locator(".player.me")
    assert float(player.evaluate("one => parseFloat(one.style.top)")) >= 15  # where players begin
    for top in range(15, 95, 5):
        player.evaluate("(one, top) => { one.style.left = '50%'; one.style.top = `${top}%`; }", top)
        for part in (player, player.locator("span")):
            box = part.bounding_box()
            assert box["y"] >= hint["y"] + hint["height"] or box["y"] + box["height"] <= hint["y"], top
    picture(page, "game-hint")
