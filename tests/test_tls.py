# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program with its pages at https and permessage-deflate offered."""

import ssl
import subprocess
import sys

import pytest
from websockets.sync.client import connect

from app import events as e
from tests.certificate import made_in
from tests.live_fixture import live_lab

PHONE = "127.0.0.2"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return made_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def live(files):
    certfile, keyfile = map(str, files)
    with live_lab(workers=1, certfile=certfile, keyfile=keyfile, has_deflate=True) as live:
        live.until_working(1)
        yield live


def test_that_a_chat_goes_through_tls_and_the_wire_shows_what_is_inside(live):
    assert live.lab.address.startswith("https://")
    live.join("ada")
    live.say("ada", "under the rose")
    rows = map(live.store.index.row, live.store.index.rows)
    sent = [row for row in rows if row.direction == "client" and row.opcode == 1]
    assert len(sent) == 1
    assert not live.state.violations


def test_that_the_programs_other_clients_speak_tls_too(live):
    live.lab.fetch_page("/")
    assert live.until_event(e.PageFetched).status == 200
    live.lab.try_handshake("nothing")
    assert live.until_event(e.HandshakeTried).status == 101
    live.lab.start_bots(count=2, page="chat", seconds=1.5, room="herd")
    whole = live.until_event(e.BotsCounted, is_over=True, source="bots")
    assert whole.sent
    assert not whole.refused


def test_that_phones_in_the_room_come_by_tls_too(live, files):
    live.lab.share(address=PHONE).result(10)
    address = live.until_event(e.SourceReady, name="room").detail
    assert address == live.lab.address.replace("127.0.0.1", PHONE)
    context = ssl.create_default_context(cafile=files[0])
    name = {"proxy": None, "ssl": context, "server_hostname": "localhost", "origin": address}
    with connect(f"{address.replace('http', 'ws')}/chat/lobby/?name=phone", **name) as phone:
        assert "permessage-deflate" in phone.response.headers["Sec-WebSocket-Extensions"]
        assert '"welcome"' in phone.recv(5)
    live.lab.share(False).result(10)
    live.until_event(e.SourceFinished, name="room")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--certfile", "README.md"], "README.md is no certificate with its key"),
        (["--keyfile", "README.md"], "name that with --certfile"),
        (["--certfile", "nowhere.pem"], "there is no file 'nowhere.pem'"),
    ],
)
def test_that_a_certificate_that_is_none_is_one_clear_line(options, said):
    done = subprocess.run([sys.executable, "main.py", "serve", *options], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
