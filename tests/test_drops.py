# SPDX-License-Identifier: GPL-3.0-or-later
"""Children that say more than the lab can take: what the window shows is still true, and says what it did not see."""

import time

import pytest

from app import box
from app import events as e
from app.entities import Fate
from app.layer import RedisChannelLayer
from app.ledger import ledger
from app.sources import processes
from panels.stage.rates import Rates
from panels.stage.views import view_of
from tests.live_fixture import live_lab

BOTS = 5


@pytest.fixture(scope="module")
def flooded():
    """A lab that did not look for a while, when five bots drew; the bots have left again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box, "LIMIT", 256 * 1024)  # bytes that may wait in a child
        patch.setattr(processes, "PIPE", 4096)
        with live_lab(workers=2) as live:
            live.until_working(2)
            live.lab.start_bots(count=BOTS, pace=0)
            live.until(lambda: live.of(e.BotsCounted) and live.of(e.BotsCounted)[-1].sent, "bots draw", 30)
            live.lab._loop.call_soon_threadsafe(time.sleep, 1.5)
            time.sleep(1.5)
            live.lab.stop_bots()
            live.until(lambda: live.state.bots is None, "the bots have left")
            live.until(lambda: live.state.unsaid.get("MessageReceived"), "it is told what was dropped")
            yield live


def stage(state):
    return view_of(state, time.time(), Rates(), "8000")


def test_that_after_drops_no_message_seems_to_wait_or_to_be_held(flooded):
    flooded.until(
        lambda: not any(n for fate, n in flooded.state.fates.items() if fate.is_open), "every fate is settled"
    )
    flooded.until(lambda: {lane.count for lane in stage(flooded.state).lanes} == {"0"}, "empty lanes")
    assert {worker.status for worker in flooded.state.workers.values()} == {"idle"}


def test_that_the_ledger_says_how_many_fates_were_not_seen_and_its_sum_is_what_redis_counted(flooded):
    layer = RedisChannelLayer(hosts=[flooded.lab._live.redis_url("admin")])
    counted = layer.global_statistics()
    layer.close()
    tried = counted["messages_count"] + counted["channel_full_count"]
    flooded.until(lambda: sum(ledger(flooded.state).values()) == tried, f"{tried} attempts")
    assert ledger(flooded.state)["fate not seen"] > 0


def test_that_what_is_rare_is_never_dropped(flooded):
    often = {"BytesSeen", "MessageSent", "MessageReceived", "ConsumerStarted", "ConsumerFinished", "MessageSkipped"}
    often |= {
        "MessageLost",
        "MessageRefused",
    }  # one for each reply to a socket that is closed, or each that is too many
    assert set(flooded.state.unsaid) <= often
    assert len([one for one in flooded.state.connections.values() if one.path.startswith("/draw/")]) == BOTS
    flooded.until(
        lambda: all(one.closed for one in flooded.state.connections.values()), "every socket is seen to close"
    )
    flooded.until(lambda: not flooded.state.groups, "every member is seen to leave its group")


def test_that_a_worker_killed_after_drops_loses_nothing_that_it_did_not_hold(flooded):
    flooded.lab.signal_worker("worker-1", "KILL")
    flooded.until_event(e.WorkerExited, worker="worker-1")
    assert flooded.state.fates[Fate.LOST] == 0
