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
    assert depth == "websocket.receive 2, max 4"
    assert hops.startswith("queue 2.0 s, p99 2.0 s")
    assert max(panel.plots[0]._lines[0].series.values) == 2.0


def curves(plot):
    """What is drawn: the width of the pen, the heights, and whether single points are dots."""
    drawn = [(curve.opts["pen"].width(), curve.getData(), curve.opts["symbol"]) for curve in plot._curves]
    return [(width, [round(y, 3) for y in data[1]], symbol) for width, data, symbol in drawn if data[1] is not None]


def test_that_p50_and_p99_are_both_drawn_and_what_stands_alone_is_a_dot(live, panel):
    for number, took in enumerate((0.01, 0.01, 0.01, 0.1)):
        live.feed(sent(number, NOW - 5), taken(number, NOW - 5 + took))
    live.tick(1)
    assert curves(panel.plots[2]) == [(2, [-2.0], "o"), (1, [-1.0], "o")], "10 ms and 0.1 s, a decade apart"
    live.feed(sent(8, NOW - 4), taken(8, NOW - 4 + 0.001), sent(9, NOW - 3), taken(9, NOW - 3 + 0.001))
    live.tick(1)
    assert curves(panel.plots[2])[0] == (2, [-2.0, -3.0, -3.0], None)
    ticks = panel.plots[2].canvas.getAxis("left")._tickLevels
    assert [name for _, name in ticks[0]] == ["1 ms", "10 ms", "0.1 s"]


def test_that_the_plot_of_what_waits_shows_where_most_waits_in_colours_that_stay(live, panel):
    def also(number, channel, t=NOW - 5):
        return e.MessageSent(t=t, source="server", key=key(number), channel=channel, body=b"\x80", expiry=15.0)

    for number in range(20):
        live.feed(sent(number, NOW - 5), taken(number, NOW - 5))
    live.feed(also(100, "http.request"), *(also(number, "thumbnails") for number in range(101, 106)))
    live.tick(1)
    rate, depth, _ = panel.plots
    assert rate.accessibleDescription().startswith("websocket.receive")
    assert depth.accessibleDescription() == "thumbnails 5, max 5, http.request 1, max 1, websocket.receive 0, max 1"
    looks = {line.name: line.look for line in (*rate._lines, *depth._lines)}
    assert len(set(looks.values())) == 3
    live.feed(*(also(number, "http.request", NOW) for number in range(110, 130)))
    live.tick(1)
    assert depth.accessibleDescription().startswith("http.request 21")
    assert {line.name: line.look for line in depth._lines} == looks


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


def test_that_while_much_goes_on_each_tick_draws_one_plot_and_the_ledger(live, panel):
    live.tick(1)
    before, since = [plot.accessibleDescription() for plot in panel.plots], live.store.end
    live.store.extend(event for number in range(60) for event in (sent(number, NOW), taken(number, NOW + 0.5)))
    panel.advance(since)
    assert panel.ledger.total.text() == "= 0 attempts"
    for drawn in range(1, 4):
        live.tick(0.6 if drawn == 1 else 0.1)
        assert panel.ledger.total.text() == "= 60 attempts"
        said = [plot.accessibleDescription() for plot in panel.plots]
        assert [now == then for now, then in zip(said, before, strict=True)] == [n >= drawn for n in range(3)]
