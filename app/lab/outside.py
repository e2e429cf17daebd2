# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb for a message from outside: a process that is neither server nor worker sends one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from app.lab.core import Core
from app.live import SetUpError
from app.live.launch import layer_args
from app.sources.processes import ChildProcess


class OutsideVerbs(Core):
    """Send and leave."""

    def send_outside(self, channel: str, content: Mapping[str, Any]) -> Future[None]:
        """Let a process of its own send a message (MessageSent, source "outside"), as a management command would."""

        async def work() -> None:
            process = ChildProcess("outside", self._take, lambda _: None)
            args = [*layer_args(self._live.settings), channel, json.dumps(dict(content))]
            await process.start("app.worker.outside", args, **self._live.worker_environment())
            await process.until_ended()
            if process.status:
                raise SetUpError(f"the message for {channel} could not be sent from outside; the log says why")

        return self._do("send_outside", work)
