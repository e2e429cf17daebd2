# SPDX-License-Identifier: GPL-3.0-or-later
"""Delayed messages as a Django application: `channels.delay` in INSTALLED_APPS."""

from __future__ import annotations

from django.apps import AppConfig


class DelayConfig(AppConfig):
    """Its name and label."""

    name = "channels.delay"
    label = "channels_delay"  # Django 5.2 wants an identifier
    verbose_name = "Delayed messages"
    default_auto_field = "django.db.models.BigAutoField"
