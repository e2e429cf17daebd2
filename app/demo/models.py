# SPDX-License-Identifier: GPL-3.0-or-later
"""What the chat remembers, and which jobs are done."""

from __future__ import annotations

from django.db import models


class ChatMessage(models.Model):
    """One line of a room's conversation."""

    room = models.CharField(max_length=50)
    username = models.CharField(max_length=40)
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The history of a room is read by room, newest first."""

        indexes = [models.Index(fields=["room", "-id"], name="room_newest_first")]

    def __str__(self) -> str:
        return f"{self.room}: {self.username}: {self.text}"


class Job(models.Model):
    """One piece of work in the background; the row, not the message, says whether it is done."""

    NEW, DONE = "new", "done"

    name = models.CharField(max_length=80)
    status = models.CharField(max_length=4, default=NEW)
    tries = models.PositiveIntegerField(default=0)  # how many times it was begun

    def __str__(self) -> str:
        return f"{self.name}: {self.status}, tries {self.tries}"


class Sweep(models.Model):
    """One look at the jobs: how many were not done, and so were sent again."""

    missing = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.missing} missing"
