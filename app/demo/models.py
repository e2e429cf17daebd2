# SPDX-License-Identifier: GPL-3.0-or-later
"""What the chat remembers."""

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
