# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that let other machines in: phones as clients, laptops as workers."""

from __future__ import annotations

from concurrent.futures import Future

from app.lab.core import Core
from app.live import SetUpError


class RoomVerbs(Core):
    """Open and close."""

    def share(self, is_open: bool = True, address: str = "") -> Future[None]:
        """Let phones reach the pages at an address of this machine, or no longer; SourceReady says where: "room"."""

        async def work() -> None:
            sharing = self._live.sharing
            if reason := sharing.open(address) if is_open else sharing.close():
                raise SetUpError(reason)

        return self._do("share", work)

    def invite(self, is_open: bool = True, address: str = "") -> Future[None]:
        """Invite workers of other machines, or no longer; SourceReady says what is typed there: "invitation"."""

        async def work() -> None:
            await (self._live.invite(address) if is_open else self._live.inviting.close())

        return self._do("invite", work)
