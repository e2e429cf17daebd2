# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels as a Django application, for INSTALLED_APPS; there it is called `channels`."""

from __future__ import annotations

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Its name and label, as in Channels 1.x."""

    name = "channels"
    label = "channels"
    verbose_name = "Channels"

    def ready(self) -> None:
        """Let bindings hear of their models, which are all there now."""
        from app.channels.binding.base import BindingMetaclass

        BindingMetaclass.register_all()
