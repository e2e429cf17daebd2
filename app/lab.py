# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns everything live on one asyncio thread; the verbs a user has."""

from __future__ import annotations

from app.inbox import Inbox
from app.settings import Settings


class Lab:
    """Placeholder of this hour: the verbs are being built."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.inbox = Inbox()
        self.address = ""
