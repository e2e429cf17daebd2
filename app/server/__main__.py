# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface server process: uvicorn, the bridge, the tap."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from app import orders
from app.child import Child, die_with_parent, raise_file_limit
from app.events import Event, FaultsSet, LogLine, OriginCheckSet, SourceFailed, SourceReady
from app.layer import AsyncRedisChannelLayer, Resilience
from app.lines import print_line
from app.server.bridge import Bridge
from app.server.connection import WebSocketConnection
from app.server.door import Door
from app.server.hosts import Hosts
from app.server.http1 import HttpConnection
from app.server.listening import Room, inherit, listen, listen_at
from app.server.options import add_arguments, options_of
from app.server.tap import address_of
from app.tls import check_certificate

BODY_PARTS = 8  # parts of one body that may wait for its worker: 4 MiB


def main(argv: list[str] | None = None) -> int:
    """Serve until TERM or until the lab is gone; returns 0, or 2 when port or certificate cannot be had."""
    args = _arguments(argv)
    raise_file_limit()
    say: Callable[[Event], None] = print_line
    child = None
    if args.child:
        child = Child("server")
        die_with_parent()
        say = child.say
    logging.basicConfig(level=logging.DEBUG if args.verbosity > 1 else logging.WARNING, handlers=[_Told(say)])
    try:
        check_certificate(args.certfile, args.keyfile)
        listener = _listener(args)
    except OSError as error:
        say(SourceFailed(t=time.time(), source="server", name="server", reason=str(error)))
        status = 2
    else:
        with listener, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(args, listener, say, child))
        if args.unix_socket:
            Path(args.unix_socket).unlink(missing_ok=True)
        status = 0
    if child:
        child.drain()
    return status


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.server", description=__doc__)
    add_arguments(parser)
    args = parser.parse_args(argv)
    if args.access_log is None:
        args.access_log = "" if args.child or not args.verbosity else "-"
    return args


def _listener(args: argparse.Namespace) -> socket.socket:
    if args.unix_socket:
        return listen_at(args.unix_socket)
    return listen(args.host, args.port) if args.fd is None else inherit(args.fd)


async def _obey(bridge: Bridge, room: Room, order: orders.AnyOrder) -> None:
    match order:
        case orders.OpenRoom(host):
            await room.open(host)
        case orders.CloseRoom():
            await room.close()
        case orders.SetOriginCheck(check):
            room.hosts.check = check
            bridge.say(OriginCheckSet(t=time.time(), source="server", check=check))
        case orders.CloseSockets():
            bridge.replies.end_all()
        case orders.PingSockets():
            for connection in [one for one in room.connections if isinstance(one, WebSocketConnection)]:
                connection.ping(b"channelscope")
        case _:
            _adjust(bridge, order)


def _adjust(bridge: Bridge, order: orders.AnyOrder) -> None:
    match order:
        case orders.SetExpiry(seconds):
            bridge.layer.expiry = seconds
        case orders.SetCapacity(messages):
            bridge.layer.capacity = messages
        case orders.SetFaults(drop, delay, seed):
            bridge.layer.resilience = Resilience(drop, delay, seed)
            bridge.say(FaultsSet(t=time.time(), source="server", drop=drop, delay=delay, seed=seed))
        case orders.SetGates():
            bridge.gates.set(order)
        case orders.Step(gate, number):
            bridge.gates.step(gate, number)


async def _serve(
    args: argparse.Namespace, listener: socket.socket, say: Callable[[Event], None], child: Child | None
) -> None:
    options = options_of(args)
    loop = asyncio.get_running_loop()
    gates = orders.SetGates(args.frozen, args.speed) if child else None
    bridge = Bridge(_layer(args), say, options, gates)
    hosts = Hosts(args.hosts)
    hosts.check = args.origin_check
    door = Door(say, options, bridge.listener, args.first_connection, hosts, bridge.gates.time, bridge.turn)
    scheme = "https" if options.certfile else "http"
    name = listener.getsockname()
    address = f"{scheme}://{address_of(name)}" if isinstance(name, tuple) else f"unix:{name}"
    config = _config(bridge, door)
    config.load()
    server = _Server(config)
    server.on_ready = lambda: say(SourceReady(t=time.time(), source="server", name="server", detail=address))
    state = server.server_state
    protocol = partial(HttpConnection, door, config=config, server_state=state, app_state={})
    room = Room(say, hosts, partial(loop.create_server, protocol, ssl=config.ssl), state.connections, address)
    if child:

        def on_order(order: orders.AnyOrder) -> None:
            asyncio.run_coroutine_threadsafe(_obey(bridge, room, order), loop)

        child.on_order = on_order
    bridge.start()
    watching = asyncio.create_task(door.watch(server.server_state.connections))
    await server.serve(sockets=[listener])
    watching.cancel()
    await room.close()
    await bridge.stop()


def _layer(args: argparse.Namespace) -> AsyncRedisChannelLayer:
    return AsyncRedisChannelLayer(
        hosts=[args.redis],
        prefix=args.prefix,
        expiry=args.expiry,
        group_expiry=args.group_expiry,
        capacity=args.capacity,
        channel_capacity={re.compile(r"http\.request\.body\?"): BODY_PARTS},
        resilience=Resilience.of_options(args.drop, args.delay, args.seed),
    )


def _config(bridge: Bridge, door: Door) -> uvicorn.Config:
    options = door.options
    http: Any = partial(HttpConnection, door)
    return uvicorn.Config(
        bridge,
        http=http,
        ws="none",  # our HTTP half lets our WebSocket half go on
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the bridge believes them, where it is told to
        timeout_keep_alive=options.keep_alive,
        timeout_graceful_shutdown=1,
        ssl_certfile=options.certfile or None,
        ssl_keyfile=options.keyfile or None,
    )


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to us: it would raise them again at its end."""

    on_ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's factory where there is one (not on Windows)."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


class _Told(logging.Handler):
    """Log records become events."""

    def __init__(self, say: Callable[[Event], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(LogLine(t=time.time(), source="server", text=self.format(record), level=record.levelname.lower()))


if __name__ == "__main__":
    sys.exit(main())
