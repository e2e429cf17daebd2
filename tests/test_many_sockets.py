# SPDX-License-Identifier: GPL-3.0-or-later
from app import events as e
from app.state import State


def opened(state, count, first=1):
    for number in range(first, first + count):
        client = f"127.0.0.1:{10_000 + number}"
        state.apply(e.ConnectionOpened(t=1.0, source="server", connection=f"c{number}", client=client, server="s:1"))


def test_that_no_open_socket_is_forgotten_however_many_there_are():
    state = State()
    opened(state, 600)
    assert len(state.connections) == 600


def test_that_of_closed_sockets_the_newest_are_kept():
    state = State()
    opened(state, 600)
    for number in range(1, 501):
        state.apply(e.ConnectionClosed(t=2.0, source="server", connection=f"c{number}"))
    opened(state, 50, first=601)
    assert "c650" in state.connections
    assert "c600" in state.connections
    assert "c300" not in state.connections
    assert sum(connection.closed > 0 for connection in state.connections.values()) == 200


def test_that_the_connections_of_a_capture_do_not_grow_without_end():
    state = State()
    opened(state, 5_000)
    assert 2_000 <= len(state.connections) <= 2_050
    assert "c5000" in state.connections
