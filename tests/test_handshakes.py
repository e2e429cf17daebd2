# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules broken on purpose, against the real server: handshakes, and a frame that is not masked."""

import pytest

from app import events as e
from app.clients.mutations import BY_NAME, MUTATIONS
from app.wire.frames import CLOSE, TEXT
from panels.streams import frame_at
from tests.live_fixture import live_lab


@pytest.fixture(scope="module")
def shared():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def live(shared):
    shared.events.clear()
    return shared


def handshake_of(live, tried):
    """The handshake as the wire showed it, found by the client's address."""

    def seen():
        ids = [opened.connection for opened in live.of(e.ConnectionOpened, client=tried.address)]
        return ids and live.of(e.HandshakeSeen, connection=ids[-1])

    return live.until(seen, f"{tried.mutation} on the wire")[0]


@pytest.mark.parametrize("name", BY_NAME)
def test_that_every_mutation_is_answered_as_predicted_and_seen_on_the_wire(live, name):
    live.lab.try_handshake(name)
    tried = live.until_event(e.HandshakeTried, mutation=name)
    assert tried.status in BY_NAME[name].statuses, tried.outcome
    assert "lenient" not in tried.outcome
    seen = handshake_of(live, tried)
    assert seen.status == tried.status
    assert bool(seen.violations) == (name != "nothing")


def test_that_a_client_that_is_lied_to_fails_the_connection(live):
    live.lab.try_handshake("wrong accept")
    tried = live.until_event(e.HandshakeTried)
    assert "failed the connection" in tried.outcome
    assert "Sec-WebSocket-Accept" in tried.outcome
    assert handshake_of(live, tried).violations == ("WS-01",)
    live.until_event(e.ConnectionClosed)


def test_that_a_handshake_nobody_accepts_is_refused_by_the_server(live):
    live.lab.signal_worker("worker-1", "STOP")
    live.until_event(e.WorkerStopped)
    live.lab.try_handshake("nothing")
    assert live.until_event(e.HandshakeTried).status == 403
    live.lab.signal_worker("worker-1", "CONT")
    live.until_event(e.WorkerContinued)
    live.quiet()


def test_that_an_unknown_mutation_is_told_with_those_there_are(live):
    live.lab.try_handshake("no manners")
    reason = live.until_event(e.VerbFailed, verb="try_handshake").reason
    assert all(mutation.name in reason for mutation in MUTATIONS)


def test_that_the_accept_value_of_the_newest_key_is_the_one_the_server_sent(live):
    live.join("ada")
    opened = live.until(lambda: live.of(e.HandshakeSeen, status=101, violations=()), "a handshake")[-1]
    live.lab.compute_accept()
    computed = live.until_event(e.AcceptComputed)
    assert (computed.key, computed.accept, computed.is_sent) == (opened.key, opened.accept, True)


def test_that_the_accept_value_of_the_talk_can_be_asked_for(live):
    live.lab.compute_accept("x3JJHMbDL1EzLkh9GBhXDw==")
    computed = live.until_event(e.AcceptComputed)
    assert (computed.accept, computed.is_sent) == ("HSmrc0sMlYUkAGmm5OPpG2HaGWk=", False)


@pytest.mark.parametrize("size", [5, 300, 70_000])
def test_that_a_frame_that_is_not_masked_is_named_and_the_server_closes_with_1002(live, size):
    live.join(name := f"bob-{size}")
    live.lab.send_unmasked(name, "x" * size)
    frame = live.until_event(e.FrameSeen, direction="client", opcode=TEXT)
    assert frame.violations == ("WS-02",)
    left = live.until_event(e.ClientLeft, name=name)
    assert left.reason == "closed with 1002"
    closed = live.until_event(e.FrameSeen, direction="server", opcode=CLOSE, connection=frame.connection)
    assert frame_at(live.lab.index, closed.row).close_code == 1002


def test_that_a_client_that_has_left_cannot_break_a_rule(live):
    live.lab.send_unmasked("nobody", "hello")
    assert "nobody" in live.until_event(e.VerbFailed, verb="send_unmasked").reason
