# SPDX-License-Identifier: GPL-3.0-or-later
"""Travel in time: the whole window shows the moment of the playhead, and comes back."""

import time

import pytest
from PyQt5.QtCore import QEvent, QPoint, Qt
from PyQt5.QtWidgets import QApplication, QLabel

from app import events as e
from app.frame_index import FrameIndex
from panels.travel import PAUSE
from panels.window import Window
from tests.panels.live import FakeLab, client, key, killed, started

NOW = time.time()  # the strip ends there
CHANNEL = "websocket.receive"


def sent(number, t):
    return e.MessageSent(t=t, source="server", key=key(number), channel=CHANNEL, body=b"\x80", expiry=15.0)


def story():
    """Two clients, three workers; a message is handled, the workers are killed, another message expires."""
    return [
        *started(workers=2, t=NOW),
        *client(1, t=NOW),
        *client(2, t=NOW),
        sent(1, NOW - 40),
        e.MessageReceived(t=NOW - 39.9, source="worker-1", key=key(1), channel=CHANNEL),
        e.ConsumerStarted(
            t=NOW - 39.9, source="worker-1", worker="worker-1", key=key(1), channel=CHANNEL, consumer="chat.ws_receive"
        ),
        e.ConsumerFinished(t=NOW - 39.8, source="worker-1", worker="worker-1", key=key(1), seconds=0.1),
        killed(1, NOW - 30),
        killed(2, NOW - 30),
        sent(2, NOW - 20),
        e.MessageExpired(t=NOW - 5, source="redis", key=key(2)),
    ]


@pytest.fixture
def window(qtbot, theme):
    lab = FakeLab()
    lab.index = FrameIndex()
    window = Window(lab, theme, remembers=False)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    with qtbot.waitExposed(window):
        window.show()
    window.live.stop()
    window._clock.stop()
    window.lab.inbox.put_all(story())
    window.live.drain()
    return window


@pytest.fixture
def store(window):
    return window.live.store


def settle(window):
    window._tick()
    for _ in range(5):
        QApplication.processEvents()


def picture(window):
    settle(window)
    return window.grab().toImage()


def workers(window):
    return [row.cells["state"].text().split()[0] for row in window.workers.table.rows.values()]


def test_that_dragging_on_the_timeline_shows_the_past(window, store, qtbot):
    window.bench.bring_up(window.workers)
    x = round(window.timeline._scale().x(NOW - 35))
    qtbot.mousePress(window.timeline, Qt.LeftButton, pos=QPoint(x, 40))
    qtbot.waitUntil(lambda: not store.is_live, timeout=PAUSE * 50)
    settle(window)
    assert abs(store.now - (NOW - 35)) < 6
    assert workers(window) == ["idle", "idle"]
    assert window.transport.live.text().startswith("◀ ")
    assert window.transport.back.isVisible()


def test_that_a_click_is_followed_at_once_and_a_drag_in_a_few_steps(window, store, qtbot):
    moves, seconds = [], range(35, 15, -1)
    window.travel.moved.connect(lambda: moves.append(store.now))
    for ago in seconds:
        window.travel.go_to_time(NOW - ago)
    assert moves == [pytest.approx(NOW - seconds[0], abs=1e-3)]
    qtbot.waitUntil(lambda: len(moves) == 2, timeout=PAUSE * 50)
    assert moves[-1] == pytest.approx(NOW - seconds[-1], abs=1e-3)


def test_that_one_key_leads_back_to_now(window, store, qtbot):
    window.bench.bring_up(window.workers)
    window.travel.go_to_time(NOW - 35)
    window.travel._go()
    qtbot.mouseClick(window.transport.back, Qt.LeftButton)
    settle(window)
    assert store.is_live
    assert window.transport.live.text() == "● Live"
    assert workers(window) == ["killed", "killed"]
    assert window.transport.back.shortcut().toString() == "Esc"


def test_that_steps_go_from_event_to_event_and_from_message_to_message(window, store):
    window.travel.step(-1)
    assert (store.playhead, store.state.messages[key(2)].fate.name) == (store.end - 1, "WAITING")
    window.travel.step(-1)
    assert key(2) not in store.state.messages
    window.travel.step(-1, (e.MessageReceived,))
    assert store.state.messages[key(1)].fate.name == "WAITING"
    window.travel.step(1, (e.MessageSent,))
    assert store.state.messages[key(2)].fate.name == "WAITING"


def test_that_two_buttons_step_from_message_to_message(window, store, qtbot):
    window.travel.step(-1)
    settle(window)
    qtbot.mouseClick(window.transport.steps[0], Qt.LeftButton)
    assert key(2) not in store.state.messages
    qtbot.mouseClick(window.transport.steps[1], Qt.LeftButton)
    assert store.state.messages[key(2)].fate.name == "WAITING"


def test_that_stepping_over_the_newest_event_is_back_to_live(window, store):
    window.travel.step(-1)
    window.travel.step(1)
    window.travel.step(1)
    assert store.is_live


def test_that_the_live_system_goes_on_behind_the_past(window, store):
    window.travel.step(-1)
    before = window.timeline.density.total
    window.lab.inbox.put_all([sent(3, NOW)])
    window.live.drain()
    settle(window)
    assert key(3) not in store.state.messages
    assert window.timeline.density.total == before + 1
    window.travel.to_live()
    assert key(3) in store.state.messages


def test_that_a_selection_in_the_past_is_shown_at_once_and_kept(window, store):
    window.travel.step(-1)
    window.stage.select("message", key(1))
    window.live.drain()
    assert store.state.selected.item == key(1)
    window.travel.to_live()
    assert store.state.selected.item == key(1)


def test_that_a_rewind_ends_in_the_same_picture(window, store, monkeypatch):
    monkeypatch.setattr("panels.window.time.time", lambda: NOW)  # or the strip grows on
    moments = list(range(store.start + 14, store.end + 1))
    first = []
    for moment in moments:
        store.seek(moment)
        window._show_moment()
        first.append(picture(window))
    for moment, before in reversed(list(zip(moments, first, strict=True))):
        store.seek(moment)
        window._show_moment()
        assert picture(window) == before, f"event {moment} looks different after the rewind"


def keys(window):
    return {row.name: row.change for row in window.redis.rows.rows if row.name}


def test_that_the_past_has_the_keys_that_were_in_redis_then(window, store):
    window.bench.bring_up(window.redis)
    window.travel.step(-1)
    settle(window)
    assert list(keys(window)) == [f"asgi:{CHANNEL}", f"asgi:{key(2)}"]
    assert "as the events tell" in window.redis.foot.summary.text()


def test_that_two_moments_of_redis_can_be_compared(window, store, qtbot):
    window.bench.bring_up(window.redis)
    window.travel.step(-1)
    settle(window)
    qtbot.mouseClick(window.redis.foot.compare, Qt.LeftButton)
    window.travel.step(1)
    settle(window)
    assert keys(window) == {f"asgi:{CHANNEL}": "", f"asgi:{key(2)}": "gone"}
    assert window.redis.foot.summary.text().startswith("0 new, 1 gone, 0 changed since ")
    qtbot.mouseClick(window.redis.foot.compare, Qt.LeftButton)
    settle(window)
    assert set(keys(window).values()) == {""}


def test_that_a_count_beside_a_tab_leaves_no_label_behind(window):
    for count in (0, 3, 12, 0) * 5:
        window.bench.set_count(window.redis, count)
        settle(window)
    QApplication.sendPostedEvents(None, QEvent.DeferredDelete)
    assert len(window.bench.tabs.findChildren(QLabel)) <= 1


def test_that_another_theme_still_says_that_the_past_is_shown(window, store):
    window.travel.step(-1)
    settle(window)
    said = window.transport.live.text()
    window.set_theme("light")
    assert (window.transport.live.text(), window.transport.back.isVisible()) == (said, True)


def test_that_a_moment_that_is_no_longer_kept_gives_way_to_the_oldest_left_and_that_is_said(window, store, monkeypatch):
    window.bench.bring_up(window.journal)
    window.travel._seek(store.start + 8)
    settle(window)
    assert not window.transport.notice.isVisible()
    monkeypatch.setattr(store, "_limit", 100)
    monkeypatch.setattr(store, "_apart", 10)
    lines = [e.LogLine(t=NOW + n / 100, source="worker-1", text=str(n)) for n in range(600)]
    end = store.end + len(lines)
    window.lab.inbox.put_all(lines)
    while store.end < end:  # a tick brings some of them
        window.live.drain()
    settle(window)
    assert store.end - store.start <= 400
    assert store.playhead >= store.start > 100
    text = window.transport.notice.label.text()
    assert "only the newest 400 events are" in text
    assert "oldest moment left" in text
    assert window.transport.back.isVisible()
    assert window.transport.live.text().startswith("◀")
    assert len(window.journal.rows.events) == store.playhead - store.start
    window.travel.to_live()
    settle(window)
    assert not window.transport.notice.isVisible()
