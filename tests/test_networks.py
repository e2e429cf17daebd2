# SPDX-License-Identifier: GPL-3.0-or-later
"""Another machine for real: a network namespace with a phone and a laptop in it, joined to ours by a cable."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from app import events as e
from tests.live_fixture import live_lab
from tests.test_invitation import on_stage, only_the_guest_works

ROOT = Path(__file__).parent.parent
NUMBER = os.getpid() % 250
HERE, THERE = f"10.203.{NUMBER}.1", f"10.203.{NUMBER}.2"
SPACE, OURS, THEIRS = f"scope{NUMBER}", f"scope{NUMBER}a", f"scope{NUMBER}b"
PAGE = "import urllib.request, sys; print(urllib.request.urlopen(sys.argv[1], timeout=10).status)"
KNOCK = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)"


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)


@pytest.fixture
def elsewhere():
    """A namespace that reaches us at `HERE`; returns what its commands begin with."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("a network namespace needs `ip` (iproute2) and root")
    try:
        ip("netns", "add", SPACE)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made here: {error.stderr.decode().strip()}")
    try:
        ip("link", "add", OURS, "type", "veth", "peer", "name", THEIRS, "netns", SPACE)
        ip("addr", "add", f"{HERE}/24", "dev", OURS)
        ip("link", "set", OURS, "up")
        ip("-n", SPACE, "addr", "add", f"{THERE}/24", "dev", THEIRS)
        ip("-n", SPACE, "link", "set", THEIRS, "up")
        yield ["ip", "netns", "exec", SPACE]
    finally:
        ip("netns", "del", SPACE)


def succeeds(elsewhere, program, *words):
    command = [*elsewhere, sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0


def test_that_a_phone_reads_the_pages_and_a_laptop_works_as_long_as_the_doors_are_open(elsewhere):
    with live_lab(workers=1) as live:
        live.until_working(1)
        port = live.lab.address.rpartition(":")[2].rstrip("/")
        assert not succeeds(elsewhere, KNOCK, HERE, port)
        live.lab.share(address=HERE).result(10)
        pages = live.until_event(e.SourceReady, name="room").detail
        assert succeeds(elsewhere, PAGE, pages + "/")

        live.lab.invite(address=HERE).result(10)
        code = live.until_event(e.SourceReady, name="invitation").detail
        command = [*elsewhere, sys.executable, "main.py", "worker", "--join", code, "--name", "lena"]
        laptop = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            on_stage(live, "lena")
            live.join("ada")
            only_the_guest_works(live)
            live.lab.send_text("ada", "over the cable")
            live.until_event(e.ConsumerFinished, worker="lena")

            live.lab.share(False).result(10)
            live.lab.invite(False).result(10)
            live.until_event(e.SourceFinished, name="room")
            live.until_event(e.SourceFinished, name="invitation")
            assert not succeeds(elsewhere, KNOCK, HERE, port)
            assert not succeeds(elsewhere, KNOCK, HERE, code.partition("/")[0].rpartition(":")[2])
            assert laptop.wait(20) == 0
        finally:
            for process in psutil.Process(laptop.pid).children(recursive=True) if laptop.poll() is None else ():
                process.kill()
            laptop.kill()
            laptop.wait(10)
