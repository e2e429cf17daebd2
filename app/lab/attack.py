# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for cross-site WebSocket hijacking: a page of somebody else's, who visits it, and what stops it."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from typing import get_args

from app.clients.attack import HERE, HOSTS, cookies_for
from app.clients.chat import ChatClient, ClientError, Refused
from app.events import AttackTried, OriginCheckSet
from app.lab.core import ATTACK, Core
from app.live import SetUpError
from app.orders import SetOriginCheck
from app.settings import OriginCheck

TEXT = "Win a phone: buy one at my shop!"


class AttackVerbs(Core):
    """Serve, visit, check."""

    def serve_attack_page(self) -> Future[None]:
        """Serve the page, to this machine only, until the next set-up; SourceReady says where: "attack page"."""
        return self._do("serve_attack_page", self._serve_attack)

    def visit_attack_page(self, client: str, host: str = HERE) -> Future[None]:
        """Let a built-in client visit the page under one of its hosts: AttackTried says what its script could do.

        The socket has the Origin and the cookies that it would have in a browser (app/clients/attack.py).
        """

        async def work() -> None:
            page, victim = self._attack, self._clients[client]
            if page is None or not page.port:
                raise ClientError("The attack page is not served.")
            if host not in HOSTS:
                raise ClientError(f"The attack page has no host {host!r}; there is {', '.join(HOSTS)}.")
            await page.read(host)
            if (before := self._clients.pop(ATTACK, None)) is not None:
                await before.leave()
            await self._attack_as(victim, page.origin(host))

        return self._do("visit_attack_page", work)

    def check_origins(self, check: OriginCheck) -> Future[None]:
        """Let sockets be opened by our own pages only ("origin"), by pages of our hosts ("hosts"), by any ("none")."""

        async def work() -> None:
            if check not in get_args(OriginCheck):
                raise SetUpError(f"there is no check {check!r} of origins; there is {', '.join(get_args(OriginCheck))}")
            live = self._live
            live.settings = replace(live.settings, origin_check=check)
            await live.checking.tell(SetOriginCheck(check))
            self._take(OriginCheckSet(t=time.time(), source="lab", check=check))

        return self._do("check_origins", work)

    async def _attack_as(self, victim: ChatClient, origin: str) -> None:
        cookies = cookies_for(origin, self.address, victim.cookies)
        spy = ChatClient(ATTACK, victim.room, self.address.rstrip("/"), self._take)
        status, outcome = 101, "the socket is open, " + ("with the cookies" if cookies else "but without any cookie")
        try:
            await spy.open(cookies, origin)
        except Refused as refused:
            status, outcome = refused.status, refused.reason
        else:
            self._clients[ATTACK] = spy
            await spy.say(TEXT)
        tried = AttackTried(
            t=time.time(), source="lab", origin=origin, status=status, has_cookie=bool(cookies), outcome=outcome
        )
        self._take(tried)
