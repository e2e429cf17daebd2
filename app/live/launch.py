# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines and environments with which the live system's processes are started."""

from __future__ import annotations

from pathlib import Path

from app.live.room import names_of
from app.settings import Settings

PREPARE_DEMO = "app.demo.prepare.prepare"


def layer_args(settings: Settings) -> list[str]:
    """Return the options of the channel layer, which server and workers share."""
    values = {
        "--prefix": settings.prefix,
        "--expiry": settings.expiry,
        "--group-expiry": settings.group_expiry,
        "--capacity": settings.capacity,
    }
    return [*(word for name, value in values.items() for word in (name, str(value))), *settings.faults.options]


def server_args(settings: Settings) -> list[str]:
    """Return the options of the interface server but where it listens."""
    args = [*layer_args(settings), "--hosts", *names_of(settings), "--origin-check", settings.origin_check]
    args += ["--certfile", settings.certfile] if settings.certfile else []
    args += ["--keyfile", settings.keyfile] if settings.keyfile else []
    args += ["--deflate"] if settings.has_deflate else []
    return [*args, "--echo"] if settings.has_echo else args


def worker_args(settings: Settings, is_prepared: bool, gates: list[str]) -> list[str]:
    """Return the options of a worker; `is_prepared` says whether the demo's database is there."""
    args = [*application_args(settings), "--receive", settings.receive]
    if not is_prepared and settings.django_settings == Settings.django_settings:
        args += ["--prepare", PREPARE_DEMO]
    return [*layer_args(settings), *args, *gates]


def application_args(settings: Settings) -> list[str]:
    """Return the options that say which application is run."""
    args = ["--settings", settings.django_settings, "--routing", settings.routing]
    return [*args, "--project", settings.project] if settings.project else args


def environment(settings: Settings, folder: Path | None, redis_url: str) -> dict[str, str]:
    """Return what server and workers find in their environment; `folder` is the run's own."""
    return {
        "CHANNELSCOPE_REDIS": redis_url,  # it may hold a password: not for everybody who types `ps`
        "CHANNELSCOPE_DATA": settings.data or str(folder),
        "CHANNELSCOPE_HOSTS": "*",  # the interface server sees to it (app/live/room.py): the room opens and closes
        "CHANNELSCOPE_ORIGIN_CHECK": settings.origin_check,
        "CHANNELSCOPE_CONSUMER_SECONDS": str(settings.consumer_seconds),
    }
