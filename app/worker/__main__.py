# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process: take a message, run its consumer, say so."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from app.events import Event
    from app.worker.loop import Worker


def arguments(defaults: Settings) -> argparse.ArgumentParser:
    """Return the command line of a worker."""
    parser = argparse.ArgumentParser(prog="worker", description="Run a worker process.")
    add = parser.add_argument
    redis_url = os.environ.get("CHANNELSCOPE_REDIS")
    add("--redis", metavar="URL", default=redis_url, required=not redis_url, help="where the channel layer is")
    add("--prefix", default=defaults.prefix, help="what its keys begin with (%(default)s)")
    add("--expiry", type=int, default=defaults.expiry, metavar="SECONDS", help="of what it sends (%(default)s)")
    add("--group-expiry", type=int, default=defaults.group_expiry, metavar="SECONDS", help="(%(default)s)")
    add("--capacity", type=int, default=defaults.capacity, help="messages a channel may hold (%(default)s)")
    add("--only-channels", action="append", default=[], metavar="GLOB", help="listen to these (repeatable)")
    add("--exclude-channels", action="append", default=[], metavar="GLOB", help="but not to these (repeatable)")
    add("--settings", default=defaults.django_settings, help="Django settings (%(default)s); empty: no Django")
    add("--routing", default=defaults.routing, help="dotted name of the routing (%(default)s)")
    add("--name", default=f"worker-{os.getpid()}", help="who it is in what it says")
    add("--data", default=defaults.data, metavar="DIR", help="where the demo keeps its database")
    add("--child", action="store_true", help="events on stdout, orders on stdin")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a worker until it is told to stop; return the exit status."""
    args = arguments(Settings()).parse_args(argv)
    if args.data:
        os.environ["CHANNELSCOPE_DATA"] = args.data
    return _run_child(args) if args.child else _run_by_hand(args)


def _run_child(args: argparse.Namespace) -> int:
    from app.child import Child

    child = Child(args.name)  # before anything can print
    worker = _worker(args, child.say)
    child.on_order = lambda _: worker.stop()  # the only order a worker knows
    _stop_on_signals(worker)
    worker.run()
    child.drain()
    return 0


def _run_by_hand(args: argparse.Namespace) -> int:
    from app.worker.lines import print_line

    try:
        worker = _worker(args, print_line)
    except ImportError as error:
        print(f"worker: {error}", file=sys.stderr)
        return 2
    _stop_on_signals(worker)
    worker.run()
    return 0


def _worker(args: argparse.Namespace, say: Callable[[Event], None]) -> Worker:
    from app.layer import RedisChannelLayer
    from app.worker.application import chosen, load
    from app.worker.loop import Worker

    only, without = args.only_channels, args.exclude_channels
    layer = RedisChannelLayer(
        expiry=args.expiry,
        hosts=[args.redis],
        prefix=args.prefix,
        group_expiry=args.group_expiry,
        capacity=args.capacity,
        connection_kwargs={"client_name": args.name},
    )
    router, tidy = load(args.settings, args.routing, bool(chosen(["http.request"], only, without)))
    return Worker(layer, router, say, args.name, chosen(router.channels, only, without), tidy)


def _stop_on_signals(worker: Worker) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())


if __name__ == "__main__":
    sys.exit(main())
