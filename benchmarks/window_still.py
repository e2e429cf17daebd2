# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of benchmarks/window_load.py without a running system: a long table scrolled, a long session travelled."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt5.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView

from app import events as e
from app.lab import Lab
from app.settings import Settings
from app.sources.decode import WireDecoder
from panels.theme import Theme
from panels.window import Window
from tests.panels.chat import Chat, frame

ROWS, PORTION, STEPS, STEP = 1_000_000, 5_000, 150, 23  # frames, frames of a byte run, steps of a round, pixels
EVENTS, SEEKS, ROUNDS = 50_000, 24, 3
TABS = ("wire", "ladder", "redis", "workers", "metrics", "journal")


@contextmanager
def opened() -> Iterator[tuple[Window, QApplication]]:
    """Show a window that nothing happens in."""
    app = QApplication(["benchmark"])
    theme = Theme("dark")
    theme.apply(app)
    window = Window(Lab(Settings(port=0)), theme, remembers=False)
    window.show()
    app.processEvents()
    yield window, app
    window.close()


class Constant(QAbstractTableModel):
    """A model that has nothing to think about."""

    texts = ("12:04:31.207", "▲", "ada", "TEXT", "1", "37", "●", '{"type": "chat", "data": "hi all"}')

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def rowCount(self, parent=None) -> int:
        """Return how many rows it pretends to have."""
        return self._rows

    def columnCount(self, parent=None) -> int:
        """Return as many columns as the Wire table has."""
        return len(self.texts)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole):
        """Return the same text in every row."""
        return self.texts[index.column()] if role == Qt.DisplayRole else None


def bare_table(like: QTableView, rows: int) -> QTableView:
    """Return a plain table of the size, row height and columns of another."""
    table = QTableView()
    table.setModel(Constant(rows))
    table.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
    table.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
    table.verticalHeader().setDefaultSectionSize(like.verticalHeader().defaultSectionSize())
    table.verticalHeader().hide()
    table.horizontalHeader().setStretchLastSection(True)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    for column in range(len(Constant.texts) - 1):
        table.setColumnWidth(column, like.columnWidth(column))
    table.resize(like.size())
    table.show()
    return table


def steps_a_second(table: QTableView, app: QApplication) -> float:
    """Scroll down from a place of its own, step by step with a repaint each."""
    bar = table.verticalScrollBar()
    start = random.randrange(max(bar.maximum() - STEPS * STEP, 1))
    bar.setValue(start)
    table.viewport().repaint()
    app.processEvents()
    began = time.perf_counter()
    for step in range(1, STEPS + 1):
        bar.setValue(start + step * STEP)
        table.viewport().repaint()
    return STEPS / (time.perf_counter() - began)


def fill(store, rows: int) -> None:
    """Put so many frames into a store's index, real bytes through the real decoder, each told."""
    decoder, offset = WireDecoder(store.index), 0
    lines = [frame(1, f'{{"type": "chat", "data": "line {n}"}}'.encode(), masked=n % 2 == 0) for n in range(PORTION)]
    data = b"".join(lines)
    store.extend([e.ConnectionOpened(t=1.0, source="server", connection="c1", client="127.0.0.1:5000", server="x:1")])
    for part in range(rows // PORTION):
        run = e.BytesSeen(
            t=1_700_000_000.0 + part, source="server", connection="c1", direction="client", offset=offset,
            length=len(data), data=data,
        )  # fmt: skip
        store.extend(decoder.feed(run))
        offset += len(data)


def scroll(window, app: QApplication, pairs: int) -> float:
    """Return steps a second of the Wire table over a million rows ÷ those of a bare table, as a median of pairs."""
    window.live.stop()
    store, since = window.live.store, window.live.store.end
    fill(store, ROWS)
    window.bench.bring_up(window.wire)
    window.wire.reset()
    app.processEvents()
    table = window.wire.table
    bare = bare_table(table, ROWS)
    app.processEvents()
    rows = window.wire.model.rowCount()
    ratios, mine, theirs = [], [], []
    for pair in range(pairs):
        both = {}
        for one in (table, bare) if pair % 2 else (bare, table):
            both[one] = steps_a_second(one, app)
        mine.append(both[table])
        theirs.append(both[bare])
        ratios.append(both[table] / both[bare])
    print(f"{rows:,} rows in the Wire table, {store.end - since:,} events")
    print(f"  Wire {statistics.median(mine):7.0f} steps/s ({min(mine):.0f} to {max(mine):.0f})")
    print(f"  bare {statistics.median(theirs):7.0f} steps/s ({min(theirs):.0f} to {max(theirs):.0f})")
    bare.close()
    return statistics.median(ratios)


def talk(store, events: int) -> None:
    """Let three clients chat for so many events; now and then a message expires, a worker is killed."""
    chat = Chat(store, t=time.time() - 3600)
    chat.begin(workers=3)
    names = ("ada", "bob", "cy")
    for n, name in enumerate(names, 1):
        chat.connect(f"c{n}", name)
    number = 0
    while store.end < events:
        number += 1
        own = number % 3 + 1
        chat.chat(f"c{own}", f"line {number}", *(f"c{n}" for n in (1, 2, 3) if n != own))
        chat.t += 0.5
        if number % 100 == 0:
            key = chat.say(f"c{own}", "nobody reads this")
            chat.put(e.MessageExpired(t=chat.t + 60, source="redis", key=key))
            chat.put(e.WorkerExited(t=chat.t, source="lab", worker="worker-3", signal="KILL"))
            chat.put(e.WorkerStarted(t=chat.t + 1, source="lab", worker="worker-3", pid=number))
            chat.put(e.LogLine(t=chat.t + 1, source="worker-3", text="printed by a consumer"))


def seek(window, app: QApplication) -> float:
    """Return the longest time in seconds from a seek until the window is painted, whichever tab is in front."""
    window.live.stop()
    window._clock.stop()
    store = window.live.store
    talk(store, EVENTS)
    window._advance(0)
    print(f"{store.end - store.start:,} events kept; ms from a seek until the window is painted:")
    worst = 0.0
    for name in TABS:
        window.bench.bring_up(getattr(window, name))
        settle(window, app)
        places = [random.randrange(store.start, store.end) for _ in range(SEEKS)]
        alone, whole = [], []
        for place in places:
            window.travel.step(-1)
            began = time.perf_counter()
            store.seek(place)
            alone.append(time.perf_counter() - began)
            began = time.perf_counter()
            window.travel._seek(place)
            window.repaint()
            whole.append(time.perf_counter() - began + alone[-1])
            settle(window, app)
        worst = max(worst, *whole)
        print(
            f"  {name:8} store {1e3 * statistics.median(alone):5.1f} (most {1e3 * max(alone):5.1f}), "
            f"window {1e3 * statistics.median(whole):5.1f} (most {1e3 * max(whole):5.1f})"
        )
    return worst


def settle(window, app: QApplication) -> None:
    """Let everything that is still to be done happen."""
    window._tick()
    for _ in range(5):
        app.processEvents()
