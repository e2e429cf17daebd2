# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on purpose: ordered from server and workers, and told once every one of them has heard of it."""

from __future__ import annotations

from app import orders
from app.events import FaultsSet
from app.live.hearing import Hearing
from app.settings import Faults, Settings
from app.sources.crew import Crew
from app.sources.processes import ChildProcess


class Failing(Hearing):
    """The order to fail, and who has heard of it."""

    def __init__(self, server: ChildProcess, crew: Crew) -> None:
        super().__init__(server, crew, FaultsSet)

    @staticmethod
    def order_of(faults: Faults) -> orders.SetFaults:
        """Return the order that lets so much go wrong from now on."""
        return orders.SetFaults(dict(faults.drop), dict(faults.delay), faults.seed)

    def adopt(self, before: Settings, settings: Settings) -> None:
        """Tell everybody, where something else is to go wrong than before."""
        if settings.faults != before.faults:
            self.order(self.order_of(settings.faults))
