# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Its name and label."""

    name = "app.demo"
    label = "demo"
