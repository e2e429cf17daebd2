# SPDX-License-Identifier: GPL-3.0-or-later
"""A lesson points at items of panels: parts, columns, rows, keys, the panel itself, and tabs behind another."""

import pytest
from PyQt5.QtCore import QPoint, QRect

from app import events as e
from panels.redis_keys import RedisPanel
from panels.transport import TransportBar
from panels.wire import WirePanel
from tests.panels.live import NOW, LiveStand, client, started


@pytest.fixture
def live(qtbot, theme):
    return LiveStand(qtbot, theme)


def places(panel, *items):
    panel.highlight(frozenset(items))
    return panel._halo.places


def at(panel, part):
    return QRect(part.mapTo(panel, QPoint(0, 0)), part.size())


def test_that_a_panel_itself_is_pointed_at(live):
    panel = live.show(WirePanel)
    assert places(panel, "") == [panel.rect()]


def test_that_a_part_is_pointed_at_by_its_name_and_followed(live):
    bar = live.show(TransportBar, 1280, 48)
    assert places(bar, "chat") == [at(bar, bar.chat)]
    bar.resize(900, 48)
    bar.chat.move(300, 10)
    bar._halo.look()
    assert bar._halo.places == [at(bar, bar.chat)]
    assert places(bar, "Shortcuts") == [at(bar, bar.help)]


def test_that_a_column_is_pointed_at_by_its_title(live):
    panel = live.show(WirePanel)
    (place,) = places(panel, "opcode")
    assert place.height() == panel.table.horizontalHeader().height()
    assert place.left() > panel.table.columnViewportPosition(1)


def test_that_a_key_in_redis_is_pointed_at_with_or_without_its_prefix(live):
    panel = live.show(RedisPanel)
    queue = e.KeySeen(name="asgi:websocket.receive", kind="queue", type="list", size=1, ttl=9.0)
    live.feed(*started(), *client(1), e.KeysSeen(t=NOW, source="redis", keys=(queue,), total=1))
    assert places(panel, "websocket.receive") == places(panel, "asgi:websocket.receive") != []
    assert places(panel, "websocket.connect") == []
    assert places(panel, "console") == ([at(panel, panel.console)] if panel.console.isVisible() else [])


def test_that_the_halo_goes_and_takes_no_clicks(live, qtbot):
    bar = live.show(TransportBar, 1280, 48)
    places(bar, "chat")
    assert bar.childAt(bar.chat.geometry().center()) is not bar._halo
    assert bar._halo.isVisible()
    bar.highlight(frozenset())
    assert not bar._halo.isVisible()
    assert not bar._halo._clock.isActive()
