# SPDX-License-Identifier: GPL-3.0-or-later
"""The lanes of the Workers tab: runs over time, chosen, zoomed, moved, as of any moment."""

import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import QApplication

from app import events as e
from panels.workers import WorkersPanel
from tests.panels.live import NOW, LiveStand, expired, key, killed, sent, started
from tests.test_lanes import began, failed, finished


def runs():
    """Six runs of worker-1 in the last minute, one that failed, one lost, and an expiry."""
    events = []
    for number in range(1, 6):
        t = NOW - 60 + 10 * number
        events += [sent(number, t), began(number, t), finished(number, t + 2)]
    return [
        *events,
        began(6, NOW - 3, "worker-2"),
        failed(6, NOW - 2, "worker-2"),
        sent(7, NOW - 3),
        expired(7, NOW - 1),
    ]


@pytest.fixture
def live(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.feed(*started(), *runs())
    return stand


@pytest.fixture
def panel(live):
    return live.show(WorkersPanel, 788, 440)


@pytest.fixture
def lane(panel):
    return panel.table.rows["worker-1"].lane


def x(lane, t):
    return round(lane.frame().x(t))


def wheel(lane, turned, at, modifiers=Qt.NoModifier):
    place = QPointF(at, 10)
    event = QWheelEvent(
        place, QPointF(lane.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, turned), Qt.NoButton, modifiers,
        Qt.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(lane, event)


def coloured(lane, t):
    """Whether something is painted at a time, in the middle of the upper half, where no idle line runs."""
    image = lane.grab().toImage()
    return image.pixelColor(x(lane, t), 8) != image.pixelColor(x(lane, t), 0)


def test_that_a_run_is_seen_where_it_was(lane):
    assert coloured(lane, NOW - 39)
    assert not coloured(lane, NOW - 36)


def test_that_a_place_tells_consumer_channel_length_and_message(lane):
    said = lane.text_at(x(lane, NOW - 39))
    assert "chat.ws_receive\nfinished after 2.0 s, on worker-1" in said
    assert f"message {key(2)[:8]}… of websocket.receive" in said
    assert lane.text_at(x(lane, NOW - 36)) == ""


def test_that_a_run_that_failed_says_so(panel):
    lane = panel.table.rows["worker-2"].lane
    assert "failed after 1.0 s" in lane.text_at(x(lane, NOW - 2.5))


def test_that_a_click_selects_the_run(live, lane, qtbot):
    qtbot.mouseClick(lane, Qt.LeftButton, pos=QPoint(x(lane, NOW - 29), 15))
    assert (live.gestures()[-1].kind, live.store.state.selected.item) == ("run", key(3))


def test_that_what_is_selected_elsewhere_is_marked(live, lane, theme):
    before = lane.grab().toImage()
    live.feed(e.Selected(t=NOW, source="window", kind="message", item=key(3)))
    image = lane.grab().toImage()
    at = [place for place in range(image.width()) if image.pixel(place, 15) != before.pixel(place, 15)]
    assert at
    assert x(lane, NOW - 30) - 4 <= min(at) <= max(at) <= x(lane, NOW - 28) + 4


def test_that_the_keys_go_from_run_to_run_and_to_the_next_lane(live, panel, lane, qtbot):
    panel.activateWindow()
    lane.setFocus()
    for pressed, item in ((Qt.Key_Left, 5), (Qt.Key_Left, 4), (Qt.Key_Right, 5), (Qt.Key_Home, 1), (Qt.Key_Right, 2)):
        qtbot.keyClick(lane, pressed)
        live.gestures()
        assert live.store.state.selected.item == key(item)
    qtbot.keyClick(lane, Qt.Key_Down)
    live.gestures()
    assert live.store.state.selected.item == key(6)


def test_that_it_follows_now_and_zooms_there_until_it_is_moved(live, panel, lane, qtbot):
    time = panel.table.head.time
    wheel(lane, 120, 50)
    assert time.length < 60
    assert time.right(NOW) == NOW
    assert not panel.table.head.newest.isEnabled()
    qtbot.mousePress(lane, Qt.LeftButton, pos=QPoint(50, 15))
    move(lane, QPoint(150, 15))
    qtbot.mouseRelease(lane, Qt.LeftButton, pos=QPoint(150, 15))
    assert live.gestures() == []
    moved = time.right(NOW)
    assert moved < NOW
    live.tick(5)
    assert time.right(live.now) == moved
    at = lane.frame().time(80)
    wheel(lane, 120, 80)
    assert lane.frame().time(80) == pytest.approx(at, abs=0.01)
    qtbot.mouseClick(panel.table.head.newest, Qt.LeftButton)
    assert time.right(live.now) == live.now


def move(widget, place):
    from PyQt5.QtGui import QMouseEvent

    event = QMouseEvent(QMouseEvent.MouseMove, QPointF(place), Qt.LeftButton, Qt.LeftButton, Qt.NoModifier)
    QApplication.sendEvent(widget, event)


def test_that_kills_and_expiries_are_marked_above_the_lanes(live, panel):
    live.feed(killed(3))
    axis = panel.table.head.axis
    live.tick()
    assert axis.accessibleDescription() == "1 kill, 1 expiry"
    assert "worker-3 was killed (KILL)" in axis.text_at(axis.width())
    assert "expired unread" in axis.text_at(axis._x(NOW - 1))


def test_that_a_stopped_worker_is_seen_to_stand_still(live, panel, theme):
    lane = panel.table.rows["worker-1"].lane
    live.feed(e.WorkerStopped(t=NOW, source="lab", worker="worker-1"))
    live.tick(10)
    image = lane.grab().toImage()
    grounds = {image.pixelColor(x(lane, live.now - 5), height).name() for height in range(8, 20)}
    assert theme.color("flight_soft").name() in grounds
    assert theme.color("flight_soft").name() != image.pixelColor(x(lane, NOW - 5), 8).name()


def test_that_the_past_shows_the_lanes_as_they_were(live, panel, lane):
    def at(moment):
        live.store.seek(moment)
        panel.reset()
        panel.tick(live.store.now)
        return lane.grab().toImage()

    moments = range(live.store.start + 8, live.store.end + 1)
    first = {}
    for moment in moments:
        first[moment] = at(moment)
    assert len({image.cacheKey() for image in first.values()}) > 5
    for moment in reversed(moments):
        assert at(moment) == first[moment], moment
    assert lane._lane.known(live.store.playhead) == 0
    at(None)
    assert lane._lane.known(live.store.playhead) == 5


def test_that_a_hundred_thousand_runs_are_painted_in_as_many_strokes_as_there_are_pixels(live, panel, lane):
    """Not a timing: the picture is made of no more rectangles than the lane has columns."""
    from PyQt5.QtGui import QPainter, QPixmap

    from panels.lane_picture import paint_lane

    for number in range(10_000):
        live.store.extend(
            [began(number + 100, NOW + number / 1000), finished(number + 100, NOW + number / 1000 + 4e-4)]
        )
    live.now = NOW + 10
    panel.reset()
    live.tick()

    class Counting(QPainter):
        strokes = 0

        def drawRects(self, rects):
            Counting.strokes += len(rects)

        def drawRoundedRect(self, *words):
            Counting.strokes += 1

    sheet = QPixmap(lane.size())
    painter = Counting(sheet)
    paint_lane(painter, lane._lane, lane.frame(), frozenset(), lane.theme)
    painter.end()
    assert 0 < Counting.strokes <= lane.width()


def test_that_a_lane_can_be_looked_at_before_its_worker_was_there(live, panel, lane):
    live.store.seek(live.store.start)
    panel.reset()
    lane.show_lane(panel._history.lanes, NOW, live.store.playhead, frozenset())
    assert not lane.grab().isNull()
