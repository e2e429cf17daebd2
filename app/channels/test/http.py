# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the client was before Channels 1.1.7."""

from app.channels.test.websocket import HttpClient

__all__ = ["HttpClient"]
