# SPDX-License-Identifier: GPL-3.0-or-later
"""Which message goes to which consumer; `http.request` goes to Django's views, as always."""

from __future__ import annotations

from app.channels import route
from app.demo.consumers import ws_connect, ws_disconnect, ws_receive
from app.demo.rooms import ROOM

CHAT = rf"^/chat/(?P<room>{ROOM})/$"

channel_routing = [
    route("websocket.connect", ws_connect, path=CHAT),
    route("websocket.receive", ws_receive, path=CHAT),
    route("websocket.disconnect", ws_disconnect, path=CHAT),
]
