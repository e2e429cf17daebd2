# SPDX-License-Identifier: GPL-3.0-or-later
"""What is selected in one place is selected everywhere."""

from panels.lit import frame_of, lit
from panels.stage import StagePanel
from panels.wire import WirePanel


def last_row(chat):
    return len(chat.store.index) - 1


def test_that_nothing_is_lit_while_nothing_is_selected(stand, chat):
    assert lit(stand.store.state) == frozenset()


def test_that_a_frame_lights_up_its_socket_its_message_and_the_worker_that_has_it(stand, chat):
    key = chat.say("c1", "hello")
    stand.select("frame", last_row(chat))
    frame = ("frame", str(last_row(chat)))
    assert lit(stand.store.state) == {frame, ("connection", "c1"), ("message", key), ("channel", "websocket.receive")}
    chat.take(key)
    assert ("worker", "worker-1") in lit(stand.store.state)


def test_that_a_worker_lights_up_what_it_has(stand, chat):
    key = chat.say("c1", "hello")
    chat.take(key)
    stand.select("worker", "worker-1")
    frame = ("frame", str(last_row(chat)))
    assert {("worker", "worker-1"), ("message", key), ("run", key), ("connection", "c1"), frame} <= lit(
        stand.store.state
    )


def test_that_a_message_leads_to_the_frame_it_came_in(stand, chat):
    key = chat.say("c1", "hello")
    assert frame_of(stand.store.state, ("message", key)) == last_row(chat)
    assert frame_of(stand.store.state, ("message", "unknown")) == -1


def test_that_a_frame_selected_is_marked_on_the_stage_and_a_message_selected_in_the_wire(stand, chat):
    stand.lab.address = ""
    stand.lab.settings = None
    stage, wire = stand.show(StagePanel, 788, 330), stand.show(WirePanel, 788, 330)
    key = chat.say("c1", "hello")
    stand.select("frame", last_row(chat))
    assert {f"token:{key}", "client:c1"} <= stage.canvas.selected
    stand.select("connection", "c2")
    stand.select("message", key)
    assert wire.table.currentIndex().data() == wire.model.index(wire.rows.place_of(last_row(chat)), 0).data()
