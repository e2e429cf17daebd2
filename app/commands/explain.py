# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py explain`: what a routing does with a message, route by route; nothing is sent."""

from __future__ import annotations

import argparse
import ast
import os
from collections.abc import Iterator
from typing import Any

from app.commands.line import fail
from app.events import FilterTried, RouteExplained, RouteTried
from app.routing_words import WHAT_DEFAULTS_DO, call, nobody, why
from app.settings import Settings

SIGNS = {"matched": "✓", "other channel": "·", "filter failed": "✕", "no match": "✕", "not tried": "–"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    defaults = Settings()
    parser.add_argument("channel", help="websocket.receive, http.request …")
    parser.add_argument(
        "attribute", nargs="*", help="NAME=TEXT, or NAME:=VALUE for what is no text: path=/chat/lobby/ order:=3"
    )
    parser.add_argument("--settings", default=defaults.django_settings, metavar="MODULE", help="Django settings")
    parser.add_argument("--routing", metavar="NAME", help="a dotted name (default: what CHANNEL_LAYERS says)")
    parser.add_argument("--project", default="", metavar="DIR", help="your own Django project (default: this folder)")


def run(args: argparse.Namespace) -> int:
    """Explain a message; returns 0, or 2 when it could not be done."""
    from app.layer.messages import encode
    from app.worker.application import load
    from app.worker.explainer import explained, wrong
    from app.worker.project import enter

    is_own = args.settings != Settings.django_settings
    project = args.project or (os.getcwd() if is_own else "")
    try:
        body = encode(dict(_attribute(text) for text in args.attribute))
    except (ValueError, TypeError) as error:
        return fail(str(error))
    try:
        enter(project)
        router, _ = load(args.settings, args.routing or ("" if is_own else Settings.routing))
    except Exception as error:  # the edge of foreign code: importing it may raise anything
        told_wrong = wrong(error, project)
        where = f" ({told_wrong.file}, line {told_wrong.line})" if told_wrong.line else ""
        return fail(f"the routing cannot be loaded: {told_wrong.error}{where}")
    told = explained(router, args.channel, body)
    print("\n".join(lines_of(told)))
    return 0


def lines_of(told: RouteExplained) -> Iterator[str]:
    """Yield the routes in their order, then the answer."""
    for number, route in enumerate(told.routes, 1):
        yield from _route(str(number), route, "")
    if not told.consumer:
        head, sentence = nobody(told, Settings.expiry)
        yield f"→ {head}. {sentence}"
        return
    added = f", which the framework adds: {WHAT_DEFAULTS_DO.get(told.consumer, '')}" if told.is_default else ""
    yield f"→ route {told.number} of {len(told.routes)}{added}"
    yield f"  {told.consumer}{call(told)}"
    if told.view:
        yield f"  {told.view}"
    if told.problem:
        yield f"  ✕ this call would fail: {told.problem}"


def _route(number: str, route: RouteTried, indent: str) -> Iterator[str]:
    name = route.consumer or "include"
    said = {"other channel": f"  for {', '.join(route.channels)}", "not tried": "  not tried: the first match wins"}
    yield f"{indent}{number:>4} {SIGNS[route.outcome]} {name}{said.get(route.outcome, '')}"
    if route.outcome in said:
        return
    for one in route.filters:
        yield from (f"{indent}       {line}" for line in _filter(one))
    if route.kind == "include" and route.outcome != "filter failed":
        for place, inner in enumerate(route.inner, 1):
            yield from _route(f"{number}.{place}", inner, indent + "    ")


def _filter(one: FilterTried) -> Iterator[str]:
    yield f"{one.key} ~ {one.pattern}" + ("  not tried" if one.outcome == "not tried" else "")
    if one.outcome in ("matched", "failed"):
        yield f"{' ' * len(one.key)} = {one.value}"
    if reason := "".join(f"“{words.text}”" if words.is_typed else words.text for words in why(one)):
        yield f"✕ {reason}"
    if one.rest is not None:
        yield f"inner routes see “{one.rest}”"


def _attribute(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if not value and "=" not in text:
        raise ValueError(f"{text!r} is no attribute: expected NAME=TEXT or NAME:=VALUE")
    if not name.endswith(":"):
        return name, value
    try:
        return name[:-1], ast.literal_eval(value)
    except (ValueError, SyntaxError):
        raise ValueError(f"{text!r}: behind := there must be a value of Python's, such as 3 or b'bytes'") from None
