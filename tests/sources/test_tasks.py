# SPDX-License-Identifier: GPL-3.0-or-later
import asyncio

from app.sources.tasks import end_tasks


def test_that_a_task_that_does_not_hear_the_first_cancelling_is_ended_all_the_same():
    async def deaf():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    async def main():
        task = asyncio.create_task(deaf())
        await asyncio.sleep(0)
        await end_tasks([task])
        assert task.cancelled()
        await end_tasks([])

    asyncio.run(main())
