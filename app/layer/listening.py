# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of a channel that nobody else reads: one trip brings a batch together with the news that there is one.

`BLMOVE queue queue LEFT LEFT` puts the first place back where it was: it waits and takes nothing. The script that takes
a batch stands behind it in the same write, and Redis does it as soon as the wait is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.layer.errors import RedisGone
from app.layer.receipts import Taken

if TYPE_CHECKING:
    from app.layer.aioline import AsyncLine, AsyncLines
    from app.layer.receiving import Receiving


class Listening:
    """Asks again and again; `take` is given each batch, in the turn of the loop in which it came."""

    def __init__(self, receiving: Receiving, channel: str, take: Callable[[tuple[Taken, ...]], None]) -> None:
        self._wait, self._batch, self._read = receiving.batches_of(channel)
        self._take = take
        self._problem: Exception | None = None
        self.shard = self._wait.shard

    async def run(self, lines: AsyncLines) -> None:
        """Listen until Redis refuses to serve it so: its memory is full, say, or it does not know the script.

        Raises:
            RedisGone: Redis does not answer.
        """
        self._line: AsyncLine = await lines.lend()
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._ask()
        try:
            await self._ended
        finally:
            await self._line.close()
            lines.give_back(self._line)

    def _ask(self) -> None:
        self._line.ask(self._wait, self._waited)
        self._line.ask(self._batch, self._took)
        self._line.flush()

    def _waited(self, reply: Any) -> None:
        self._problem = reply if isinstance(reply, Exception) else None

    def _took(self, reply: Any) -> None:
        problem = reply if isinstance(reply, Exception) else self._problem
        if not isinstance(reply, Exception) and reply[0]:
            try:
                self._take(self._read(*reply))
            except Exception as error:  # the edge: one batch that somebody cannot digest must not end the rest
                self._loop.call_exception_handler({"message": "a message could not be taken", "exception": error})
        if problem is None:
            self._ask()
        elif not self._ended.done():
            if isinstance(problem, RedisGone):
                self._ended.set_exception(problem)
            else:
                self._ended.set_result(None)
