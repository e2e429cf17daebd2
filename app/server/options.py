# SPDX-License-Identifier: GPL-3.0-or-later
"""What the interface server may be told on its command line; where daphne 1.4.2 has an option, by its name."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, fields
from typing import Any, get_args

from app.settings import OriginCheck

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Options:
    """How requests and sockets are served; times in seconds, sizes in bytes (asgi1_checklist §8).

    `websocket_timeout`: how long a socket may live, negative: for ever. `backlog_limit`: what may wait for a client
    that reads too slowly. `is_proxied`: believe X-Forwarded-* and Daphne-Root-Path. `accepts_first`: shake hands before
    the consumer has decided, and close with 4403 if it denies. `tells_finished`: `http.disconnect` also after a whole
    response, as daphne does (D-15).
    """

    http_timeout: float = 120.0
    websocket_connect_timeout: float = 5.0
    websocket_timeout: float = 86400.0
    handshake_timeout: float = 5.0
    close_timeout: float = 5.0
    write_timeout: float = 60.0
    keep_alive: int = 5
    ping_interval: float = 20.0
    ping_timeout: float = 30.0
    header_limit: int = 64 * KIB
    body_limit: int = 128 * MIB
    message_limit: int = 768 * KIB
    backlog_limit: int = 4 * MIB
    subprotocols: tuple[str, ...] = ()
    root_path: str = ""
    is_proxied: bool = False
    has_deflate: bool = False
    has_echo: bool = False
    accepts_first: bool = False
    tells_finished: bool = False
    access_log: str = ""
    certfile: str = ""
    keyfile: str = ""


def options_of(args: argparse.Namespace) -> Options:
    """Return the options in a command line."""
    values: dict[str, Any] = {field.name: getattr(args, field.name) for field in fields(Options)}
    if values["websocket_timeout"] is None:
        values["websocket_timeout"] = float(args.group_expiry)  # D-05
    return Options(**{**values, "subprotocols": tuple(values["subprotocols"])})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add every option of the process."""
    _add_layer(parser)
    _add_times(parser)
    _add_sizes(parser)
    add, defaults = parser.add_argument, Options()
    add("--ws-protocol", dest="subprotocols", nargs="*", default=[], metavar="NAME", help="subprotocols to agree to")
    add("--root-path", default=defaults.root_path, metavar="PATH", help="SCRIPT_NAME of every request")
    add("--proxy-headers", dest="is_proxied", action="store_true", help="believe X-Forwarded-For, -Port and -Proto")
    add("--deflate", dest="has_deflate", action="store_true", help="offer permessage-deflate (RFC 7692)")
    add("--echo", dest="has_echo", action="store_true", help="a raw echo at /_scope/echo, without channel layer")
    add("--accept-first", dest="accepts_first", action="store_true", help="shake hands before the consumer decides")
    add("--tell-finished", dest="tells_finished", action="store_true", help="http.disconnect after every response")
    add("--access-log", default=None, metavar="FILE", help="- for standard output")
    add("-v", "--verbosity", type=int, default=1, choices=(0, 1, 2), help="0: no access log; 2: debugging, too")
    add("--certfile", default="", metavar="FILE", help="speak TLS with this certificate (PEM)")
    add("--keyfile", default="", metavar="FILE", help="and this key, if it is not in the same file")


def _add_layer(parser: argparse.ArgumentParser) -> None:
    redis_url = os.environ.get("CHANNELSCOPE_REDIS")
    add = parser.add_argument
    add("--redis", default=redis_url, required=not redis_url, help="URL of the channel layer's Redis")
    add("-b", "--host", "--bind", default="127.0.0.1")
    add("-p", "--port", type=int, default=8000)
    add("-u", "--unix-socket", default="", metavar="PATH", help="listen there instead of at host and port")
    add("--fd", type=int, default=None, metavar="NUMBER", help="serve what comes in at a listening socket that is open")
    add("--hosts", nargs="*", default=[], metavar="NAME", help="answer only those who ask for one of these")
    add("--origin-check", choices=get_args(OriginCheck), default="origin", help="of pages that open sockets (--hosts)")
    add("--prefix", default="asgi:")
    add("--expiry", type=int, default=60, help="seconds")
    add("--group-expiry", type=int, default=86400, help="seconds")
    add("--capacity", type=int, default=100, help="messages a channel")
    add("--drop", action="append", default=[], metavar="GLOB=SHARE", help="throw messages away on purpose")
    add("--delay", action="append", default=[], metavar="GLOB=S", help="hold sends back on purpose, at most so long")
    add("--seed", type=int, default=0, help="of what goes wrong on purpose")
    add("--first-connection", type=int, default=1, help="number of the first connection's id")
    add("--frozen", action="store_true", help="hold everything from the beginning on; with --child")
    add("--speed", type=float, default=1.0, help="hold every message a moment: slow motion; with --child")
    add("--child", action="store_true", help="speak to the lab: events on fd 1, lifeline on stdin")


def _add_times(parser: argparse.ArgumentParser) -> None:
    defaults = Options()

    def add(name: str, *more: str, default: float | None, what: str) -> None:
        parser.add_argument(name, *more, type=float, default=default, metavar="SECONDS", help=what)

    add("--http-timeout", "-t", default=defaults.http_timeout, what="a request waits for its response (%(default)g)")
    connect = defaults.websocket_connect_timeout
    add("--websocket-connect-timeout", "--websocket_connect_timeout", default=connect, what="for a consumer")
    add("--websocket-timeout", "--websocket_timeout", default=None, what="a socket lives (--group-expiry; <0: ever)")
    add("--handshake-timeout", default=defaults.handshake_timeout, what="for the head of a request (%(default)g)")
    add("--close-timeout", default=defaults.close_timeout, what="for the answer to a close frame (%(default)g)")
    add("--write-timeout", default=defaults.write_timeout, what="a client may read nothing (%(default)g)")
    parser.add_argument(
        "--keep-alive", type=int, default=defaults.keep_alive, metavar="SECONDS", help="between requests"
    )
    add("--ping-interval", default=defaults.ping_interval, what="of silence before a ping (%(default)g)")
    add("--ping-timeout", default=defaults.ping_timeout, what="for the answer to it (%(default)g)")


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    defaults = Options()

    def add(name: str, default: int, what: str) -> None:
        parser.add_argument(name, type=int, default=default, metavar="BYTES", help=f"{what} (%(default)d)")

    add("--header-limit", defaults.header_limit, "the head of a request")
    add("--body-limit", defaults.body_limit, "the body of a request")
    add("--message-limit", defaults.message_limit, "a WebSocket message")
    add("--backlog-limit", defaults.backlog_limit, "what waits for a slow client")
