# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody's own project: Channels 1.x code, unmodified, in Django 5.2, outside of this repository."""

import re
import socket
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect, sync_playwright

from app.layer import RedisChannelLayer
from tests.browser import FLAGS
from tests.conftest import chromium
from tests.own_project import manage, prepared
from tests.processes import Served
from tests.redis_fixture import _shared_redis, redis_server, redis_url, wait_until

__all__ = ["_shared_redis", "redis_server", "redis_url"]
OPTIONS = ["--settings", "project.settings", "--routing", "project.routing.channel_routing"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("own"))


@pytest.fixture
def serve(folder):
    started = []

    def serve(*words):
        started.append(Served(folder, *words, "--port", "0", "--workers", "2"))
        started[-1].found("worker-. listens to", count=2)
        return started[-1].found(r"at (http://\S+)/ ").group(1)

    yield serve
    for one in started:
        one.end()


@pytest.mark.browser
def test_that_consumers_of_channels_1_chat_unmodified_in_two_pages(serve):
    address = serve("serve", *OPTIONS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        ada, bob = (browser.new_context().new_page() for _ in range(2))
        ada.goto(f"{address}/login/Ada/")
        expect(ada.get_by_text("Ada joined")).to_be_visible()
        bob.goto(f"{address}/login/Bob/")
        for page in (ada, bob):
            expect(page.get_by_text("Bob joined")).to_be_visible()
        for page, text in ((bob, "Grüße 👋"), (ada, "<b>hello</b>")):
            page.get_by_label("Say").fill(text)
            page.get_by_role("button").click()
        for page in (ada, bob):
            expect(page.get_by_text("Bob: Grüße 👋")).to_be_visible()
            expect(page.get_by_text("Ada: <b>hello</b>")).to_be_visible()
        ada.get_by_label("Say").fill("more later")
        ada.get_by_role("button").click()
        expect(bob.get_by_text("and this is the delayed one")).to_be_visible()
        bob.close()
        expect(ada.get_by_text("Bob left")).to_be_visible()
        browser.close()


def test_that_the_same_options_are_main_pys_own_and_the_routing_may_be_that_of_channel_layers(serve):
    address = serve(*OPTIONS[:2])  # no window without a display
    with urlopen(f"{address}/login/Ada/") as page:
        assert b"<title>lobby</title>" in page.read()


def test_that_the_window_has_the_project_too(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--port", str(port), "--workers", "1", *OPTIONS]
    window = Served(folder, *words, QT_QPA_PLATFORM="offscreen", HOME=str(folder))

    def answer():
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                return page.read()
        except OSError:
            return b""

    try:
        assert re.fullmatch(rb"\d+ messages", wait_until(answer, "the project's page", 30.0))
    finally:
        window.end()


def test_that_a_worker_started_by_hand_in_the_projects_folder_runs_its_consumers(folder, redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    worker = Served(folder, "worker", "--redis", redis_url, *OPTIONS[:2])
    try:
        worker.found("listens to asgi.delay, chat-messages")
        layer.group_add("chat-lobby", "me!1")
        content = {"room": "lobby", "message": "by hand"}
        layer.send("asgi.delay", {"channel": "chat-messages", "delay": 1, "content": content})
        answer = wait_until(lambda: layer.receive(["me!"])[1], "the delayed line")
        assert answer == {"text": '{"line": "by hand"}'}
    finally:
        worker.end()
        layer.close()


def test_that_manage_asks_whose_project_it_is(folder):
    asked = Served(folder, "manage", "migrate")
    try:
        asked.found("channelscope: whose")
        assert asked.popen.wait(10) == 2
    finally:
        asked.end()


def test_that_manage_knows_the_apps_of_channels(folder):
    shown = manage(folder, "showmigrations")
    assert "channels_delay\n [X] 0001_initial" in shown
    assert "No changes detected" in manage(folder, "makemigrations", "--check", "--dry-run")
    assert "no issues" in manage(folder, "check")
