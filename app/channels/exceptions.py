# SPDX-License-Identifier: GPL-3.0-or-later
"""What a consumer may raise to say something to its worker."""

from __future__ import annotations


class ConsumeLater(Exception):
    """Put the message back at the end of its channel: it cannot be consumed yet."""


class DenyConnection(Exception):
    """Refuse the opening handshake; only in a consumer of `websocket.connect`."""


class RequestTimeout(Exception):
    """The rest of a request's body did not come in time."""


class RequestAborted(Exception):
    """The client went away before its request was complete."""
