# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of `make shot` that show what was kept: sessions, the past, captures, and what no longer is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PyQt5.QtCore import QSettings

from tests.shot_runner import FOLDER, Conditions, Story, moment

CAPTURE = Path(__file__).parent.parent / "captures" / "chat.pcap"
BROKEN = CAPTURE.with_name("broken-rules.pcap")


def export_dialog(export):
    """Ask for the first kind of export there is; returns the dialog."""
    export.choices.actions()[0].trigger()
    return export.dialog


class Files(Story):
    """Files opened in the place of the live system, and a past that falls off."""

    popups = {
        "recent": lambda window: (window.transport.recent.click(), window.transport.recent.choices)[1],
        "export": lambda window: (window.wire.export.click(), window.wire.export.choices)[1],
        "export_dialog": lambda window: export_dialog(window.wire.export),
    }

    def session(self) -> Conditions:
        path = FOLDER / "talk.cscope"
        self.window.session.save(path)
        self.window.open_capture(path)
        yield lambda: not self.window.session._shown[0].is_reading
        yield from moment(1)
        self.window.transport.play.click()
        yield from moment(2)
        self.window.travel.pause()

    def past(self) -> Conditions:
        self.window.back_to_live()
        self.window.transport.notice.hide()
        self.window.bench.bring_up(self.window.redis)
        killed = next(m.t for m in self.window.timeline.markers if m.sort == "kill")
        self.window.travel.go_to_time(killed + 2)
        yield lambda: self.window.travel.is_past
        self.window.redis.foot.compare.setChecked(True)
        self.window.travel.go_to_time(killed + 17)
        yield from moment(0.5)

    def capture(self) -> Conditions:
        self.window.open_capture(CAPTURE)
        yield lambda: len(self.window.wire.store.index) > 5
        yield lambda: self.window.wire.store.state.capture and self.window.wire.store.state.capture.finished
        self.window.wire.select("frame", self.frame())

    def ladder(self) -> Conditions:
        self.window.bench.bring_up(self.window.ladder)
        self.window.wire.select("frame", self.frame(opcode=9))
        yield from moment(0.5)

    def violations(self) -> Conditions:
        self.window.open_capture(BROKEN)
        yield lambda: self.window.wire.store.state.capture and self.window.wire.store.state.capture.finished
        index = self.window.wire.store.index
        self.window.wire.select("frame", str(next(r for r in index.rows if index.row(r).violations)))
        yield from moment(0.5)

    def recent(self) -> Conditions:
        folder = tempfile.TemporaryDirectory()
        settings = QSettings(f"{folder.name}/settings.ini", QSettings.IniFormat)
        settings.folder = folder
        recent = self.window.transport.recent
        recent.use(settings)
        for path in (BROKEN, CAPTURE.with_name("compressed.pcap"), CAPTURE):
            recent.remember(path)
        yield lambda: recent.isVisible()

    def export(self) -> Conditions:
        self.window.bench.bring_up(self.window.wire)
        yield from moment(0.5)

    def export_dialog(self) -> Conditions:
        yield lambda: True

    def fallen(self) -> Conditions:
        """The index is full: the oldest frames fall off, also one that somebody looks at."""
        self.window.close_capture()
        yield self.lab.set_up(workers=3, expiry=60, clients=["ada", "bob", "cy"]).done
        yield lambda: set(self.state.clients) == {"ada", "bob", "cy"}
        index = self.lab.index
        index._limit, index._rows = 64, 4
        self.window.bench.bring_up(self.window.wire)
        for number in range(40):
            self.lab.send_text(("ada", "bob", "cy")[number % 3], f"line {number}")
            yield from moment(0.05)
            if number == 8:
                self.window.wire.select("frame", self.frame())
        yield lambda: self.window.wire.store.index.dropped > 60

    def pushed(self) -> Conditions:
        """Events came for so long that the moment of the past that is looked at is no longer kept."""
        store = self.window.live.store
        self.window.travel.go_to_time(store.since(0)[len(store.since(0)) // 2].t)
        yield lambda: self.window.travel.is_past
        store._limit, store._apart = 200, 20
        for number in range(40):
            self.lab.send_text(("ada", "bob", "cy")[number % 3], f"more {number}")
            yield from moment(0.05)
        yield lambda: store.pushed
        yield from moment(0.5)
