# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard: start the private Redis, keep it alive, and clear up when the lab is gone."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path

from app.child import Child
from app.redis_server.guard import Guard


def main() -> int:
    """Run until stdin ends or TERM comes; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.redis_server", description=__doc__)
    parser.add_argument("--server", required=True, help="path of the redis-server or valkey-server program")
    parser.add_argument("--folder", required=True, help="a folder of its own, mode 0700; removed at the end")
    parser.add_argument("--child", action="store_true", help="speak to the lab: events on fd 1, lifeline on stdin")
    args = parser.parse_args()
    secret = os.environ.pop("CHANNELSCOPE_SECRET_OF_REDIS", "")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    if args.child:
        child = Child("redis", on_order=lambda _: guard.restart())
        guard = Guard(Path(args.server), Path(args.folder), child.say, secret)
    else:
        guard = Guard(Path(args.server), Path(args.folder), lambda event: print(event, flush=True))
    try:
        with contextlib.suppress(SystemExit):
            guard.run()
    finally:
        guard.clear()
        if args.child:
            child.drain()
    return 0


def _leave(*_: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
