# SPDX-License-Identifier: GPL-3.0-or-later
"""What is selected anywhere lights up everywhere: every kind of thing that can be selected, in every panel."""

import time
from types import SimpleNamespace

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QLabel

from app import events as e
from app.frame_index import FrameIndex
from panels.theme import Theme
from panels.window import Window
from tests.panels.chat import Chat, frame
from tests.panels.live import FakeLab

RECEIVE, ROOM = "websocket.receive", "chat-lobby"


@pytest.fixture(scope="module")
def window(qapp):
    """One for all tests: they only select."""
    theme = Theme("dark")
    theme.apply(qapp)
    lab = FakeLab()
    lab.index = FrameIndex()
    window = Window(lab, theme, remembers=False)
    window.resize(1440, 900)
    window.show()
    QTest.qWaitForWindowExposed(window)
    window.live.stop()
    window._clock.stop()
    yield window
    window.close()
    window.deleteLater()


@pytest.fixture(scope="module")
def talk(window):
    """Bob said something, worker-1 sent it to both; ada's message is with worker-2, and cy's waits."""
    chat = Chat(window.live.store, t=time.time() - 10).begin(workers=2)
    for connection, name in (("c1", "bob"), ("c2", "ada"), ("c3", "cy")):
        chat.connect(connection, name)
    for connection in ("c1", "c2"):
        joined = {"t": chat.t, "source": "worker-1", "group": ROOM, "channel": chat.reply(connection)}
        chat.put(e.GroupAdded(**joined))
    said = chat.say("c1", "hello")
    asked = len(chat.store.index) - 1
    chat.t += 0.001
    chat.take(said)
    chat.t += 0.001
    chat.put(e.LogLine(t=chat.t, source="worker-1", text="working on it"))
    replies, rows = [], []
    for connection in ("c1", "c2"):
        content = {"cause": said, "source": "worker-1", "group": ROOM}
        replies.append(chat.message(chat.reply(connection), {"text": "hello"}, **content))
        chat.t += 0.0005
        n = chat.sent[connection, "server"] + 1
        received = {"source": "server", "channel": chat.reply(connection), "connection": connection, "n": n}
        chat.put(e.MessageReceived(t=chat.t, key=replies[-1], **received))
        rows.append(len(chat.store.index))
        chat.frames(connection, "server", frame(1, b"hello"))
    chat.finish(said)
    chat.t += 1
    held = chat.say("c2", "slow")
    chat.take(held, "worker-2")
    chat.t += 1
    waits = chat.say("c3", "anyone?")
    waiting = len(chat.store.index) - 1
    keys = [("asgi:" + RECEIVE, "queue", "list"), ("asgi:" + waits, "body", "string"), ("other", "other", "string")]
    seen = [e.KeySeen(name=name, kind=kind, type=type_, size=1, ttl=50.0) for name, kind, type_ in keys]
    members = tuple((chat.reply(one), chat.t - 9) for one in ("c1", "c2"))
    seen.append(e.KeySeen(name="asgi::group:" + ROOM, kind="group", type="zset", size=2, ttl=80.0, members=members))
    chat.put(e.KeysSeen(t=chat.t, source="redis", keys=tuple(seen), total=4))
    return SimpleNamespace(
        chat=chat, said=said, asked=asked, replies=replies, rows=rows, held=held, waits=waits, waiting=waiting
    )


def settle(window):
    """Let every panel show the state of now, also those behind others."""
    window.live.store.extend(window.lab.inbox.take())
    for panel in window.panels:
        if panel not in (window.lesson, window.transport, window.capture_head):
            panel.reset()
            panel.tick(time.time())


def lit_in(window) -> SimpleNamespace:
    """Say what is lit in each panel."""
    wire, ladder, journal, redis = window.wire, window.ladder, window.journal, window.redis
    selected = window.live.store.state.selected
    return SimpleNamespace(
        stage=window.stage.canvas.lit,
        wire={wire.rows.item(place) for place in range(len(wire.rows)) if wire.table.is_lit(place)},
        chosen=wire.rows.item(place) if (place := wire.table.currentIndex().row()) >= 0 else None,
        ladder=(ladder.rows.connection, set(ladder.view.lit)),
        redis={row.name for place, row in enumerate(redis.rows.rows) if redis.table.is_lit(place)},
        workers={name for name, row in window.workers.table.rows.items() if row.property("lit")},
        log=[line.text for line in window.workers.log.lines if window.workers.log._is_lit(line)],
        journal={type(event) for place, event in enumerate(journal.rows.shown) if journal.table.is_lit(place)},
        fates={name for name, button in window.metrics.ledger.buttons.items() if button.property("lit")},
        inspector=window.inspector.view.kind if window.inspector.view else None,
        item=selected.item if selected else "",
        timeline=window.timeline.lit_span,
    )


def choose(window, kind, item) -> SimpleNamespace:
    window.inspector.select(kind, str(item))
    settle(window)
    return lit_in(window)


ROUND = {e.MessageSent, e.MessageReceived, e.ConsumerStarted, e.ConsumerFinished}


def is_the_whole_round(lit, talk):
    """What is lit for anything on the way of what bob said."""
    clients = {"client:c1", "client:c2"}
    lanes = {f"lane:{RECEIVE}", "lane:daphne.response.kXaPqZ!"}
    assert clients | lanes | {"worker:worker-1", f"group:{ROOM}", "server"} <= lit.stage.spots
    assert "worker:worker-2" not in lit.stage.spots
    assert "client:c3" not in lit.stage.spots
    assert {"client:c1", "client:c2", f"in:{RECEIVE}", f"out:{RECEIVE}", "worker:worker-1"} <= lit.stage.pieces
    assert lit.stage.words["worker:worker-1"][0][0].startswith("ran ")
    assert lit.stage.words["client:c2"][0][0].startswith("got it after ")
    assert lit.wire == {talk.asked, *talk.rows}
    assert {f"asgi::group:{ROOM}", talk.chat.reply("c1"), talk.chat.reply("c2")} <= lit.redis
    assert "asgi:" + talk.waits not in lit.redis
    assert lit.workers == {"worker-1"}
    assert lit.log == ["working on it"]
    assert lit.journal >= ROUND
    assert e.KeysSeen not in lit.journal
    assert lit.fates == {"delivered"}
    assert lit.timeline[0] < lit.timeline[1]


@pytest.mark.parametrize("direction", ["came in", "went out"])
def test_that_a_frame_lights_up_its_way(window, talk, direction):
    row = talk.asked if direction == "came in" else talk.rows[1]
    lit = choose(window, "frame", row)
    is_the_whole_round(lit, talk)
    assert lit.chosen == row
    assert lit.ladder == ("c1" if direction == "came in" else "c2", {talk.asked, *talk.rows})
    assert lit.inspector == "frame"


def test_that_a_message_lights_up_its_way(window, talk):
    lit = choose(window, "message", talk.said)
    is_the_whole_round(lit, talk)
    assert lit.chosen == talk.asked
    assert lit.ladder[0] == "c1"
    lit = choose(window, "message", talk.replies[1])
    is_the_whole_round(lit, talk)
    assert lit.chosen == talk.rows[1]
    assert lit.ladder[0] == "c2"


def test_that_a_run_lights_up_its_way(window, talk):
    lit = choose(window, "run", talk.said)
    is_the_whole_round(lit, talk)
    assert lit.inspector == "run"
    assert lit.chosen == talk.asked


def test_that_a_message_that_waits_lights_up_where_it_waits(window, talk):
    lit = choose(window, "frame", talk.waiting)
    assert {f"token:{talk.waits}", "client:c3", f"lane:{RECEIVE}"} <= lit.stage.spots
    assert not {spot for spot in lit.stage.spots if spot.startswith("worker:")}
    assert lit.stage.words[f"lane:{RECEIVE}"] == (("waiting",), "flight")
    assert {"asgi:" + RECEIVE, "asgi:" + talk.waits} <= lit.redis
    assert window.redis.rows.rows[window.redis.table.currentIndex().row()].name == "asgi:" + talk.waits
    assert lit.workers == set()
    assert lit.fates == {"waiting"}


def test_that_a_worker_lights_up_what_it_has(window, talk):
    lit = choose(window, "worker", "worker-2")
    assert {"worker:worker-2", "client:c2", f"lane:{RECEIVE}"} <= lit.stage.spots
    assert lit.workers == {"worker-2"}
    assert len(lit.wire) == 1
    assert lit.journal >= {e.WorkerStarted, e.WorkerReady, e.ConsumerStarted}
    assert lit.fates == {"held by a worker"}
    assert "listens to websocket.receive" in " ".join(lit.log), "all lines of its own"
    assert lit.inspector == "worker"


def test_that_an_idle_worker_lights_up_alone(window, talk):
    lit = choose(window, "worker", "worker-1")
    assert lit.stage.spots == {"worker:worker-1"}
    assert not lit.stage.pieces
    assert lit.workers == {"worker-1"}
    assert "working on it" in lit.log
    assert not lit.wire


def test_that_a_connection_lights_up_its_frames(window, talk):
    lit = choose(window, "connection", "c2")
    assert lit.stage.spots == {"client:c2"}
    index = window.live.store.index
    assert {item for item in lit.wire if item >= 0} == {row for row in index.rows if index.row(row).connection == "c2"}
    assert any(item < 0 for item in lit.wire), "its handshake too"
    assert lit.ladder[0] == "c2"
    assert talk.chat.reply("c2") in lit.redis
    assert e.ConnectionOpened in lit.journal
    assert lit.timeline[0] == window.live.store.state.connections["c2"].opened


def test_that_a_channel_lights_up_its_lane_and_its_queue(window, talk):
    lit = choose(window, "channel", RECEIVE)
    assert lit.stage.spots == {f"lane:{RECEIVE}"}
    assert lit.redis == {"asgi:" + RECEIVE}
    assert lit.journal >= {e.MessageSent, e.MessageReceived, e.ConsumerStarted}
    assert lit.inspector == "channel"
    whole = choose(window, "channel", talk.chat.reply("c1"))
    assert "lane:daphne.response.kXaPqZ!" in whole.stage.spots


def test_that_a_group_lights_up_its_members(window, talk):
    lit = choose(window, "group", ROOM)
    assert lit.stage.spots == {f"group:{ROOM}", "client:c1", "client:c2"}
    assert lit.redis == {f"asgi::group:{ROOM}", talk.chat.reply("c1"), talk.chat.reply("c2")}
    assert lit.journal == {e.GroupAdded, e.MessageSent}
    assert lit.inspector == "group"


def test_that_a_key_of_somebody_else_lights_up_in_redis_alone(window, talk):
    lit = choose(window, "key", "other")
    assert lit.redis == {"other"}
    assert not lit.stage.spots
    assert not lit.wire
    assert lit.timeline == (0.0, 0.0)


def test_that_a_click_beside_everything_selects_nothing_any_more(window, talk):
    choose(window, "frame", talk.asked)
    QTest.mouseClick(window.stage.canvas, Qt.LeftButton, pos=window.stage.canvas.rect().bottomLeft())
    settle(window)
    lit = lit_in(window)
    assert not lit.stage.spots
    assert not lit.wire
    assert not lit.redis
    assert not lit.workers
    assert not lit.log
    assert not lit.journal
    assert not lit.fates
    assert lit.inspector is None
    assert lit.chosen is None


# --- following it by keys ---


def follow(window, *steps) -> list[tuple[str, str]]:
    seen = []
    for step in steps:
        getattr(window.follow, step)()
        settle(window)
        selected = window.live.store.state.selected
        seen.append((selected.kind, selected.item))
    return seen


def test_that_the_way_can_be_followed_forward_and_back(window, talk):
    choose(window, "frame", talk.asked)
    first, second = talk.replies
    forward = follow(window, "on", "on", "on", "on", "next", "on", "on")
    assert forward == [
        ("message", talk.said), ("run", talk.said), ("group", ROOM), ("message", first), ("message", second),
        ("frame", str(talk.rows[1])), ("frame", str(talk.rows[1])),
    ]  # fmt: skip
    back = follow(window, "previous", "back", "back", "back", "back", "back", "back", "back")
    assert back == [
        ("frame", str(talk.rows[0])), ("message", first), ("group", ROOM), ("run", talk.said),
        ("message", talk.said), ("frame", str(talk.asked)), ("connection", "c1"), ("connection", "c1"),
    ]  # fmt: skip


def test_that_a_group_that_the_way_leads_to_is_selected_everywhere_and_the_way_stays_lit(window, talk):
    choose(window, "run", talk.said)
    follow(window, "on")
    lit = lit_in(window)
    is_the_whole_round(lit, talk)
    assert lit.stage.here == f"group:{ROOM}"
    redis = window.redis
    assert redis.rows.rows[redis.table.currentIndex().row()].name == f"asgi::group:{ROOM}"
    assert lit.inspector == "group"
    assert lit.journal >= {e.MessageSent, e.ConsumerStarted}
    strip = window.inspector.view.journey
    assert [hop.name for hop in strip._hops][strip.marked] == "group"
    copies = window.inspector.view.copies.findChild(QLabel).text()
    assert all(key in copies for key in talk.replies)


def test_that_each_stop_of_the_way_is_marked_on_the_strip_and_on_the_stage(window, talk):
    choose(window, "frame", talk.asked)
    seen = []
    for step in ("", "on", "on", "on", "on", "on"):
        follow(window, *filter(None, [step]))
        strip = window.inspector.view.journey
        seen.append((strip._hops[strip.marked].name if strip.marked >= 0 else "", lit_in(window).stage.here))
    assert seen == [
        ("frame", "client:c1"), ("channel", f"lane:{RECEIVE}"), ("worker", "worker:worker-1"),
        ("group", f"group:{ROOM}"), ("reply", "lane:daphne.response.kXaPqZ!"), ("reply", "client:c1"),
    ]  # fmt: skip


def test_that_the_pill_of_a_group_keeps_the_way(window, talk):
    choose(window, "message", talk.replies[1])
    window.inspector.view.journey.picked.emit("group", ROOM)
    settle(window)
    assert lit_in(window).inspector == "group"
    assert follow(window, "back") == [("run", talk.said)]


def test_that_the_keys_do_it_and_are_told_in_the_overlay(window, talk):
    window.activateWindow()
    choose(window, "frame", talk.asked)
    window.wire.table.setFocus()
    QTest.keyClick(window.wire.table, Qt.Key_Right, Qt.ControlModifier)
    settle(window)
    assert window.live.store.state.selected.kind == "message"
    window.transport.shortcuts.toggle()
    overlay = window.transport.shortcuts
    told = {label.text() for label in overlay.findChildren(QLabel, "keys")}
    assert {"Ctrl+Right", "Ctrl+Left", "Ctrl+Up", "Ctrl+Down"} <= told
    for size in ((1440, 900), (1280, 720)):
        window.resize(*size)
        QApplication.processEvents()
        assert window.rect().contains(overlay.geometry()), size
    overlay.hide()
