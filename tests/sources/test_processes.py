# SPDX-License-Identifier: GPL-3.0-or-later
"""Children end, and it is told how."""

import asyncio
from signal import SIGCONT, SIGKILL, SIGTERM

from app.sources.processes import ChildProcess


def test_that_a_child_that_is_killed_and_signalled_again_was_killed(tmp_path):
    async def status():
        child = ChildProcess("bots", lambda event: None, lambda child: None)
        await child.start("app.redis_server", ["--server", "/bin/sleep", "--folder", str(tmp_path)])
        for number in (SIGKILL, SIGTERM, SIGCONT, SIGTERM, SIGCONT, SIGTERM, SIGCONT) * 50:
            child.signal(number)
        await child.until_ended()
        return child.status

    assert [asyncio.run(status()) for _ in range(10)] == [-SIGKILL] * 10
