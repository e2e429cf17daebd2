# SPDX-License-Identifier: GPL-3.0-or-later
"""Open to the room: phones reach the pages while the door is open, and nobody is let in under a wrong name (M8, H7)."""

import socket
import urllib.error
import urllib.request

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app import events as e
from tests.live_fixture import live_lab

PHONE = "127.0.0.2"  # another address of this machine, in the place of that of a network


@pytest.fixture(scope="module")
def shared():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def live(shared):
    yield shared
    shared.lab.share(False).result(10)
    shared.until(lambda: not is_open(shared), "the door is closed")
    shared.events.clear()


def is_open(live):
    room = live.state.sources.get("room")
    return room is not None and room.status == "ready"


def opened(live):
    live.lab.share(address=PHONE).result(10)
    return live.until_event(e.SourceReady, name="room").detail


def ask(address, **headers):
    """Return status and text of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def listening(live):
    """Every TCP address at which a process of the lab listens."""
    ours = psutil.Process().children(recursive=True)
    found = [connection for process in ours for connection in process.net_connections("tcp")]
    return {connection.laddr[:2] for connection in found if connection.status == psutil.CONN_LISTEN}


def port_of(address):
    return int(address.rstrip("/").rpartition(":")[2])


def test_that_nothing_but_the_pages_is_reachable_and_those_only_from_this_machine(live):
    assert listening(live) == {("127.0.0.1", port_of(live.lab.address))}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((PHONE, port_of(live.lab.address)), timeout=5)


def test_that_an_open_door_lets_a_phone_in_at_the_same_port_and_opens_no_other(live):
    address = opened(live)
    assert address == f"http://{PHONE}:{port_of(live.lab.address)}"
    assert ask(address + "/")[0] == 200
    with connect(address.replace("http", "ws") + "/chat/lobby/", origin=address, proxy=None) as phone:
        assert '"welcome"' in phone.recv(10)
    assert listening(live) == {(host, port_of(live.lab.address)) for host in ("127.0.0.1", PHONE)}


def test_that_leaving_closes_the_door_and_the_sockets_that_came_in_by_it_and_no_other(live):
    address = opened(live)
    live.join("ada")
    with connect(address.replace("http", "ws") + "/chat/lobby/", proxy=None) as phone:
        phone.recv(10)
        live.lab.share(False).result(10)
        list(phone)  # until its end
        assert phone.close_code == 1001
    live.until(lambda: not is_open(live), "the state knows")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((PHONE, port_of(address)), timeout=5)
    assert "ada" in live.state.clients
    live.lab.remove_client("ada").result(10)


def test_that_a_wrong_host_is_refused_with_the_reason(live):
    status, text = ask(live.lab.address, Host="evil.example")
    assert (status, text.partition(":")[0]) == (400, "Wrong Host")
    assert "127.0.0.1" in text
    assert ask(live.lab.address, Host=PHONE)[0] == 400  # its door is closed
    opened(live)
    assert ask(live.lab.address, Host=PHONE)[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_that_a_socket_of_a_foreign_page_is_refused_with_the_reason(live, origin):
    with pytest.raises(InvalidStatus) as refused:
        connect(live.lab.address.replace("http", "ws") + "/chat/lobby/", origin=origin, proxy=None)
    assert refused.value.response.status_code == 403
    assert refused.value.response.body.startswith(b"Wrong Origin")


def test_that_an_address_that_is_not_ours_is_said_to_be_none(live):
    live.lab.share(address="192.0.2.1").result(10)
    failed = live.until_event(e.SourceFailed, name="room")
    assert "192.0.2.1" in failed.reason


def test_that_a_server_that_dies_takes_its_door_along():
    with live_lab(workers=1) as live:
        live.until_working(1)
        opened(live)
        psutil.Process(live.state.sources["server"].pid).kill()
        live.until_event(e.SourceFinished, name="room")
        assert not is_open(live)


def test_that_a_server_that_was_started_for_all_addresses_is_known_to_be_open_and_cannot_be_closed():
    with live_lab(workers=1, host="0.0.0.0") as live:
        live.until_event(e.SourceReady, name="room")
        live.lab.share(False).result(10)
        assert "--host 0.0.0.0" in live.until_event(e.VerbFailed, verb="share").reason
        assert is_open(live)
