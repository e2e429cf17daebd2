# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for the opening handshake: work out an accept value, break one on purpose."""

from __future__ import annotations

import time
from concurrent.futures import Future

from app.clients.chat import ClientError
from app.clients.mutations import BY_NAME
from app.events import AcceptComputed
from app.lab.core import Core
from app.wire.handshake import accept_value


class HandshakeVerbs(Core):
    """Compute and break."""

    def compute_accept(self, key: str = "") -> Future[None]:
        """Work out the accept value of a key; without one, of the key that opened the newest WebSocket."""

        async def work() -> None:
            sent = self._opened.key if self._opened else ""
            chosen = key or sent
            if not chosen:
                raise ClientError("No WebSocket has been opened yet, so there is no key.")
            accept = accept_value(chosen)
            self._take(AcceptComputed(t=time.time(), source="lab", key=chosen, accept=accept, is_sent=chosen == sent))

        return self._do("compute_accept", work)

    def try_handshake(self, mutation: str) -> Future[None]:
        """Send an opening handshake with one thing wrong (`app/clients/mutations.py`)."""

        async def work() -> None:
            if mutation not in BY_NAME:
                raise ClientError(f"There is no mutation {mutation!r}; there is {', '.join(BY_NAME)}.")
            if not self.address:
                raise ClientError("There is nobody to shake hands with: the pages do not answer yet.")
            try:
                await self._attempts.make(BY_NAME[mutation], self.address)
            except OSError as error:
                raise ClientError(f"The handshake could not be sent: {error}") from error

        return self._do("try_handshake", work)
