# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py bots`: let 1 to 500 bots draw or chat on running pages, and say what it cost."""

from __future__ import annotations

import argparse
import asyncio
import json
from urllib.parse import urlsplit

import msgspec

from app.bots import Herd, HerdError, Order
from app.bots.__main__ import add_arguments as add_order
from app.bots.__main__ import run as run_herd
from app.commands.line import fail
from app.events import BotsCounted
from app.telling import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    add_order(parser)
    parser.set_defaults(seconds=10.0)
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="of the pages (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures of it all as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Run the bots; returns 0, or 2 when they could not begin."""
    options = {name: value for name, value in vars(args).items() if name != "json"}
    options["address"] = args.address.rstrip("/")
    if urlsplit(args.address).scheme not in ("http", "https") or not urlsplit(args.address).hostname:
        return fail(f"{args.address!r} is no address of pages: expected http://HOST:PORT or https://HOST:PORT")
    try:
        whole = asyncio.run(run_herd(Herd(Order(**options), _silent if args.json else _print)))
    except HerdError as error:
        return fail(str(error))
    if args.json:
        print(json.dumps(msgspec.structs.asdict(whole)))
    return 0


def _print(event: BotsCounted) -> None:
    print(tell(event), flush=True)


def _silent(event: BotsCounted) -> None:
    """Nothing is said before the end."""
