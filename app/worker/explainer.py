# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that knows the workers' routing and runs none of its consumers: it says what becomes of a message.

It loads the application as a worker does, so it also tells whether that can be done at all.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from django.urls import Resolver404, resolve

from app import orders
from app.channels.explain import explain, problem_of
from app.channels.handler import DjangoViews
from app.channels.message import Message
from app.channels.routing import Router, dotted_name, imported
from app.child import Child, die_with_parent
from app.events import ConsumersChecked, RouteExplained
from app.layer.messages import decode
from app.worker.application import load
from app.worker.project import OURS, enter

NAME = "routing"  # the source of what it says


def explained(router: Router, channel: str, body: bytes, key: str = "") -> RouteExplained:
    """Return what the routing does with a message."""
    message = Message(decode(body)[1], channel)
    routes, match, number = explain(router, message)
    return RouteExplained(
        t=time.time(),
        source=NAME,
        channel=channel,
        body=body,
        consumer="" if match is None else dotted_name(match[0]),
        kwargs={} if match is None else match[1],
        number=number,
        is_default=number > router.own,
        is_listened=channel in router.channels,
        problem="" if match is None else problem_of(match, message),
        view=view_of(match[0], message) if match and isinstance(match[0], DjangoViews) else "",
        key=key,
        routes=routes,
    )


def view_of(views: DjangoViews, message: Message) -> str:
    """Return the view, and its arguments, that Django's URLs have for a request."""
    path = message.get("path")
    if not isinstance(path, str):
        return "a request without a path is an error"
    if views.is_static(path):
        return "a static file"
    try:
        match = resolve(path)
    except Resolver404:
        return "404: no URL pattern is for this path"
    words = [repr(value) for value in match.args] + [f"{name}={value!r}" for name, value in match.kwargs.items()]
    return f"{match._func_path}({', '.join(['request', *words])})"


def wrong(error: BaseException, project: str = "") -> ConsumersChecked:
    """Return why an application cannot be loaded, and the innermost line of its own where it went wrong."""
    file, line = "", 0
    for frame in traceback.extract_tb(error.__traceback__):
        if name := _own(frame.filename, project):
            file, line = name, frame.lineno or 0
    if isinstance(error, SyntaxError) and error.filename and (name := _own(error.filename, project)):
        file, line = name, error.lineno or 0
    text = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
    return ConsumersChecked(t=time.time(), source=NAME, is_good=False, error=text, file=file, line=line)


def _own(filename: str, project: str) -> str:
    """Return what to call a file of the application ("consumers", "core/consumers.py"), "" for one of anybody else."""
    path = Path(filename)
    if project and path.is_relative_to(project) and "site-packages" not in path.parts:
        return str(path.relative_to(project))
    is_ours = path.is_relative_to(OURS) and not path.is_relative_to(OURS / "demo")
    is_demo = path.is_relative_to(OURS / "demo") or any(part.startswith("code-") for part in path.parts)
    return path.stem if is_demo and not is_ours else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Load, say whether it could be done, and answer until stdin ends; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.worker.explainer", description=__doc__)
    for option in ("--settings", "--routing", "--project", "--prepare"):
        parser.add_argument(option, default="")
    parser.add_argument("--child", action="store_true", help="events on stdout, orders on stdin; there is no other way")
    args = parser.parse_args(argv)
    child = Child(NAME)
    die_with_parent()
    try:
        enter(args.project)
        router, _ = load(args.settings, args.routing)
        if args.prepare:
            imported(args.prepare)()
    except (Exception, SystemExit) as error:  # the edge of foreign code: importing it may raise anything
        child.say(wrong(error, args.project))
        child.drain()
        return 1

    def obey(order: orders.AnyOrder) -> None:
        if isinstance(order, orders.ExplainRoute):
            child.say(explained(router, order.channel, order.body, order.key))

    child.on_order = obey
    child.say(ConsumersChecked(t=time.time(), source=NAME, is_good=True))
    threading.Event().wait()  # orders come on the thread of the pipe, whose end ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main())
