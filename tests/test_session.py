# SPDX-License-Identifier: GPL-3.0-or-later
"""Session files: what was seen comes back the same, and foreign files say so."""

import gzip
from pathlib import Path

import pytest

from app import events as e
from app.recording import RecordingError
from app.session import SessionSource, save_session
from app.store import Store
from tests.live_fixture import live_lab
from tests.panels.chat import Chat
from tests.redis_fixture import wait_until


def opened(path):
    """Read a file to its end; returns its store."""
    source = SessionSource(path)
    store = Store(index=source.index)
    source.start()
    wait_until(lambda: not source.is_reading, "the file is read")
    store.extend(source.inbox.take())
    return store


def frames(store):
    index, rows = store.index, [event.row for event in store.newest_since(0) if isinstance(event, e.FrameSeen)]
    return [(index.row(row).opcode, index.row(row).direction, index.raw(row)) for row in rows]


def told(state):
    return (
        {key: (message.fate, message.channel, message.taken_by) for key, message in state.messages.items()},
        {name: (worker.status, worker.done) for name, worker in state.workers.items()},
        {name: dict(members) for name, members in state.groups.items()},
        {one.id: (one.name, one.path, one.frames) for one in state.connections.values() if not one.closed},
    )


def failures(store):
    return [event.reason for event in store.newest_since(0) if isinstance(event, e.SourceFailed)]


@pytest.fixture
def chat():
    return talk(Store())


def talk(store):
    chat = Chat(store).begin(workers=2)
    chat.connect("c1", "ada")
    chat.connect("c2", "bob")
    for number in range(5):
        chat.chat("c1", f"line {number}", "c2")
    chat.say("c2", "nobody reads this")
    return chat


def test_that_a_session_comes_back_as_it_was(chat, tmp_path):
    count = save_session(tmp_path / "talk.cscope", chat.store)
    again = opened(tmp_path / "talk.cscope")
    assert count == chat.store.end
    assert told(again.state) == told(chat.store.state)
    assert frames(again) == frames(chat.store)
    assert again.state.fates == chat.store.state.fates


def test_that_what_fell_off_the_old_end_is_told_by_a_prologue(tmp_path):
    chat = talk(Store(limit=40))
    waits = chat.say("c1", "this waits")
    for number in range(20):
        chat.chat("c2", f"more {number}", "c1")
    assert chat.store.start > 0
    save_session(tmp_path / "late.cscope", chat.store)
    state = opened(tmp_path / "late.cscope").state
    assert {worker.status for worker in state.workers.values()} == {"idle"}
    assert {one.client for one in state.connections.values()} == {"127.0.0.1:50001", "127.0.0.1:50002"}
    assert waits in state.channels["websocket.receive"].waiting


def test_that_slow_motion_and_a_standstill_that_began_before_are_told_by_it(tmp_path):
    chat = talk(Store(limit=40))
    chat.put(e.SpeedSet(t=chat.t, source="lab", speed=0.1, redis=0.1), e.Frozen(t=chat.t, source="lab"))
    for number in range(20):
        chat.chat("c2", f"more {number}", "c1")
    save_session(tmp_path / "slow.cscope", chat.store)
    state = opened(tmp_path / "slow.cscope").state
    assert (state.speed, state.clock.speed, state.clock.since > 0) == (0.1, 0.1, True)


def test_that_a_selected_frame_is_still_the_same(chat, tmp_path):
    chat.put(e.Selected(t=chat.t, source="window", kind="frame", item="3"))
    save_session(tmp_path / "s.cscope", chat.store)
    assert opened(tmp_path / "s.cscope").state.selected.item == "3"


def test_that_a_real_session_comes_back(tmp_path):
    with live_lab(workers=1) as live:
        live.lab.set_up(1, 15, ["bob"])
        live.until(lambda: "bob" in live.state.clients, "bob is there")
        live.lab.send_text("bob", "hello")
        live.until(lambda: len(live.of(e.FrameSeen, direction="server")) >= 3, "the chat answered")
        save_session(tmp_path / "real.cscope", live.store)
        again = opened(tmp_path / "real.cscope")
        assert told(again.state) == told(live.state)
        assert frames(again) == frames(live.store) != []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "expected a channelscope recording"),
        (b"\xd4\xc3\xb2\xa1 a capture", "expected a channelscope recording"),
        (b"\x1f\x8b no gzip after all", "damaged"),
        (gzip.compress(b'{"format": "channelscope recording", "version": 99}\n', mtime=0), "version 99"),
    ],
)
def test_that_a_foreign_file_is_refused_with_what_was_expected(tmp_path, content, says):
    path = tmp_path / "x.cscope"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=says):
        SessionSource(path)


def test_that_a_missing_file_is_said():
    with pytest.raises(RecordingError, match="no such file"):
        SessionSource(Path("nowhere.cscope"))


def test_that_a_session_is_saved_whole_or_not_at_all(chat, tmp_path, monkeypatch):
    path = tmp_path / "talk.cscope"
    save_session(path, chat.store)
    before = path.read_bytes()

    def full(self, event):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.recording.Recorder.__call__", full)
    with pytest.raises(OSError, match="No space left"):
        save_session(path, chat.store)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
