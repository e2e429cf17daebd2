# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window remembers from one start to the next: its place and layout, files, lessons, console lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import QSettings

if TYPE_CHECKING:
    from panels.window import Window

LAYOUT_VERSION = 1


def recall(window: Window) -> None:
    """Put the window where it was, as it was."""
    settings = _settings()
    window.transport.recent.use(settings)
    window.lesson.remember(settings)
    window.redis.console.line.history.use(settings)
    if geometry := settings.value("geometry"):
        window.restoreGeometry(geometry)
    if state := settings.value("state"):
        window.restoreState(state, LAYOUT_VERSION)
        window.proportions.keep()


def remember(window: Window) -> None:
    """Keep where the window is and how it is laid out."""
    settings = _settings()
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("state", window.saveState(LAYOUT_VERSION))


def _settings() -> QSettings:
    return QSettings("channelscope", "channelscope")
