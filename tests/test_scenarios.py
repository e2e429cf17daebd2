# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios end as their files say, and the same one is the same story every time."""

import pytest

from app.lab import Lab
from app.lesson import LessonError
from app.scenario import SCENARIOS, load_scenario, load_scenarios
from app.scenario_player import ScenarioPlayer
from app.settings import Settings


def played(*names):
    """Play scenarios in a lab of their own."""
    lab = Lab(Settings(port=0))
    lab.start()
    try:
        player = ScenarioPlayer(lab)
        return [player.run(load_scenario(SCENARIOS / f"{name}.toml")) for name in names]
    finally:
        lab.stop()
        lab.index.spool.close()


def test_that_every_scenario_ends_as_expected_and_the_same_seed_is_the_same_story_again():
    first, again, *others = played("lossy", "lossy", "full", "redis-restart")
    (elsewhere,) = played("lossy")
    assert [result.differences for result in (first, *others)] == [()] * 3
    assert first.story == again.story == elsewhere.story
    assert "dropped on purpose" in first.story["websocket.receive"]


def test_that_the_shipped_scenarios_can_be_read():
    assert [one.id for one in load_scenarios()] == ["full", "lossy", "redis-restart"]
    assert [at for at, _ in load_scenario(SCENARIOS / "full.toml").actions] == [0.0, 0.4, 0.9]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[expect]\nlost = 1\n[[do]]\nverb = "thaw"', 'expect: no fate "lost"; there is waiting'),
        ('[expect]\n[[do]]\nverb = "explode"', 'do 1: no verb "explode"'),
        ('[expect]\n[[do]]\nat = "soon"\nverb = "thaw"', 'do 1: at = "soon"'),
        ("[expect]\n", 'no "do"'),
    ],
)
def test_that_a_wrong_file_is_told_where_it_is_wrong(tmp_path, text, says):
    file = tmp_path / "mine.toml"
    file.write_text(f'title = "Mine"\nsummary = "Nothing"\n{text}\n')
    with pytest.raises(LessonError) as told:
        load_scenario(file)
    assert says in str(told.value).replace("'", '"')
