# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells of rows that consumers save with Django's models, once they are certain: committed."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.channels.outbox import current

DEMO = "app.demo.models"
SHOWN = 80  # letters of what a row says of itself


def tell_saves() -> None:
    """Listen to all models of this process; what is saved past them (`bulk_create`, SQL) is not heard of."""
    from django.db.models.signals import post_save

    post_save.connect(_saved, weak=False, dispatch_uid="channelscope")


def _saved(sender: Any, instance: Any, created: bool, using: str, **_: Any) -> None:
    from django.db import transaction

    if (outbox := current()) is not None:
        shows = str(instance)[:SHOWN] if sender.__module__ == DEMO else ""
        tell = partial(outbox.tell_row, sender._meta.label_lower, str(instance.pk), created, shows)
        transaction.on_commit(tell, using)
