# SPDX-License-Identifier: GPL-3.0-or-later
"""Which message goes to which consumer; `http.request` goes to Django's views, as always."""

from __future__ import annotations

from app.channels import route
from app.demo import consumers as chat
from app.demo import drawing, game, jobs, turns
from app.demo.rooms import ROOM

CHAT = rf"^/chat/(?P<room>{ROOM})/$"
DRAW = rf"^/draw/(?P<room>{ROOM})/$"
TURNS = rf"^/turns/(?P<room>{'|'.join(turns.ROOMS)})/$"
GAME = rf"^/game/(?P<room>{ROOM})/$"

_shared = [
    route("websocket.connect", chat.ws_connect, path=CHAT),
    route("websocket.disconnect", chat.ws_disconnect, path=CHAT),
    route("websocket.connect", drawing.ws_connect, path=DRAW),
    route("websocket.receive", drawing.ws_receive, path=DRAW),
    route("websocket.disconnect", drawing.ws_disconnect, path=DRAW),
    route("websocket.connect", game.ws_connect, path=GAME),
    route("websocket.receive", game.ws_receive, path=GAME),
    route("websocket.disconnect", game.ws_disconnect, path=GAME),
    route("websocket.connect", turns.ws_connect, path=TURNS),
    route("websocket.receive", turns.ws_receive, path=TURNS),
    route(chat.LINES, chat.take_line, path=CHAT),
    route(drawing.BEGUN, drawing.ws_receive, path=DRAW),
]

channel_routing = [*_shared, route("websocket.receive", chat.ws_receive, path=CHAT)]

# The talk's next step: the socket's consumer passes lines on, another one saves and broadcasts them.
through_chat_messages = [
    *_shared,
    route("websocket.receive", chat.ws_receive_and_pass_on, path=CHAT),
    route(chat.CHAT_MESSAGES, chat.save_and_broadcast),
]

# Work in the background, on three channels more.
with_jobs = [
    *channel_routing,
    route(jobs.ORDER, jobs.order),
    route(jobs.RUN, jobs.run),
    route(jobs.SWEEP, jobs.sweep),
]

# For invited workers: the database stays where it is, and so does whatever needs it.
away = [
    route("websocket.receive", chat.ws_receive_away, path=CHAT),
    route("websocket.receive", drawing.ws_receive_away, path=DRAW),
]
