# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics: the lines of the plots, the marks, and the ledger that adds up."""

import pytest
from PyQt5.QtCore import Qt

from app import events as e
from app.entities import Fate
from app.ledger import ledger
from panels.fates import filter_of
from panels.journal_rows import JournalRows
from panels.metrics import MetricsPanel
from tests.panels.live import NOW, LiveStand, key, killed, started

CHANNEL = "websocket.receive"


def sent(number, t=NOW):
    return e.MessageSent(t=t, source="server", key=key(number), channel=CHANNEL, body=b"\x80", expiry=15.0)


def taken(number, t=NOW):
    return e.MessageReceived(t=t, source="worker-1", key=key(number), channel=CHANNEL)


@pytest.fixture
def live(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.feed(*started(workers=2))
    return stand


@pytest.fixture
def panel(live):
    return live.show(MetricsPanel, 788, 440)


def shown(panel):
    return [name for name, button in panel.ledger.buttons.items() if not button.isHidden()]


def test_that_the_plots_show_what_passes_and_what_waits(live, panel):
    live.feed(*(sent(number, NOW - 5) for number in range(4)), taken(0, NOW - 3), taken(1, NOW - 3))
    live.tick(1)
    rate, depth, hops = (plot.accessibleDescription() for plot in panel.plots)
    assert rate == "websocket.receive 0/s"
    assert depth == "websocket.receive 2"
    assert hops.startswith("queue 2.0 s, p99 2.0 s")
    assert max(panel.plots[0]._lines[0].series.values) == 2.0


def test_that_a_kill_is_marked_where_it_was(live, panel):
    live.feed(sent(1, NOW - 9), killed(1, NOW - 5))
    live.tick(1)
    marks = [mark.value() for mark in panel.plots[0]._marks if mark.isVisible()]
    assert marks == pytest.approx([-6.0])


def test_that_the_ledger_adds_up_and_hides_what_there_is_none_of(live, panel):
    full = e.MessageRefused(t=NOW, source="server", channel=CHANNEL, reason="full")
    live.feed(*(sent(number) for number in range(3)), e.MessageExpired(t=NOW, source="redis", key=key(0)), full)
    assert shown(panel) == ["waiting", "delivered", "expired", "refused"]
    assert [panel.ledger.buttons[name].text() for name in shown(panel)] == [
        "2 waiting",
        "0 delivered",
        "1 expired",
        "1 refused",
    ]
    assert panel.ledger.total.text() == "= 4 attempts"


def test_that_a_number_asks_the_journal_for_its_messages(live, panel, qtbot):
    live.feed(sent(1), e.MessageExpired(t=NOW, source="redis", key=key(1)))
    with qtbot.waitSignal(panel.journal_requested) as asked:
        qtbot.mouseClick(panel.ledger.buttons["expired"], Qt.LeftButton)
    assert asked.args == ["fate:expired"]


def test_that_the_journal_understands_every_fate_of_the_ledger(live):
    for fate in ledger(live.store.state):
        JournalRows(live.store).use(filter_of(fate))
    assert {fate.value for fate in Fate} < set(ledger(live.store.state))


def test_that_the_whole_session_can_be_seen(live, panel, qtbot):
    live.feed(sent(1, NOW - 1000), taken(1, NOW - 999), sent(2, NOW - 1))
    live.tick(1)
    assert "queue –" in panel.plots[2].accessibleDescription()
    qtbot.mouseClick(panel.spans.buttons()[2], Qt.LeftButton)
    live.tick(1)
    assert "queue 1.0 s" in panel.plots[2].accessibleDescription()


def test_that_another_theme_repaints_the_plots(live, panel, theme):
    live.feed(sent(1), taken(1))
    theme.use("light")
    panel.restyle()
    assert panel.plots[0].canvas.backgroundBrush().color().name() == "#ffffff"


def drawn(t, pace, is_over=False, **figures):
    return e.BotsCounted(t=t, source="bots", page="draw", room="lobby", pace=pace, count=3, open=3, is_over=is_over,
                         **figures)  # fmt: skip


def test_that_bots_are_plotted_while_they_run_and_their_last_runs_stand_side_by_side(live, panel, qtbot):
    live.feed(
        drawn(NOW - 9, 0, seconds=1, sent=360, received=1080, operations=9000, delay_p50=0.004, bytes_sent=36_000)
    )
    live.feed(drawn(NOW - 8, 0, True, seconds=2, sent=720, received=2160, operations=18_000, closed=("3 × 1013",)))
    assert panel.runs.isHidden()
    qtbot.mouseClick(panel.bots, Qt.LeftButton)
    live.tick(1)
    assert panel.plots[0].title.text() == "Bots: messages a second"
    assert panel.plots[0].accessibleDescription() == "sent 360/s, received 1080/s, commands of Redis 9000/s"
    assert panel.plots[1].accessibleDescription().startswith("up 36 kB/s")
    assert panel.plots[2].accessibleDescription().startswith("half below 4 ms")
    live.feed(drawn(NOW - 1, 30, True, seconds=2, sent=180, received=540, operations=5000))
    rows = panel.runs.text().split("<tr>")[2:]
    assert ["every move" in row for row in rows] == [True, False]
    assert "3 × 1013" in rows[0]
    assert ">90<" in rows[1]
    live.feed(e.LabStarted(t=NOW, source="lab", expiry=60, capacity=100, prefix="asgi:", workers=1))
    assert len(panel.runs.text().split("<tr>")[2:]) == 2, "a reset keeps what can be compared"
    qtbot.mouseClick(panel.bots, Qt.LeftButton)
    assert panel.plots[0].title.text() == "Messages a second"
