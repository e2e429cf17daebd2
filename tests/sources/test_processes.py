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


def test_that_nothing_is_lost_of_a_process_that_is_started_again_after_it_was_killed():
    heard = []

    async def run():
        child = ChildProcess("talker", heard.append, lambda child: None)
        for count in ("9", "3"):
            await child.start("tests.sources.talker", [count])
            await child.until_ended()

    asyncio.run(run())
    assert [event.text for event in heard] == [f"line {n}" for n in (*range(9), *range(3))]
