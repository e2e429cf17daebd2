# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody's own project: Channels 1.x code, unmodified, in Django 5.2, outside of this repository."""

import re
import signal
import subprocess
import sys
import threading

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.conftest import chromium
from tests.own_project import MAIN, manage, prepared
from tests.redis_fixture import wait_until
from tests.test_browser import FLAGS

OPTIONS = ["--settings", "project.settings", "--routing", "project.routing.channel_routing"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("own"))


class Served:
    """`main.py serve` in the project's folder: its address, and what it prints."""

    def __init__(self, folder, *options):
        command = [sys.executable, "-u", str(MAIN), "serve", "--port", "0", "--workers", "2", *options]
        self.popen = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.popen.stdout:
            self.lines.append(line)

    def found(self, pattern, count=1, seconds=30.0):
        """Wait until so many lines match; returns the last match."""

        def matches():
            return [match for line in list(self.lines) if (match := re.search(pattern, line))][count - 1 :]

        return wait_until(matches, f"{pattern} in {self.lines}", seconds)[0]

    def end(self):
        self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(20)
        finally:
            self.popen.kill()
            self.popen.wait()
            self._reader.join()
            self.popen.stdout.close()


@pytest.fixture
def serve(folder):
    served = []

    def serve(*options):
        served.append(Served(folder, *options))
        served[-1].found("worker-. listens to", count=2)
        return served[-1].found(r"at (http://\S+)/ ").group(1)

    yield serve
    for one in served:
        one.end()


@pytest.mark.browser
@pytest.mark.parametrize("options", [OPTIONS, OPTIONS[:2]], ids=["named", "routing of CHANNEL_LAYERS"])
def test_that_consumers_of_channels_1_chat_unmodified_in_two_pages(serve, folder, options):
    address = serve(*options)
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


def test_that_manage_knows_the_apps_of_channels(folder):
    shown = manage(folder, "showmigrations")
    assert "channels_delay\n [X] 0001_initial" in shown
    assert "No changes detected" in manage(folder, "makemigrations", "--check", "--dry-run")
    assert "no issues" in manage(folder, "check")
