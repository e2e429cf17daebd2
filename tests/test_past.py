# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments are kept as what changed since the one before: each comes back as it was, in its order."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from app import events as e
from app.past import Past
from app.state import State
from app.state.table import Table

KEYS = st.integers(0, 5)
DEEDS = st.lists(st.tuples(st.sampled_from(("put", "out", "clear", "keep", "default")), KEYS), max_size=40)


@given(DEEDS)
def test_that_changes_lead_from_each_moment_to_the_next(deeds):
    table, again = Table(), Table()
    table.take()
    for number, (deed, key) in enumerate(deeds):
        if deed == "put":
            table[key] = number
        elif deed == "out":
            table.pop(key, None)
        elif deed == "default":
            table.setdefault(key, number)
        elif deed == "clear":
            table.clear()
        else:
            table.take().apply(again)
            assert list(again.items()) == list(table.items())
    table.take().apply(again)
    assert list(again.items()) == list(table.items())


def sent(number):
    return e.MessageSent(
        t=1.0, source="server", key=str(number), channel="a", body=b"", expiry=60.0, cause=str(number // 3)
    )


def received(number):
    return e.MessageReceived(t=2.0, source="worker-1", key=str(number), channel="a")


def told(state):
    """Return everything that is in a state, with the order of its tables."""
    things = {name: value for name, value in vars(state).items() if name != "owned"}
    return copy.deepcopy(things), list(state.messages), list(state.effects)


def walk(past, state, first, last, apart=7):
    """Let a state go on, and keep it at some places; returns what it was at these."""
    seen = {}
    for number in range(first, last):
        state.apply(sent(number))
        if number >= 5:
            state.apply(received(number - 5))
        if (number + 1) % apart == 0:
            past.keep(number + 1, state)
            seen[number + 1] = told(state)
    return seen


def test_that_a_moment_comes_back_whoever_went_on_from_it(monkeypatch):
    monkeypatch.setattr("app.state.world.MESSAGE_LIMIT", 20)
    state, past = State(), Past()
    seen = walk(past, state, 0, 50)
    other = past.state_at(21)
    assert told(other) == seen[21]
    assert walk(past, other, 21, 50) == {place: was for place, was in seen.items() if place > 21}
    seen |= walk(past, other, 50, 80)  # the other goes on where the first had come to
    seen |= walk(past, state.copy(), 50, 90)  # and one that noted nothing
    assert all(told(past.state_at(place)) == was for place, was in seen.items())
    assert past.forget_before(45) == 42
    assert told(past.base) == seen[42]
    assert all(told(past.state_at(place)) == was for place, was in seen.items() if place >= 42)


def test_that_a_moment_after_a_new_beginning_has_nothing_of_what_was_before():
    state, past = State(), Past()
    walk(past, state, 0, 21)
    state.apply(e.RecordingStarted(t=3.0, source="lab", lesson="chat", step="a"))
    past.keep(22, state)
    assert not past.state_at(22).messages
    assert len(past.state_at(21).messages) == 21
