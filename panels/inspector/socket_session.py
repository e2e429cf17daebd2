# SPDX-License-Identifier: GPL-3.0-or-later
"""The session of a socket: how its key comes from the reply channel, and the row in the database that it is."""

from __future__ import annotations

import hashlib

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget

from app.entities import Connection
from app.layer.names import session_key
from app.state import State
from panels.inspector.header_label import broken_up
from panels.inspector.layer import link
from panels.inspector.parts import Facts, column
from panels.stage.views import SESSIONS
from panels.theme import Theme


class SocketSession(QWidget):
    """The steps from the reply channel to the key, and who has saved the row."""

    picked = pyqtSignal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setObjectName("session")
        self.facts = Facts()
        self.facts.picked.connect(self.picked)
        column(self).addWidget(self.facts)

    def show_connection(self, state: State, connection: Connection | None) -> bool:
        """Show the session of a connection; return whether it has one."""
        if connection is None or not connection.reply_channel:
            return False
        channel = connection.reply_channel
        saves = state.saves.get((SESSIONS, session_key(channel)))
        if saves is None:
            return False
        digest = hashlib.sha1(channel.encode()).hexdigest()
        first, rest = broken_up(digest[:29]), broken_up(digest[29:])
        facts = {
            "reply channel": self._mono(broken_up(channel)),
            "its SHA-1": self._mono(f"<b>{first}</b>{rest}"),
            "session key": self._mono(f"chn<b>{first}</b>"),
            "made by": _by(saves[0].source, saves[0].cause),
        }
        if saves[-1] is not saves[0]:
            facts["saved last by"] = _by(saves[-1].source, saves[-1].cause)
        self.facts.show_facts(facts.items())
        return True

    def _mono(self, text: str) -> str:
        return f"<span style=\"font-family:'{self.theme.mono().family()}'\">{text}</span>"


def _by(worker: str, cause: str) -> str:
    return f"{link('worker', worker)} for message {link('message', cause, cause[:8] + '…')}"
