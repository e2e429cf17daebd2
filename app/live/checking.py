# SPDX-License-Identifier: GPL-3.0-or-later
"""How the Origin of a socket is checked: ordered from server and workers, and told once every one has heard of it."""

from __future__ import annotations

from app import orders
from app.events import OriginCheckSet
from app.live.hearing import Hearing
from app.settings import Settings
from app.sources.crew import Crew
from app.sources.processes import ChildProcess


class Checking(Hearing):
    """The order to check, and who has heard of it."""

    def __init__(self, server: ChildProcess, crew: Crew) -> None:
        super().__init__(server, crew, OriginCheckSet)

    def adopt(self, before: Settings, settings: Settings) -> None:
        """Tell everybody, where it is another check than before."""
        if settings.origin_check != before.origin_check:
            self.order(orders.SetOriginCheck(settings.origin_check))
