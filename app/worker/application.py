# SPDX-License-Identifier: GPL-3.0-or-later
"""The application a worker runs: a Django project's settings and routing, or a routing alone."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.channels.asgi import DEFAULT, channel_layers
from app.channels.defaults import router_with_defaults
from app.channels.routing import Consumer, Router, route
from app.settings import Settings
from app.worker.hooks import Hooks, django_hooks
from app.worker.rows import tell_saves

if TYPE_CHECKING:
    from app.channels.delay.tempo import Tempo


def chosen(channels: Iterable[str], only: Sequence[str], without: Sequence[str]) -> list[str]:
    """Return the channels that match one of the globs `only` (if there are any) and none of `without`."""
    return sorted(
        name
        for name in channels
        if (not only or any(fnmatch.fnmatchcase(name, glob) for glob in only))
        and not any(fnmatch.fnmatchcase(name, glob) for glob in without)
    )


def load(settings: str, routing: str, answers_http: bool = True, tempo: Tempo | None = None) -> tuple[Router, Hooks]:
    """Return the router of an application, and what it wants done around consumers.

    Args:
        settings: the Django settings module; empty: no Django, `http.request` is then the routing's own affair.
        routing: the dotted name of the routing; empty: the one that the settings' CHANNEL_LAYERS names.
        answers_http: whether Django's views are wanted; without them a worker is ready sooner.
        tempo: of what is delayed.
    """
    if not settings:
        return router_with_defaults(routing or []), Hooks()
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django

    django.setup()
    tell_saves()
    if names := os.environ.get("CHANNELSCOPE_DATABASES"):
        _use_databases(json.loads(names))
    views: Consumer | None = None
    if answers_http:
        from app.channels.handler import DjangoViews

        views = DjangoViews()
    router = router_with_defaults(routing or channel_layers.routing_of(DEFAULT), views)
    if has_delay():
        from app.channels.delay.worker import CHANNEL, Keeper

        router.routes.append(route(CHANNEL, Keeper(tempo)))
    return router, django_hooks(sender=Router)


def _use_databases(names: Mapping[str, str]) -> None:
    """Use databases of other names than the settings say: those of a test (app/channels/test/liveserver.py)."""
    from django.db import connections

    for alias, name in names.items():
        connections[alias].settings_dict["NAME"] = connections.databases[alias]["NAME"] = name


def has_delay() -> bool:
    """Whether the application wants messages to be sent later."""
    from django.apps import apps

    return apps.ready and apps.is_installed("channels.delay")


def set_origin_check(settings: str, check: str) -> None:
    """Let the demo check the pages that open sockets in another way; other applications do as they like."""
    if settings == Settings.django_settings:
        from django.conf import settings as of_demo

        of_demo.ORIGIN_CHECK = check
