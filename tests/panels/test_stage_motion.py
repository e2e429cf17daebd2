# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that move: a dot for each, one after the other, or a thicker edge when there are too many."""

import itertools

import pytest
from PyQt5.QtCore import QPointF
from PyQt5.QtGui import QPainterPath

from panels.stage import StagePanel
from panels.stage.motion import GLOW, LEG, Motion, way_of
from panels.stage.pictures import FRAME, SLOW
from panels.stage.wiring import BUSY
from panels.turns import APART
from tests.panels.live import REPLY, LiveStand, client, sent, started, taken


@pytest.fixture
def pieces():
    names = ("client:c1", "client:more", "in:websocket.receive", "out:websocket.receive", f"in:{REPLY}", f"out:{REPLY}",
             "worker:worker-1")  # fmt: skip
    line = QPainterPath(QPointF(0, 0))
    line.lineTo(100, 0)
    return dict.fromkeys(names, line)


@pytest.fixture
def motion():
    return Motion()


def test_that_a_frame_goes_from_its_client_over_the_server_to_the_lane(pieces):
    assert way_of(sent(1), pieces) == (("client:c1", False), ("in:websocket.receive", False))


def test_that_a_worker_takes_from_the_lane(pieces):
    assert way_of(taken(1), pieces) == (("out:websocket.receive", False), ("worker:worker-1", False))


def test_that_a_reply_goes_backwards(pieces):
    reply = sent(2, channel=f"{REPLY}1", source="worker-1", connection="")
    assert way_of(reply, pieces) == (("worker:worker-1", True), (f"out:{REPLY}", True))
    delivered = taken(2, by="server", channel=f"{REPLY}1", connection="c1")
    assert way_of(delivered, pieces) == ((f"in:{REPLY}", True), ("client:c1", True))


def test_that_a_client_without_a_card_stands_under_more(pieces):
    assert way_of(sent(1, connection="c77"), pieces)[0] == ("client:more", False)


def test_that_a_dot_takes_a_quarter_of_a_second_for_each_edge(motion, pieces):
    motion.follow([sent(1)], pieces, now=10.0)
    assert motion.dots[0].place(10.0 + LEG / 2) == ("client:c1", 0.5)
    assert motion.dots[0].place(10.0 + LEG * 1.5) == ("in:websocket.receive", 0.5)
    assert motion.dots[0].end == 10.0 + 2 * LEG
    assert not motion.step(10.0 + 2 * LEG + GLOW + 0.1)
    assert motion.dots == []


def test_that_the_next_leg_of_a_message_waits_for_the_last(motion, pieces):
    motion.follow([sent(1), taken(1)], pieces, now=10.0)
    first, second = motion.dots
    assert second.start == first.end


def test_that_what_a_message_caused_follows_it(motion, pieces):
    reply = sent(2, channel=f"{REPLY}1", source="worker-1", connection="", cause=sent(1).key)
    motion.follow([taken(1), reply], pieces, now=10.0)
    assert motion.dots[1].start == motion.dots[0].end


def test_that_many_messages_merge_into_a_thicker_edge(motion, pieces):
    for number in range(100):
        motion.follow([sent(number)], pieces, now=10.0 + number / 100)
    assert len(motion.dots) < 60
    assert motion.heat("in:websocket.receive", 11.0)[0] > BUSY


def test_that_edges_on_which_many_passed_unseen_are_busy_at_once(motion, pieces):
    clients = itertools.cycle(("c1", "c2", "c3"))  # none of them says much
    motion.recall([sent(number, connection=next(clients)) for number in range(60)], pieces, now=10.0)
    assert motion.heat("in:websocket.receive", 10.1)[0] > BUSY
    assert motion.step(10.1)
    motion.follow([sent(100)], pieces, now=10.1)
    assert motion.dots == []
    assert not motion.step(13.0)


def test_that_what_single_messages_lit_unseen_is_dark(motion, pieces):
    motion.recall([sent(number) for number in range(3)], pieces, now=10.0)
    assert motion.heat("in:websocket.receive", 10.1) == (0.0, 0.0)
    assert not motion.step(10.1)


def test_that_with_reduced_motion_edges_light_up_and_nothing_travels(motion, pieces):
    motion.reduced = True
    motion.follow([sent(1)], pieces, now=10.0)
    assert motion.dots == []
    assert motion.heat("client:c1", 10.1)[1] == 1.0
    assert 0 < motion.heat("client:c1", 10.0 + 2 * LEG + GLOW / 2)[1] < 1
    assert motion.heat("worker:worker-1", 10.1)[1] == 0.0


def test_that_the_timer_runs_only_while_something_moves(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1))
    stage = live.show(StagePanel)
    assert not stage.canvas.is_moving
    live.feed(sent(1))
    assert stage.canvas.is_moving
    qtbot.waitUntil(lambda: not stage.canvas.is_moving, timeout=5000)


def test_that_a_hidden_stage_does_not_animate(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1))
    stage = live.show(StagePanel)
    stage.hide()
    live.feed(sent(1))
    assert not stage.canvas.is_moving


def test_that_in_a_crowd_of_news_dots_are_painted_once_after_each_of_them(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1))
    canvas = live.show(StagePanel).canvas
    canvas.follow([sent(1)])
    assert canvas._pictures.interval() == FRAME
    canvas.follow([sent(2)], is_crowd=True)
    assert canvas._pictures.remainingTime() <= APART
    canvas._pictures.take()
    assert canvas._pictures.interval() == SLOW
