# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of everything that runs the live system, and the settings they make."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from urllib.parse import urlsplit

from app.settings import Settings
from app.tls import check_certificate


def add_live_options(parser: argparse.ArgumentParser) -> None:
    """Add what house rules give to the window and to `serve` alike."""
    defaults = Settings()
    parser.add_argument("--host", default=defaults.host, help="address to serve on (default: this machine only)")
    parser.add_argument("--port", type=_port, default=defaults.port, help=f"port of the pages ({defaults.port})")
    parser.add_argument("--workers", type=_count, default=defaults.workers, help=f"how many ({defaults.workers})")
    parser.add_argument("--expiry", type=_seconds, default=defaults.expiry, help="seconds a message waits (60)")
    parser.add_argument(
        "--capacity", type=_count, default=defaults.capacity, help=f"messages a channel holds ({defaults.capacity})"
    )
    parser.add_argument(
        "--redis", type=_redis, default="", metavar="URL|PATH", help="a Redis to use, or a server program to start"
    )
    parser.add_argument(
        "--data", type=_folder, default="", metavar="DIR", help="keep the demo's database in this folder"
    )
    parser.add_argument("--certfile", type=_existing_file, default="", metavar="FILE", help="pages at https (PEM)")
    parser.add_argument("--keyfile", type=_existing_file, default="", metavar="FILE", help="its key, if not in it")
    parser.add_argument("--deflate", action="store_true", help="offer permessage-deflate to WebSockets")
    parser.add_argument("--settings", default=defaults.django_settings, metavar="MODULE", help="Django settings")
    parser.add_argument(
        "--routing", metavar="NAME", help="channel routing, a dotted name (default: what CHANNEL_LAYERS says)"
    )
    parser.add_argument(
        "--project", type=_existing_folder, metavar="DIR", help="your own Django project (default: this folder)"
    )


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings that the options ask for."""
    defaults = Settings()
    is_own = args.settings != defaults.django_settings
    return Settings(
        host=args.host,
        port=args.port,
        workers=args.workers,
        expiry=args.expiry,
        capacity=args.capacity,
        redis=args.redis,
        data=args.data,
        django_settings=args.settings,
        routing=args.routing or ("" if is_own else defaults.routing),
        project=args.project or (os.getcwd() if is_own else ""),
        certfile=args.certfile,
        keyfile=args.keyfile,
        has_deflate=args.deflate,
        has_echo=getattr(args, "echo", False),
    )


def problem_with(settings: Settings) -> str:
    """Return why pages cannot be served like this, "" where they can."""
    try:
        check_certificate(settings.certfile, settings.keyfile)
    except OSError as error:
        return str(error)
    return ""


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: expected a number from 0 (any free one) to 65535")
    return int(text)


def _seconds(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} seconds: expected a whole number from 1 on")
    return int(text)


def _folder(text: str) -> str:
    if not text:
        return ""
    folder = Path(text).absolute()  # the processes that use it run in another folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no folder to keep data in: {error.strerror}") from None
    return str(folder)


def _existing_file(text: str) -> str:
    if not text:
        return ""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return str(Path(text).absolute())  # the process that reads it runs in another folder


def _existing_folder(text: str) -> str:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder: expected the one with the project's manage.py in it")
    return str(Path(text).absolute())


def _redis(text: str) -> str:
    if "://" in text:
        try:
            url = urlsplit(text)
            is_one = url.scheme in ("redis", "rediss", "unix") and url.port != 0
        except ValueError:  # no port, no IPv6 address
            is_one = False
        if not is_one:
            raise argparse.ArgumentTypeError(f"{text!r}: expected redis://HOST:PORT, rediss://… or unix:///PATH")
    return text


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no count: expected a whole number from 0 on")
    return int(text)
