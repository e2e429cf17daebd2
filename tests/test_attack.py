# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of somebody else's, visited by a client of ours: what the server lets it do, and when it is over."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest

from app import events as e
from app.clients.attack import FOREIGN, HERE, AttackPage, cookies_for
from app.clients.page import fetch
from app.server.hosts import Hosts
from tests.live_fixture import live_lab

OURS = "http://127.0.0.1:8000"


def refusal(check, origin, host="127.0.0.1:8000"):
    hosts = Hosts(["127.0.0.1", "localhost", "::1"])
    hosts.check = check
    headers = [(b"host", host.encode()), (b"upgrade", b"websocket"), (b"origin", origin.encode())]
    return hosts.refusal(headers)


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (OURS, {"origin", "hosts", "none"}),
        ("HTTP://127.0.0.1:8000", {"origin", "hosts", "none"}),
        ("http://127.0.0.1:9000", {"hosts", "none"}),
        ("http://localhost:8000", {"hosts", "none"}),
        ("http://attacker.localhost:8000", {"none"}),
        ("null", {"none"}),
        ("http://127.0.0.1:8000.evil.example", {"none"}),
    ],
)
def test_that_an_origin_is_let_in_by_as_much_of_it_as_is_compared(origin, let_in):
    assert {check for check in ("origin", "hosts", "none") if refusal(check, origin) is None} == let_in


def test_that_a_refusal_of_a_neighbour_names_both_and_a_wrong_host_is_refused_all_the_same():
    status, reason = refusal("origin", "http://127.0.0.1:9000")
    assert status == 403
    assert "this page is of http://127.0.0.1:9000, and only pages of 127.0.0.1:8000 itself" in reason
    assert refusal("none", OURS, host="evil.example")[0] == 400


def test_that_cookies_go_along_to_every_port_of_a_host_and_to_no_other_site():
    assert cookies_for("http://127.0.0.1:9000", OURS, "a=1") == "a=1"
    assert cookies_for(f"http://{FOREIGN}:9000", OURS, "a=1") == ""
    assert cookies_for("http://localhost:9000", OURS, "a=1") == ""


def test_that_the_page_names_its_target_as_a_script_needs_it_and_nothing_else_is_served():
    async def look():
        page = AttackPage('http://127.0.0.1:8000"</script>')
        await page.open()
        try:
            text = await page.read(HERE)
            assert '"TARGET"' not in text
            assert text.count("</script>") == 1
            assert await fetch(page.origin(), "/secret") == 404
        finally:
            await page.close()
        assert page.port == 0

    asyncio.run(look())


@pytest.fixture(scope="module")
def live():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


def attack(live, host):
    live.events.clear()
    live.lab.visit_attack_page("ada", host).result(20)
    return live.until_event(e.AttackTried)


def test_that_the_page_is_served_to_this_machine_only_and_over_with_the_next_set_up(live):
    live.lab.set_up(attack_page=True, clients=["ada"]).result(20)
    page = urlsplit(live.until_event(e.SourceReady, name="attack page").detail)
    assert live.until(lambda: live.state.origin_check == "none", "the check is off")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", page.port), timeout=5)
    live.lab.reset().result(20)
    live.until_event(e.SourceFinished, name="attack page")
    assert live.state.origin_check == "origin"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((page.hostname, page.port), timeout=5)


def test_that_the_check_decides_who_gets_in_and_the_consumers_follow_it(live):
    live.lab.set_up(attack_page=True, clients=["ada"]).result(20)
    tried = attack(live, HERE)
    assert (tried.status, tried.has_cookie) == (101, True)
    assert live.until_event(e.ClientNamed).name == "ada"
    live.lab.check_origins("origin").result(10)
    tried = attack(live, HERE)
    assert (tried.status, tried.has_cookie) == (403, True)
    assert tried.outcome.startswith("Wrong Origin: this page is of http://127.0.0.1:")
    live.lab.check_origins("none").result(10)
    live.until_event(e.OriginCheckSet, check="none")
    assert attack(live, HERE).status == 101  # the worker was told, too: its consumer would deny it
    assert attack(live, FOREIGN).has_cookie is False


def test_that_what_cannot_be_done_is_said(live):
    live.lab.set_up(clients=["ada"]).result(20)
    live.events.clear()
    live.lab.visit_attack_page("ada")
    assert "not served" in live.until_event(e.VerbFailed, verb="visit_attack_page").reason
    live.lab.check_origins("perhaps")
    assert "there is origin, hosts, none" in live.until_event(e.VerbFailed, verb="check_origins").reason
    live.lab.serve_attack_page().result(10)
    live.events.clear()
    live.lab.visit_attack_page("ada", "evil.example")
    assert "there is 127.0.0.1, attacker.localhost" in live.until_event(e.VerbFailed).reason
    live.lab.reset().result(20)
