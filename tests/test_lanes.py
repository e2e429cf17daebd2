# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes: the runs and turns of each worker, as of any playhead."""

from app import events as e
from app.lanes import FAILED, FINISHED, LOST, NEVER, RUNS, Lanes
from app.store import Store
from tests.panels.live import key, killed, started


def began(number, t, worker="worker-1"):
    return e.ConsumerStarted(
        t=t, source=worker, worker=worker, key=key(number), channel="websocket.receive", consumer="chat.ws_receive"
    )


def finished(number, t, worker="worker-1"):
    return e.ConsumerFinished(t=t, source=worker, worker=worker, key=key(number), seconds=0.1)


def failed(number, t, worker="worker-1"):
    return e.ConsumerFailed(t=t, source=worker, worker=worker, key=key(number), consumer="c", error="E", traceback="")


def lanes_of(*events):
    lanes = Lanes()
    lanes.add(events, 0)
    return lanes


def test_that_a_run_has_its_time_its_message_and_how_it_ended():
    lane = lanes_of(began(1, 5.0), finished(1, 5.5), began(2, 6.0), failed(2, 6.25), began(3, 7.0)).by_worker[
        "worker-1"
    ]
    assert list(zip(lane.starts, lane.ends, lane.outcomes, lane.keys, strict=True)) == [
        (5.0, 5.5, FINISHED, key(1)),
        (6.0, 6.25, FAILED, key(2)),
        (7.0, 7.0, FINISHED, key(3)),
    ]
    assert list(lane.ended) == [1, 3, NEVER]


def test_that_a_run_is_lost_when_its_worker_is_killed_or_is_a_new_process():
    lanes = lanes_of(began(1, 5.0), killed(1, 6.0), e.WorkerStarted(t=8.0, source="lab", worker="worker-1", pid=7))
    lane = lanes.by_worker["worker-1"]
    assert (lane.outcomes[0], lane.ends[0]) == (LOST, 6.0)
    assert [status for _, _, status in lane.turns] == ["killed", "starting"]


def test_that_runs_at_the_same_time_lie_in_slots_of_their_own():
    lane = lanes_of(began(1, 1.0), began(2, 2.0), finished(1, 3.0), began(3, 4.0)).by_worker["worker-1"]
    assert list(lane.slots) == [0, 1, 0]


def test_that_what_a_playhead_has_not_reached_is_not_known():
    lane = lanes_of(began(1, 1.0), finished(1, 2.0), began(2, 3.0)).by_worker["worker-1"]
    assert [lane.known(playhead) for playhead in range(4)] == [0, 1, 1, 2]


def test_that_a_lane_is_bounded_and_a_run_still_under_way_finds_its_end():
    lanes = Lanes()
    lanes.add([began(0, 0.0)], 0)
    for number in range(1, RUNS + 10):
        lanes.add([began(number, float(number)), finished(number, number + 0.5)], 2 * number)
    lane = lanes.by_worker["worker-1"]
    lanes.add([began(RUNS + 10, RUNS + 10.0)], 3 * RUNS)
    lanes.add([finished(0, 1e6), finished(RUNS + 10, RUNS + 11.0)], 3 * RUNS + 1)
    assert len(lane.keys) == len(lane.starts) < RUNS
    assert (lane.keys[-1], lane.ends[-1]) == (key(RUNS + 10), RUNS + 11.0)


def test_that_lanes_begin_with_the_workers_there_are():
    store = Store()
    store.extend([*started(workers=2), began(1, 5.0), killed(2, 6.0)])
    lanes = Lanes()
    lanes.begin_with(store.state, store.end)
    assert lanes.by_worker["worker-1"].keys == [key(1)]
    assert [turn[2] for turn in lanes.by_worker["worker-2"].turns] == ["dead"]


def test_that_between_two_commands_of_a_receive_a_worker_is_busy_until_it_goes_on_or_dies():
    def held(gate, t):
        return e.MessageHeld(t=t, source="worker-1", gate=gate, number=1, channel="websocket.receive", key="k")

    lanes = Lanes()
    lanes.add([held("popped", 1.0), held("fetched", 3.0)], 0)
    lane = lanes.by_worker["worker-1"]
    assert lane.consumers == ["between BLPOP and GET", "between GET and DEL"]
    assert (lane.ends[0], [*lane.under_way]) == (3.0, ["k"])
    lanes.add([e.WorkerExited(t=4.0, source="lab", worker="worker-1", signal="KILL")], 2)
    assert (lane.outcomes[1], [*lane.under_way]) == (LOST, [])
