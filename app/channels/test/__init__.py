# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of a Channels 1.x application are written with, under the names of the original."""

from app.channels.test.base import ChannelTestCase, Client, TransactionChannelTestCase, apply_routes
from app.channels.test.liveserver import ChannelLiveServerTestCase
from app.channels.test.websocket import HttpClient, WSClient

__all__ = [
    "ChannelLiveServerTestCase",
    "ChannelTestCase",
    "Client",
    "HttpClient",
    "TransactionChannelTestCase",
    "WSClient",
    "apply_routes",
]
