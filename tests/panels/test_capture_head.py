# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands over the frames of a capture."""

import pytest
from PyQt5.QtCore import Qt

from app import events as e
from panels.capture_head import CaptureHead
from tests.panels.live import NOW, LiveStand


def progress(**fields):
    given = {"packets": 1_000_216, "frames": 465_456, "connections": 1, "done": 63, "total": 100, "seconds": 2.0}
    return e.CaptureProgress(t=NOW, source="capture", path="/somewhere/meetup.pcapng", **(given | fields))


@pytest.fixture
def live(qtbot, theme):
    return LiveStand(qtbot, theme)


@pytest.fixture
def head(live):
    return live.show(CaptureHead, 788, 120)


def test_that_a_capture_is_told_by_name_and_numbers(live, head):
    live.feed(progress())
    assert (
        head.counts.text().replace(" ", " ")
        == "<b>meetup.pcapng</b> · 1 000 216 packets · 465 456 frames · 1 connection"
    )


def test_that_loading_shows_how_far_and_how_fast_and_can_be_cancelled(live, head, qtbot):
    live.feed(progress())
    assert head.bar.value() == 630
    assert head.state_line.text().replace(" ", " ") == "loading 63 % · 500 108 packets/s · no violations"
    with qtbot.waitSignal(head.cancelled):
        qtbot.mouseClick(head.cancel, Qt.LeftButton)


def test_that_a_finished_capture_has_no_bar_and_nothing_to_cancel(live, head, qtbot):
    live.feed(progress(finished=True))
    assert not head.bar.isVisible()
    assert not head.cancel.isVisible()
    with qtbot.waitSignal(head.closed):
        qtbot.mouseClick(head.close_button, Qt.LeftButton)


def test_that_violations_are_counted_as_they_are_found(live, head):
    live.feed(
        e.FrameSeen(
            t=NOW, source="capture", connection="c1", direction="client", row=0, opcode=1, fin=True, length=1,
            violations=("WS-02",),
        ),
        progress(),
    )  # fmt: skip
    assert "1 violation" in head.state_line.text()


def test_that_notes_are_shown_and_the_rest_counted(live, head):
    live.feed(progress(notes=tuple(f"gap {number}" for number in range(5))))
    assert head.notes.text().splitlines() == ["⚠ gap 0", "⚠ gap 1", "⚠ gap 2", "+ 2 more"]


def test_that_a_failure_to_read_on_is_said(live, head):
    live.feed(e.SourceFailed(t=NOW, source="capture", name="capture", reason="cut off", remedy="Record it again."))
    assert "cut off" in head.notice.label.text()
    assert head.notice.isVisible()
