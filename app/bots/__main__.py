# SPDX-License-Identifier: GPL-3.0-or-later
"""A herd of bots as a process of its own, for the window: so many sockets would hold up the lab's thread."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from argparse import ArgumentParser

from app.bots.herd import Herd, HerdError, Order
from app.bots.script import PACES
from app.child import Child, die_with_parent, raise_file_limit
from app.events import BotsCounted, VerbFailed

PAGES = ("draw", "chat")


def add_arguments(parser: ArgumentParser) -> None:
    """Add what a herd is told."""
    parser.add_argument("--count", type=int, default=Order.count, help="bots, 1 to 500 (%(default)s)")
    parser.add_argument("--page", choices=PAGES, default=Order.page, help="what they do (%(default)s)")
    parser.add_argument("--room", default=Order.room, help="where (%(default)s)")
    parser.add_argument(
        "--pace", type=int, choices=PACES, default=Order.pace, help="messages a second, 0: one at every move"
    )
    parser.add_argument("--seed", type=int, default=Order.seed, help="the same seed, the same script (%(default)s)")
    parser.add_argument("--seconds", type=float, default=Order.seconds, help="how long; 0: until they are stopped")


async def run(herd: Herd) -> BotsCounted:
    """Run a herd that TERM and INT end politely."""
    raise_file_limit()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, herd.stop)
    return await herd.run()


def main() -> int:
    """Run as a child of the lab."""
    parser = ArgumentParser()
    add_arguments(parser)
    parser.add_argument("--address", required=True)
    parser.add_argument("--child", action="store_true", required=True)
    args = vars(parser.parse_args())
    del args["child"]
    child = Child("bots")
    die_with_parent()
    try:
        asyncio.run(run(Herd(Order(**args), child.say)))
    except HerdError as error:
        child.say(VerbFailed(t=time.time(), source="bots", verb="start_bots", reason=str(error)))
    child.drain()
    return 0


if __name__ == "__main__":
    sys.exit(main())
