# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process: take a message, run its consumer, say so."""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.settings import Settings
from app.worker.join import Announcer, NotInvited, accept

if TYPE_CHECKING:
    from app.channels.delay.tempo import Tempo
    from app.channels.delay.worker import Clock
    from app.events import Event
    from app.layer import RedisChannelLayer
    from app.worker.threads import Threads


HELP = "One worker, here or on another machine."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a worker."""
    defaults = Settings()
    add = parser.add_argument
    redis_url = os.environ.get("CHANNELSCOPE_REDIS")
    add("--redis", metavar="URL", default=redis_url, help="where the channel layer is")
    add("--join", metavar="CODE", default="", help="HOST:PORT/TOKEN of an invitation, in place of --redis")
    add("--prefix", default=defaults.prefix, help="what its keys begin with (%(default)s)")
    add("--expiry", type=int, default=defaults.expiry, metavar="SECONDS", help="of what it sends (%(default)s)")
    add("--group-expiry", type=int, default=defaults.group_expiry, metavar="SECONDS", help="(%(default)s)")
    add("--capacity", type=int, default=defaults.capacity, help="messages a channel may hold (%(default)s)")
    add("--drop", action="append", default=[], metavar="GLOB=SHARE", help="throw messages away on purpose")
    add("--delay", action="append", default=[], metavar="GLOB=S", help="hold sends back on purpose, at most so long")
    add("--seed", type=int, default=0, help="of what goes wrong on purpose")
    add(
        "--receive",
        choices=("atomic", "classic"),
        default=defaults.receive,
        help="how messages are taken (%(default)s)",
    )
    add("--only-channels", action="append", default=[], metavar="GLOB", help="listen to these (repeatable)")
    add("--exclude-channels", action="append", default=[], metavar="GLOB", help="but not to these (repeatable)")
    add("--threads", type=_thread_count, default=1, metavar="N", help="messages handled at a time (%(default)s)")
    add("--settings", default=defaults.django_settings, help="Django settings (%(default)s); empty: no Django")
    add("--routing", default=defaults.routing, help="dotted name (%(default)s); empty: what CHANNEL_LAYERS names")
    add("--project", default="", metavar="DIR", help="your own Django project (default: this folder)")
    add("--prepare", default="", metavar="NAME", help="a function to call before the first message, a dotted name")
    add("--name", default="", help="who it is in what it says (worker-PID; invited: its host)")
    add("--data", default=defaults.data, metavar="DIR", help="where the demo keeps its database")
    add("--child", action="store_true", help="events on stdout, orders on stdin")
    add("--frozen", action="store_true", help="take nothing until thawed; with --child")
    add("--speed", type=float, default=1.0, help="hold every message a moment: slow motion; with --child")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a worker with this command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.worker", description=HELP)
    add_arguments(parser)
    return run(parser.parse_args(argv))


def run(args: argparse.Namespace) -> int:
    """Run a worker until it is told to stop; return the exit status."""
    announcer = None
    try:
        if args.join:
            announcer = accept(args)
        elif not args.redis:
            raise NotInvited("name a Redis with --redis URL, or an invitation with --join HOST:PORT/TOKEN")
    except NotInvited as error:
        print(f"channelscope: {error}", file=sys.stderr)
        return 2
    args.name = args.name or f"worker-{os.getpid()}"
    if args.data:
        os.environ["CHANNELSCOPE_DATA"] = args.data
    if args.child:
        return _run_child(args)
    if args.settings not in ("", Settings.django_settings):  # somebody's own project
        args.project = args.project or os.getcwd()
        args.routing = "" if args.routing == Settings.routing else args.routing
    return _run_by_hand(args, announcer)


def _run_child(args: argparse.Namespace) -> int:
    from app import orders
    from app.child import Child, die_with_parent
    from app.events import FaultsSet, GatesSet, OriginCheckSet
    from app.layer import Resilience
    from app.worker.application import set_origin_check

    child = Child(args.name)  # before anything can print
    die_with_parent()
    threads = _threads(args, child.say)
    threads.set_gates(orders.SetGates(args.frozen, args.speed))

    def call_back() -> None:  # on a thread of its own: it asks Redis, which may not answer
        threads.call_back()
        child.say(GatesSet(t=time.time(), source=args.name))

    def obey(order: orders.AnyOrder) -> None:
        match order:
            case orders.Stop():
                threads.stop()
            case orders.SetExpiry(seconds):
                threads.set_expiry(seconds)
            case orders.SetGates():
                threads.set_gates(order)
                threading.Thread(target=call_back, name="gates", daemon=True).start()
            case orders.MoveDelays():
                threads.move_delays(order)
            case orders.Step():
                threads.step(order)
            case orders.SetOriginCheck(check):
                set_origin_check(args.settings, check)
                child.say(OriginCheckSet(t=time.time(), source=args.name, check=check))
            case orders.SetFaults(drop, delay, seed):
                threads.set_faults(Resilience(drop, delay, seed))
                child.say(FaultsSet(t=time.time(), source=args.name, drop=drop, delay=delay, seed=seed))

    child.on_order = obey
    _stop_on_signals(threads)
    threads.run()
    child.drain()
    return 0


def _run_by_hand(args: argparse.Namespace, announcer: Announcer | None) -> int:
    from app.lines import EACH, print_line

    def say(event: Event) -> None:
        print_line(event, EACH)
        if announcer:
            announcer.say(event)

    try:
        threads = _threads(args, say)
    except (ImportError, ValueError) as error:
        print(f"channelscope: {error}", file=sys.stderr)
        return 2
    _stop_on_signals(threads)
    if announcer is None:
        threads.run()
        return 0
    return _run_invited(threads, announcer)


def _run_invited(threads: Threads, announcer: Announcer) -> int:
    def leave() -> None:
        print("The invitation is over: nobody answers any more.", flush=True)
        threads.stop()

    announcer.on_over = leave
    announcer.start()
    threads.run()
    announcer.close()
    return 0


def _threads(args: argparse.Namespace, say: Callable[[Event], None]) -> Threads:
    """Load the application once and make a loop for each thread; each has a Redis connection of its own."""
    from app.channels.asgi import DEFAULT, ChannelLayerWrapper, channel_layers
    from app.channels.delay.tempo import Tempo
    from app.channels.routing import imported
    from app.worker.application import chosen, has_delay, load
    from app.worker.loop import Worker
    from app.worker.project import enter
    from app.worker.threads import Threads

    enter(args.project)
    only, without = args.only_channels, args.exclude_channels
    tempo = Tempo()
    router, hooks = load(args.settings, args.routing, bool(chosen(["http.request"], only, without)), tempo)
    if args.prepare:
        imported(args.prepare)()
    channels = chosen(router.channels, only, without)
    workers, numbers = [], itertools.count(1)
    for number in range(args.threads):
        name = args.name if number == 0 else f"{args.name}.{number + 1}"
        workers.append(Worker(layer_of(args, name), router, say, name, channels, hooks, numbers))
    channel_layers.set(DEFAULT, ChannelLayerWrapper(workers[0].layer, DEFAULT, router.routes))
    if not args.settings or not has_delay() or not chosen(["asgi.delay"], only, without):
        return Threads(workers, hooks.process_ready)
    return Threads(workers, hooks.process_ready, _clock(args, say, tempo))


def _clock(args: argparse.Namespace, say: Callable[[Event], None], tempo: Tempo) -> Clock:
    """Return the half of a delay server that sends."""
    from app.channels.delay.worker import Clock
    from app.channels.outbox import Outbox

    return Clock(Outbox(layer_of(args, f"{args.name}.delay"), say, args.name), say, args.name, tempo)


def layer_of(args: argparse.Namespace, name: str) -> RedisChannelLayer:
    """Return the channel layer that a command line is about, for a process or thread of this name."""
    from app.layer import RedisChannelLayer, Resilience

    return RedisChannelLayer(
        expiry=args.expiry,
        hosts=[args.redis],
        prefix=args.prefix,
        group_expiry=args.group_expiry,
        capacity=args.capacity,
        receive=args.receive,
        resilience=Resilience.of_options(args.drop, args.delay, args.seed),
        connection_kwargs={"client_name": name},
    )


def _stop_on_signals(threads: Threads) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threads.stop())


def _thread_count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} threads: expected a number from 1 to 64")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
