# SPDX-License-Identifier: GPL-3.0-or-later
"""A script is the same for the same seed, and gathers moves without losing any."""

import json
from itertools import islice, takewhile

import pytest

from app.bots.script import LINE, MOVES, PACES, drawing, talk
from app.demo.drawing import SIDE


def moves(pace, seconds=5.0, seed=1, number=3):
    """The points drawn in so many seconds, and the messages it took."""
    said = list(takewhile(lambda one: one.ends < seconds, drawing(seed, number, pace)))
    return [tuple(json.loads(one.text)["points"][n : n + 2]) for one in said for n in range(0, 99, 2)
            if n < len(json.loads(one.text)["points"])], said  # fmt: skip


def test_that_the_same_seed_makes_the_same_script_and_another_does_not():
    for script in (lambda *which: drawing(*which, 30), talk):
        first, again, other, seeded = (list(islice(script(*which), 50)) for which in ((1, 2), (1, 2), (1, 3), (2, 2)))
        assert first == again
        assert first not in (other, seeded)


@pytest.mark.parametrize("pace", PACES)
def test_that_every_pace_draws_the_same_line(pace):
    points, said = moves(pace)
    reference, _ = moves(0)
    assert points == reference[: len(points)]
    assert len(reference) - len(points) <= MOVES / (pace or MOVES)
    assert len(said) <= (pace or MOVES) * 5 + 5
    assert all(0 <= value <= SIDE for point in points for value in point)


def test_that_a_line_begins_with_a_message_of_its_own():
    said = list(islice(drawing(1, 1, 10), 40))
    begins = [one for one in said if json.loads(one.text).get("begin")]
    assert [round(one.begins * MOVES) % LINE for one in begins] == [0] * len(begins)
    assert len(begins) > 2


def test_that_a_message_leaves_when_its_last_move_was_made():
    for pace in PACES:
        said = list(islice(drawing(1, 1, pace), 100))
        assert all(one.begins <= one.ends for one in said)
        assert [one.ends for one in said] == sorted(one.ends for one in said)
        assert all(json.loads(one.text)["sent"] is None for one in said)
