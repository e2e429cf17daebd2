# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog that asks where something is to be saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QWidget

from panels.theme import Theme

SIZE = (800, 480)  # pixels at scale 1: names, sizes and dates in full


def ask_where(
    parent: QWidget, theme: Theme, title: str, name: str, kinds: Mapping[str, str], take: Callable[[Path], object]
) -> QFileDialog:
    """Open it, with a name filled in; returns the dialog, and nothing waits for it.

    Args:
        parent: over which it lies.
        theme: how large it is.
        title: what it is called.
        name: without a suffix.
        kinds: what may be written, by the suffix; the first is offered.
        take: is given the path that was chosen.
    """
    suffix = next(iter(kinds))
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptSave)
    dialog.setLabelText(QFileDialog.LookIn, "Save in:")
    dialog.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))
    dialog.setNameFilters([f"{what} (*.{ending})" for ending, what in kinds.items()])
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(f"{name}.{suffix}")
    dialog.fileSelected.connect(lambda path: take(Path(path)))
    dialog.open()
    return dialog
