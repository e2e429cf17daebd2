# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of Redis on the screen."""

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QAbstractItemModelTester

from app import events as e
from panels.redis_keys import RedisPanel
from tests.panels.live import NOW, REPLY, LiveStand, client, expired, key, sent, started


def body(number, ttl=50.0):
    return e.KeySeen(
        name=f"asgi:{key(number)}", kind="body", type="string", size=214, ttl=ttl, lifetime=60, detail='{"text": "hi"}'
    )


def queue(ttl=55.0):
    return e.KeySeen(name="asgi:websocket.receive", kind="queue", type="list", size=2, ttl=ttl, lifetime=61)


def looked(*keys, t=NOW):
    return e.KeysSeen(t=t, source="redis", keys=keys, total=len(keys))


@pytest.fixture
def live(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.feed(*started(), *client(1))
    return stand


@pytest.fixture
def panel(live, qapp):
    panel = live.show(RedisPanel, 788, 440)
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setParent(panel)
    return panel


def shown(panel):
    return [[cell.text for cell in panel.rows.cells(row)] for row in range(len(panel.rows))]


def row_of(panel, start):
    return next(number for number, cells in enumerate(shown(panel)) if cells[0].startswith(start))


def choose(panel, row, qtbot):
    place = panel.table.visualRect(panel.model.index(row, 0)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.LeftButton, pos=place)


def test_that_redis_is_looked_at_only_while_the_panel_is_shown(live, panel):
    panel.hide()
    assert live.lab.calls == [("watch_keys", True), ("watch_keys", False)]


def test_that_keys_are_grouped_by_meaning_under_headings(live, panel):
    other = e.KeySeen(name="foo", kind="other", type="hash", size=1, ttl=-1)
    counter = e.KeySeen(
        name="asgi-meta:#global#:messages_count", kind="counter", type="string", size=2, ttl=99, lifetime=86400
    )
    live.feed(sent(1), looked(other, counter, body(1), queue()))
    rows = shown(panel)
    assert [cells[0] for cells in rows if cells[0] in ("Queues", "Bodies", "Groups", "Counters", "Other")] == [
        "Queues", "Bodies", "Counters", "Other",
    ]  # fmt: skip
    assert rows[1] == ["asgi:websocket.receive", "list", "2", "55 s", "1 waiting"]
    assert rows[3][1:4] == ["string", "214 B", "50 s"]
    assert rows[5][4] == "messages sent to all channels together"
    assert rows[7][3] == "—"
    assert panel.foot.summary.text().startswith("4 keys")


def test_that_times_run_down_between_two_looks(live, panel):
    live.feed(looked(body(1, ttl=8.0)))
    live.tick(2.5)
    assert shown(panel)[1][3] == "5.5 s"


def test_that_a_ghost_is_shown_as_expired_with_its_age(live, panel):
    live.feed(sent(1, t=NOW - 61), looked(queue()), expired(1))
    live.tick(3.1)
    ghost = shown(panel)[row_of(panel, "asgi:0000")]
    assert ghost[2:] == ["gone", "expired 3.1 s ago", "ghost: its entry is still in websocket.receive"]


def test_that_a_groups_members_are_named(live, panel):
    live.feed(e.GroupAdded(t=NOW, source="w", group="chat-lobby", channel=f"{REPLY}1"))
    live.feed(looked(e.KeySeen(name="asgi::group:chat-lobby", kind="group", type="zset", size=1, ttl=86000.0)))
    assert shown(panel)[1][4] == "ada"


def group(*members):
    return e.KeySeen(
        name="asgi::group:chat-lobby", kind="group", type="zset", size=len(members), ttl=86000.0, lifetime=86400,
        members=members,
    )  # fmt: skip


def test_that_every_member_is_shown_with_its_age_its_owner_and_whether_it_lives(live, panel, qtbot):
    live.feed(*client(2), e.ConnectionClosed(t=NOW - 2, source="server", connection="c2"))
    live.feed(looked(group((f"{REPLY}1", NOW - 90), (f"{REPLY}2", NOW - 80), ("other!x", NOW - 70))))
    live.tick()
    assert [cells[1:2] + cells[3:] for cells in shown(panel)[2:]] == [
        ["alive", "in it for 1 m 30 s", "ada (c1), alive"],
        ["dead", "in it for 1 m 20 s", "bob (c2), dead: its socket closed 2.0 s ago"],
        ["?", "in it for 1 m 10 s", "nobody seen here: another program's, or an earlier run's"],
    ]
    choose(panel, 3, qtbot)
    choose(panel, 4, qtbot)
    choose(panel, 1, qtbot)
    assert [(one.kind, one.item) for one in live.gestures()] == [
        ("connection", "c2"), ("group", "chat-lobby"), ("group", "chat-lobby"),
    ]  # fmt: skip


def test_that_a_body_selects_its_message_and_a_queue_its_channel(live, panel, qtbot):
    live.feed(sent(1), looked(queue(), body(1)))
    choose(panel, row_of(panel, "asgi:0000"), qtbot)
    choose(panel, row_of(panel, "asgi:websocket"), qtbot)
    assert [(one.kind, one.item) for one in live.gestures()] == [("message", key(1)), ("channel", "websocket.receive")]


def test_that_a_message_selected_elsewhere_is_selected_here(live, panel):
    live.feed(sent(1), sent(2), looked(body(1), body(2)))
    live.feed(e.Selected(t=NOW, source="window", kind="message", item=key(2)))
    assert panel.table.currentIndex().row() == 2
    assert live.lab.inbox.take() == []


def test_that_a_key_keeps_its_place_when_others_come(live, panel):
    live.feed(looked(body(5), body(6)))
    live.feed(looked(body(1), body(6), body(5)))
    names = [cells[0][-2:] for cells in shown(panel)[1:]]
    assert names == ["05", "06", "01"]


def test_that_the_row_at_the_top_stays_there_when_keys_go(live, panel):
    live.feed(looked(*(body(number) for number in range(60))))
    bar = panel.table.verticalScrollBar()
    bar.setValue(500)
    before = shown(panel)[panel.table.rowAt(0)][0], panel.table.rowViewportPosition(panel.table.rowAt(0))
    live.feed(looked(*(body(number) for number in range(5, 60))))
    assert (shown(panel)[panel.table.rowAt(0)][0], panel.table.rowViewportPosition(panel.table.rowAt(0))) == before


def test_that_an_empty_redis_is_said(live, panel):
    assert panel.foot.summary.text() == "Looking at Redis …"
    live.feed(looked())
    assert panel.foot.summary.text().startswith("Redis is empty")


def test_that_lost_redis_is_said(live, panel):
    live.feed(e.RedisLost(t=NOW, source="redis", reason="gone"))
    assert panel.foot.summary.text() == "Redis does not answer: gone"
