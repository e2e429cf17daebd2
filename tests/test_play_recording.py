# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording shown instead of the live system: without Redis, in the middle of a session, step by step."""

import time

import pytest

from app import events as e
from app.lesson import LESSONS, Watch, load
from app.state import REPLAYED
from tests.live_fixture import live_lab

LESSON = load(LESSONS / "kill-the-worker")


@pytest.fixture
def nothing(tmp_path):
    """A lab on a machine without Redis."""
    with live_lab(redis=str(tmp_path / "none")) as live:
        live.until_event(e.SourceFailed, name="lab")
        yield live


def play(live, step):
    """Play a step's recording to its end; returns its own events."""
    live.events.clear()
    live.lab.play_recording(LESSON.recording, step).result(10)
    live.until_event(e.RecordingFinished, seconds=40.0)
    shown = live.events.index(live.of(e.StepShown)[-1])
    return live.events[shown + 1 :]


@pytest.mark.parametrize("step", [step for step in LESSON.steps if step.id != "expire"], ids=lambda step: step.id)
def test_that_a_step_is_played_without_redis_and_its_checks_hold(nothing, step):
    watch = Watch(step)
    for event in play(nothing, step.id):
        watch.feed(event)
    assert watch.done


def test_that_what_led_to_the_step_is_there_at_once(nothing):
    play(nothing, "kill")
    state = nothing.state
    assert state.workers["worker-1"].signal == "KILL"
    assert [connection.name for connection in state.connections.values() if connection.name] == ["bob"]
    assert state.settings.expiry == 15
    assert state.sources["redis"].status == "ready"
    assert [message for message in state.messages.values() if b"Hello from Bob!" in message.body]


def test_that_frames_of_a_recording_can_be_looked_at(nothing):
    play(nothing, "meet")
    play(nothing, "meet")
    seen = nothing.of(e.FrameSeen, direction="client")[-1]
    row = nothing.lab.index.row(seen.row)
    data = nothing.lab.index.spool.read(row.connection, row.direction, row.offset, row.size)
    assert len(data) == row.size
    assert row.masked


def test_that_rows_of_a_capture_stay_and_rows_of_the_wire_become_those_of_now(nothing):
    frames = load(LESSONS / "anatomy-of-a-frame")
    play(nothing, "meet")
    first = nothing.lab.index.end
    assert first > 0
    nothing.events.clear()
    nothing.lab.play_recording(frames.recording, "live").result(10)
    nothing.until_event(e.RecordingFinished)
    in_capture, on_wire = nothing.of(e.Selected, direction="server")[0], nothing.of(e.Selected, direction="client")[0]
    assert in_capture.item == "0"
    assert int(on_wire.item) >= first
    row = nothing.lab.index.row(int(on_wire.item))
    assert (row.direction, row.opcode, row.masked) == ("client", 1, True)


@pytest.mark.slow
def test_that_times_are_those_of_now_and_the_pace_is_kept(nothing):
    nothing.lab.play_recording(LESSON.recording, "expire").result(10)
    sent = nothing.until_event(e.StepShown, step="expire") and nothing.until(
        lambda: [m for m in nothing.of(e.MessageSent) if b"anyone there" in m.body], "sent"
    )
    expired = nothing.until_event(e.MessageExpired, key=sent[0].key, seconds=30)
    assert 14.5 < expired.t - sent[0].t < 16
    assert abs(expired.t - time.time()) < 2


def test_that_a_step_that_is_not_there_and_a_file_that_is_none_are_told(nothing, tmp_path):
    nothing.lab.play_recording(LESSON.recording, "nowhere")
    assert 'no step "nowhere"; there is meet, kill' in nothing.until_event(e.VerbFailed).reason
    nothing.events.clear()
    nothing.lab.play_recording(tmp_path / "recording.jsonl.gz", "meet")
    assert "no such file" in nothing.until_event(e.VerbFailed).reason
    nothing.events.clear()
    (tmp_path / "other.jsonl.gz").write_bytes(b"something else")
    nothing.lab.play_recording(tmp_path / "other.jsonl.gz", "meet")
    assert "other.jsonl.gz" in nothing.until_event(e.VerbFailed).reason


def test_that_the_live_system_is_there_again_after_a_reset():
    with live_lab(workers=1) as live:
        live.until_working(1)
        live.join("ada")
        pid = live.state.sources["server"].pid
        play(live, "kill")
        assert set(live.state.clients) == {"bob"}
        assert live.state.sources["server"].pid != pid
        live.lab.reset().result(20)
        live.until_working(1)
        live.join("cy")
        live.say("cy", "back to the real thing")
        state = live.state
        assert state.sources["server"].pid == pid
        assert not [name for name in state.connections if name.startswith(REPLAYED)]
        assert not any(fate.is_open and count for fate, count in state.fates.items())


def test_that_a_set_up_ends_a_recording_in_its_middle():
    with live_lab(workers=1) as live:
        live.until_working(1)
        live.lab.play_recording(LESSON.recording, "expire").result(10)
        live.until_event(e.StepShown, step="expire")
        live.lab.reset().result(20)
        live.until_working(1)
        assert not live.of(e.RecordingFinished)
        assert live.state.settings.expiry == 60
