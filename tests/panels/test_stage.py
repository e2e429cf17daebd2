# SPDX-License-Identifier: GPL-3.0-or-later
"""The Stage as its users meet it: what it shows and what clicks do."""

from itertools import pairwise

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QColor
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QMenu

from app import events as e
from panels.stage import StagePanel
from panels.stage.controls import FAULTS
from tests.panels.live import NOW, REPLY, LiveStand, built_in, client, expired, key, killed, sent, started, taken


@pytest.fixture
def live(qtbot, theme):
    return LiveStand(qtbot, theme)


@pytest.fixture
def stage(live):
    live.feed(*started(), *client(1), *built_in(2))
    return live.show(StagePanel)


def click(stage, spot, button=Qt.LeftButton):
    place = stage.canvas.spot(spot)
    assert place, f"no {spot} on the Stage; there is {[one.id for one in stage.canvas.layout_now.spots]}"
    QTest.mouseClick(stage.canvas, button, Qt.NoModifier, place.rect.center().toPoint())


def lane(stage, name="websocket.receive"):
    return next(lane for lane in stage.canvas.view.lanes if lane.name == name)


def worker(stage, number=1):
    return stage.canvas.view.workers[number - 1]


def has_color(stage, rect, role):
    """Whether a colour of the theme is to be seen somewhere on the edge of a rectangle."""
    image = stage.canvas.grab().toImage()
    wanted = stage.theme.color(role)
    edge = range(int(rect.left()) + 12, int(rect.right()) - 12)
    return any(close(QColor(image.pixel(x, y)), wanted) for x in edge for y in (int(rect.top()), int(rect.top()) + 1))


def close(one, other):
    return all(abs(a - b) < 40 for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))


def test_that_the_kill_button_of_a_card_kills_that_worker(stage):
    click(stage, "worker:worker-2/KILL")
    assert stage.lab.calls == [("signal_worker", "worker-2", "KILL")]


def test_that_term_stop_and_cont_are_sent_as_signals(live, stage):
    click(stage, "worker:worker-1/TERM")
    click(stage, "worker:worker-1/STOP")
    live.feed(e.WorkerStopped(t=NOW, source="lab", worker="worker-1"))
    click(stage, "worker:worker-1/CONT")
    assert [call[2] for call in stage.lab.calls] == ["TERM", "STOP", "CONT"]


def test_that_every_button_can_be_hit_without_aiming(stage):
    buttons = [spot for spot in stage.canvas.layout_now.spots if spot.is_button]
    assert len(buttons) >= 12
    assert min(min(spot.rect.width(), spot.rect.height()) for spot in buttons) >= 24


def test_that_a_killed_worker_looks_killed_and_offers_a_restart(live, stage):
    card = stage.canvas.spot("worker:worker-1").rect
    assert not has_color(stage, card, "bad")
    live.feed(killed(1))
    live.tick(41)
    assert worker(stage).says[0] == "killed 0:41 ago"
    assert has_color(stage, stage.canvas.spot("worker:worker-1").rect, "bad")
    click(stage, "worker:worker-1/RESTART")
    assert stage.lab.calls == [("restart_worker", "worker-1")]


def test_that_an_exit_tells_its_status(live, stage):
    live.feed(e.WorkerExited(t=NOW, source="lab", worker="worker-1", status=3))
    assert worker(stage).says[0] == "exited with 3 0:00 ago"


def test_that_a_running_worker_tells_its_consumer_and_for_how_long(live, stage):
    live.feed(
        e.ConsumerStarted(
            t=NOW, source="w", worker="worker-1", key=key(1), channel="websocket.receive", consumer="chat.ws_receive"
        )
    )
    live.tick(0.5)
    assert worker(stage).says[0] == "running ws_receive for 500 ms"


def test_that_each_waiting_message_is_a_token_with_its_seconds_left(live, stage):
    live.feed(sent(1, expiry=60), sent(2, expiry=15))
    live.tick(5)
    assert [(token.seconds, round(token.life, 2)) for token in lane(stage).tokens] == [(55, 0.92), (10, 0.67)]
    assert lane(stage).count == "2"


def test_that_ghosts_are_counted_apart_and_are_no_live_message(live, stage):
    live.feed(*(sent(number, t=NOW - 60 + number) for number in range(9)), expired(0), expired(1))
    assert lane(stage).count == "7 · 2 ghosts"
    assert [token.is_ghost for token in lane(stage).tokens] == [True, True] + [False] * 7


def test_that_a_taken_message_is_no_token_any_more(live, stage):
    live.feed(sent(1), sent(2), taken(1))
    assert [token.key for token in lane(stage).tokens] == [key(2)]


def test_that_above_twelve_the_first_twelve_are_shown_and_all_are_counted(live, stage):
    live.feed(*(sent(number, t=NOW - 30 + number) for number in range(20)))
    assert [token.key for token in lane(stage).tokens] == [key(number) for number in range(12)]
    assert lane(stage).count == "20"


def test_that_a_lane_warns_as_capacity_nears_and_says_when_it_is_full(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(capacity=10), *(sent(number) for number in range(7)))
    stage = live.show(StagePanel)
    assert lane(stage).level == ""
    live.feed(sent(8))
    assert (lane(stage).level, lane(stage).count) == ("near", "8")
    assert "8 in 10 places, nearly full. When it is full, the interface server closes the socket" in lane(stage).label
    live.feed(sent(9), sent(10))
    assert lane(stage).level == "full"


def test_that_a_click_on_a_token_selects_its_message(live, stage):
    live.feed(sent(1))
    click(stage, f"token:{key(1)}")
    selected = live.gestures()[-1]
    assert (selected.kind, selected.item) == ("message", key(1))
    assert f"token:{key(1)}" in stage.canvas.selected


def test_that_a_click_on_a_lane_selects_the_channel(live, stage):
    place = stage.canvas.spot("lane:websocket.receive").rect
    QTest.mouseClick(stage.canvas, Qt.LeftButton, Qt.NoModifier, QPoint(int(place.left()) + 6, int(place.center().y())))
    assert (live.gestures()[-1].kind, live.store.state.selected.item) == ("channel", "websocket.receive")


def test_that_the_three_lanes_and_the_reply_channel_are_there_before_any_traffic(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started())
    names = [lane.name for lane in live.show(StagePanel).canvas.view.lanes]
    assert names == ["websocket.connect", "websocket.receive", "http.request", "daphne.response.…!"]


def test_that_other_channels_appear_with_their_first_message(live, stage):
    live.feed(sent(1, channel="websocket.disconnect"), sent(2, channel="http.response?abc"), taken(2, by="server"))
    names = [lane.name for lane in stage.canvas.view.lanes]
    assert names == [
        "websocket.connect", "websocket.receive", "websocket.disconnect", "http.request", "daphne.response.kXaP!",
    ]  # fmt: skip


def test_that_a_group_is_shown_with_its_members(live, stage):
    for number in (1, 2):
        live.feed(e.GroupAdded(t=NOW, source="w", group="chat-lobby", channel=f"daphne.response.kXaP!{number}"))
    (group,) = stage.canvas.view.groups
    assert (group.name, group.count, [letter for letter, _ in group.members]) == ("chat-lobby", 2, ["A", "B"])


def test_that_closed_connections_and_plain_requests_have_no_card(live, stage):
    live.feed(
        e.ConnectionOpened(t=NOW, source="server", connection="c9", client="127.0.0.1:1", server="127.0.0.1:8000"),
        e.ConnectionClosed(t=NOW, source="server", connection="c1"),
    )
    assert [one.name for one in stage.canvas.view.clients] == ["bob"]


def test_that_many_clients_are_counted_not_drawn(live, stage):
    live.feed(*(event for number in range(3, 8) for event in client(number)))
    assert len(stage.canvas.view.clients) + stage.canvas.view.more_clients == 7
    assert stage.canvas.view.more_clients == 3


def test_that_rates_are_measured(live, stage):
    for number in range(8):
        frame = {"row": number, "opcode": 1, "fin": True, "length": 3}
        live.feed(e.FrameSeen(t=NOW - number / 8, source="server", connection="c1", direction="client", **frame))
    assert stage.canvas.view.clients[0].rate == "4 frames/s"
    assert stage.canvas.view.server.frames_in == 4
    live.tick(10)
    assert stage.canvas.view.clients[0].rate == "idle"


def test_that_dashed_cards_add_a_client_and_a_worker(stage):
    click(stage, "add_client")
    click(stage, "start_worker")
    assert stage.lab.calls == [("add_client", None), ("spawn_worker",)]


def test_that_bots_come_and_go_by_the_menu_beside_the_clients(live, stage):
    menu = stage.menu_of("bots")
    leave, _, *draw = menu.actions()
    assert not leave.isEnabled()
    assert [action.text() for action in draw][:3] == ["1 bot draws", "10 bots draw", "50 bots draw"]
    draw[2].menu().actions()[2].trigger()
    stage.menu_of("add_client").actions()[-1].trigger()
    assert stage.lab.calls == [
        ("start_bots", {"count": 50, "page": "draw", "pace": 30}),
        ("start_bots", {"count": 500, "page": "chat"}),
    ]
    figures = {"page": "draw", "room": "lobby", "pace": 30, "count": 50, "seconds": 1.0}
    live.feed(e.BotsCounted(t=NOW, source="bots", open=48, sent=1400, received=70000, closed=("2 × 1013",), **figures))
    label = stage.canvas.spot("bots").label
    assert label.startswith("48 of 50 bots draw: 1400 messages sent and 70000 received a second")
    assert label.endswith("lost: 2 × 1013")
    stage.menu_of("bots").actions()[0].trigger()
    assert stage.lab.calls[-1] == ("stop_bots",)
    live.feed(e.BotsCounted(t=NOW, source="bots", open=0, is_over=True, **figures))
    assert stage.canvas.spot("bots").label.startswith("Let bots")


def test_that_a_click_opens_the_menu_of_bots(stage, qtbot):
    click(stage, "bots")
    (menu,) = [menu for menu in stage.findChildren(QMenu) if menu.isVisible()]
    menu.close()


def test_that_a_built_in_client_can_say_something(live, stage, qtbot):
    click(stage, "client:c2/say")
    assert stage.say.isVisible()
    qtbot.keyClicks(stage.say, "hello")
    qtbot.keyClick(stage.say, Qt.Key_Return)
    assert stage.lab.calls == [("send_text", "bob", "hello")]
    qtbot.keyClick(stage.say, Qt.Key_Escape)
    assert not stage.say.isVisible()


def test_that_nobody_writes_for_a_client_that_is_gone(live, stage):
    click(stage, "client:c2/say")
    live.feed(e.ConnectionClosed(t=NOW, source="server", connection="c2"))
    assert not stage.say.isVisible()


def test_that_a_browser_cannot_be_made_to_speak(stage):
    assert stage.canvas.spot("client:c1/say") is None
    assert stage.menu_of("client:c1") is None


def test_that_the_menu_of_a_worker_offers_the_same_as_its_buttons(live, stage):
    menu = stage.menu_of("worker:worker-1")
    assert [action.text().split(" (")[0] for action in menu.actions()][:3] == ["Kill it", "End it", "Stop it"]
    menu.actions()[0].trigger()
    assert stage.lab.calls == [("signal_worker", "worker-1", "KILL")]


def test_that_the_menu_of_what_is_in_redis_shows_the_command(live, stage, qtbot):
    live.feed(sent(1), e.GroupAdded(t=NOW, source="w", group="chat-lobby", channel=f"{REPLY}1"))
    for spot, line in [
        ("lane:websocket.receive", "lrange asgi:websocket.receive 0 -1"),
        (f"token:{key(1)}", f"get asgi:{key(1)}"),
        ("group:chat-lobby", "zrange asgi::group:chat-lobby 0 -1 withscores"),
    ]:
        with qtbot.waitSignal(stage.command_wanted) as wanted:
            stage.menu_of(spot).actions()[0].trigger()
        assert wanted.args == [line]


def test_that_a_click_on_a_group_selects_it(live, stage):
    live.feed(e.GroupAdded(t=NOW, source="w", group="chat-lobby", channel=f"{REPLY}1"))
    click(stage, "group:chat-lobby")
    selected = live.gestures()[-1]
    assert (selected.kind, selected.item) == ("group", "chat-lobby")
    assert "group:chat-lobby" in stage.canvas.selected


def test_that_the_row_of_controls_calls_the_lab(stage, qtbot):
    for name in ("kill_all", "start_workers", "reset"):
        qtbot.mouseClick(stage.controls.buttons[name], Qt.LeftButton)
    qtbot.mouseClick(stage.controls.choices[15], Qt.LeftButton)
    assert stage.lab.calls == [("kill_all_workers",), ("start_workers",), ("reset",), ("set_expiry", 15)]


def test_that_an_expiry_that_has_no_button_is_named(live, stage):
    live.feed(e.ExpiryChanged(t=NOW, source="lab", expiry=180))
    assert not any(button.isChecked() for button in stage.controls.choices.values())
    assert stage.controls.expiry.text() == "Expiry 180 s "


def test_that_the_expiry_in_force_is_marked(live, stage):
    assert [n for n, button in stage.controls.choices.items() if button.isChecked()] == [60]
    live.feed(e.ExpiryChanged(t=NOW, source="lab", expiry=15))
    assert [n for n, button in stage.controls.choices.items() if button.isChecked()] == [15]


def test_that_lost_redis_is_said_until_it_is_back(live, stage):
    live.feed(e.RedisLost(t=NOW, source="redis", reason="connection refused"))
    assert stage.banner.isVisible()
    assert stage.banner.label.text() == "Redis does not answer: connection refused, retrying"
    live.feed(e.RedisBack(t=NOW, source="redis"))
    assert not stage.banner.isVisible()


def test_that_a_failed_verb_is_said_with_its_remedy_and_can_be_dismissed(live, stage, qtbot):
    live.feed(e.VerbFailed(t=NOW, source="lab", verb="send_text", reason="there is no bob", remedy="Add one."))
    assert stage.notice.isVisible()
    assert "there is no bob" in stage.notice.label.text()
    assert "Add one." in stage.notice.label.text()
    qtbot.mouseClick(stage.notice.cross, Qt.LeftButton)
    assert not stage.notice.isVisible()


def test_that_a_failed_server_is_shown_with_its_reason(live, stage):
    live.feed(e.SourceFailed(t=NOW, source="lab", name="server", reason="port taken", remedy="Take another."))
    server = stage.canvas.view.server
    assert (server.status, server.reason) == ("failed", "port taken")


def test_that_a_highlight_is_to_be_seen_around_what_a_lesson_points_at(live, stage):
    around = stage.canvas.spot("lane:websocket.receive").rect.adjusted(0, -2, 0, 0)
    assert not has_color(stage, around, "accent")
    stage.highlight(frozenset({"lane:websocket.receive", "kill_all"}))
    assert has_color(stage, around, "accent")
    assert stage.controls.buttons["kill_all"].property("pointed") == "true"
    stage.highlight(frozenset())
    assert not has_color(stage, around, "accent")


def test_that_a_client_can_be_pointed_at_by_its_name(live, stage):
    stage.highlight(frozenset({"bob"}))
    assert has_color(stage, stage.canvas.spot("client:c2").rect.adjusted(0, -2, 0, 0), "accent")


def test_that_the_arrows_walk_the_picture_and_enter_acts(stage, qtbot):
    stage.canvas.setFocus(Qt.TabFocusReason)
    qtbot.waitUntil(stage.canvas.hasFocus)
    seen = set()
    for way in (Qt.Key_Right,) * 12:
        qtbot.keyClick(stage.canvas, way)
        seen.add(stage.canvas.accessibleDescription())
    assert any("worker-" in text for text in seen)
    click(stage, "worker:worker-1")
    qtbot.keyClick(stage.canvas, Qt.Key_Down)
    qtbot.keyClick(stage.canvas, Qt.Key_Return)
    assert stage.lab.calls[-1][0] == "signal_worker"


def test_that_many_workers_fit_by_getting_flatter(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(workers=9))
    stage = live.show(StagePanel)
    heights = {round(rect.height()) for _, rect in stage.canvas.layout_now.workers}
    assert heights == {28}
    assert len(stage.canvas.view.workers) == 9


def test_that_earlier_dead_workers_give_way_to_the_living(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(workers=14), *(killed(number) for number in range(1, 11)))
    view = live.show(StagePanel).canvas.view
    assert sum(one.is_alive for one in view.workers) == 4
    assert view.more_workers == 2


@pytest.mark.parametrize("width", [600, 788, 1400, 2400])
def test_that_nothing_overlaps_at_any_width(qtbot, theme, width):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1), *built_in(2))
    layout = live.show(StagePanel, width=width).canvas.layout_now
    columns = [layout.clients[0][1], layout.server, layout.lanes[0][1], layout.workers[0][1]]
    assert columns[0].left() >= 0
    assert columns[-1].right() <= layout.width
    assert all(one.right() + 15 < other.left() for one, other in pairwise(columns))


def test_that_the_stage_is_right_after_a_reset(live, stage):
    live.feed(sent(1), killed(2))
    before = stage.canvas.view
    stage.reset()
    live.tick()
    assert stage.canvas.view.lanes == before.lanes
    assert stage.canvas.view.workers == before.workers


@pytest.mark.parametrize(
    ("fault", "call"),
    [
        ("drop", ("set_faults", {"drop": {"*": 0.2}, "seed": 1})),
        ("delay", ("set_faults", {"delay": {"*": 0.5}, "seed": 1})),
        ("none", ("set_faults",)),
        ("flushdb", ("run_command", "flushdb", {"confirmed": True})),
        ("restart", ("restart_redis",)),
    ],
)
def test_that_a_fault_of_the_menu_is_a_verb_of_the_lab(live, stage, fault, call):
    number = list(FAULTS).index(fault)
    action = stage.controls.fault_menu.actions()[number]
    assert bool(action.menu()) == (fault == "flushdb"), "what cannot be taken back is asked for twice"
    (action.menu().actions()[0] if action.menu() else action).trigger()
    assert call in live.lab.calls


def test_that_a_channel_can_be_filled_by_who_is_there(live, stage):
    name = next(iter(live.store.state.clients))
    stage.controls.fault_chosen.emit("fill")
    state = live.store.state  # each worker may take one line before it is dead
    count = state.settings.capacity + len(state.workers) + 1
    assert live.lab.calls == [
        ("kill_all_workers",),
        ("send_text", name, "Is there room for one more?", {"count": count}),
    ]
    live.store.state.clients.clear()
    stage.controls.fault_chosen.emit("fill")
    (failed,) = live.gestures()
    assert (failed.verb, failed.remedy) == ("fill", "Add a client first.")
    assert len(live.lab.calls) == 2


def test_that_faults_in_force_are_to_be_seen(live, stage):
    live.feed(e.FaultsSet(t=NOW, source="lab", drop={"*": 0.2}, delay={}, seed=1))
    assert stage.controls.faults.text() == "Faults on ▾"
    assert stage.controls.faults.shortcut().toString() == "Ctrl+Shift+F"
    live.feed(e.FaultsSet(t=NOW, source="lab", drop={}, delay={}, seed=0))
    assert stage.controls.faults.text() == "Faults ▾"


def test_that_rows_which_consumers_made_are_counted_but_not_the_sessions_of_sockets(live, stage):
    assert not stage.canvas.spot("database:rows")
    rows = [("sessions.session", "chn", True), ("demo.chatmessage", "7", True), ("demo.chatmessage", "7", False)]
    live.feed(*(e.RowSaved(t=NOW, source="worker-1", table=t, row=r, is_new=n, cause=key(1)) for t, r, n in rows))
    assert stage.canvas.view.rows == (("demo.chatmessage", 1),)
    assert stage.canvas.spot("database:rows").label.endswith("demo.chatmessage 1")
    click(stage, "database:rows")
    [told] = live.gestures()
    assert told.kind == "database"


def test_that_a_socket_of_somebody_elses_page_is_marked_and_the_check_in_force_is_said(live, stage):
    assert not stage.banner.isVisible()
    here = "http://127.0.0.1:44001"
    live.feed(
        e.OriginCheckSet(t=NOW, source="lab", check="none"),
        e.SourceReady(t=NOW, source="lab", name="attack page", detail=here),
        *client(3),
    )
    seen = {"connection": "c3", "target": "/chat/lobby/", "status": 101, "is_cross_origin": True}
    live.feed(e.HandshakeSeen(t=NOW, source="server", **seen))
    assert [one.rate for one in stage.canvas.view.clients if one.id == "c3"] == ["foreign"]
    assert "No Origin is checked" in stage.banner.label.text()
    assert f'href="{here}"' in stage.banner.label.text()
    assert 'href="http://attacker.localhost:44001"' in stage.banner.label.text()
    live.feed(e.OriginCheckSet(t=NOW, source="lab", check="origin"))
    assert "The whole Origin is checked" in stage.banner.label.text()
    live.feed(e.SourceFinished(t=NOW, source="lab", name="attack page"))
    assert not stage.banner.isVisible()
    live.feed(e.OriginCheckSet(t=NOW, source="lab", check="hosts"))
    assert stage.banner.label.text() == "Only the Origin's host is checked: other pages may open sockets here."


def test_that_a_visit_to_somebody_elses_page_is_told_with_the_reason_of_the_server(live, stage):
    tried = {"t": NOW, "source": "lab", "origin": "http://127.0.0.1:44001", "has_cookie": True}
    live.feed(e.AttackTried(status=403, outcome="Wrong Origin: this page is of …", **tried))
    assert stage.notice.isVisible()
    assert stage.notice.label.text() == "127.0.0.1:44001 · 403 · Wrong Origin: this page is of …"
