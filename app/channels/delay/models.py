# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that wait for their time."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from app.channels.outbox import Outbox
from app.layer import Refused

AT_ONCE = 200  # rows written at once


class DelayedMessageQuerySet(models.QuerySet):
    """Can tell which are due, and move the times of all."""

    def is_due(self) -> DelayedMessageQuerySet:
        """Return those whose time has come, the oldest first."""
        return self.filter(due_date__lte=timezone.now()).order_by("due_date", "pk")

    def move(self, factor: float, offset: float) -> None:
        """Let what is due at `t`, in seconds since the epoch, be due at `factor * t + offset`."""
        kept = list(self.all())
        for message in kept:
            due = message.due_date
            message.due_date = datetime.fromtimestamp(factor * due.timestamp() + offset, due.tzinfo)
        self.bulk_update(kept, ["due_date"], AT_ONCE)  # not those that are sent meanwhile: their rows are gone


class DelayedMessage(models.Model):
    """A message, where it goes, and when."""

    due_date = models.DateTimeField(db_index=True)
    channel_name = models.CharField(max_length=512)
    content = models.TextField()

    objects = DelayedMessageQuerySet.as_manager()

    class Meta:
        app_label = "channels_delay"

    @property
    def delay(self) -> int:
        """Milliseconds from now; to be set."""
        return round((self.due_date - timezone.now()).total_seconds() * 1000)

    @delay.setter
    def delay(self, milliseconds: int) -> None:
        self.due_date = timezone.now() + timedelta(milliseconds=milliseconds)

    def send(self, outbox: Outbox, requeue_delay: int) -> bool:
        """Send it, unless another process did; where there is no room it waits so many milliseconds more.

        Returns whether it was sent.
        """
        is_mine = type(self).objects.filter(pk=self.pk).delete()[0] == 1
        if not is_mine:
            return False
        content: dict[str, Any] = json.loads(self.content)
        try:
            outbox.send(self.channel_name, content, immediately=True)
        except Refused:
            self.delay = requeue_delay
            self.save(force_insert=True)  # under the number it had
            return False
        return True
