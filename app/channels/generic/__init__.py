# SPDX-License-Identifier: GPL-3.0-or-later
"""Consumers as classes."""

from app.channels.generic.base import BaseConsumer

__all__ = ["BaseConsumer"]
