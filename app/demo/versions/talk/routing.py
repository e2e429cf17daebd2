# SPDX-License-Identifier: GPL-3.0-or-later
"""The routing in the manner of the 2016 talk: the first route that matches wins, consumers are named by a string."""

from channels.routing import include, route

chat_routing = [
    route("websocket.connect", "app.demo.consumers.ws_connect"),
    route("websocket.receive", "app.demo.consumers.ws_receive"),
    route("websocket.disconnect", "app.demo.consumers.ws_disconnect"),
]

drawing_routing = [
    route("websocket.connect", "app.demo.drawing.ws_connect"),
    route("websocket.receive", "app.demo.drawing.ws_receive"),
    route("websocket.disconnect", "app.demo.drawing.ws_disconnect"),
]

game_routing = [
    route("websocket.connect", "app.demo.game.ws_connect"),
    route("websocket.receive", "app.demo.game.ws_receive"),
    route("websocket.disconnect", "app.demo.game.ws_disconnect"),
]

turns_routing = [
    route("websocket.connect", "app.demo.turns.ws_connect"),
    route("websocket.receive", "app.demo.turns.ws_receive"),
]

channel_routing = [
    include(chat_routing, path=r"^/chat/(?P<room>[A-Za-z0-9_-]{1,50})/$"),
    include(drawing_routing, path=r"^/draw/(?P<room>[A-Za-z0-9_-]{1,50})/$"),
    include(game_routing, path=r"^/game/(?P<room>[A-Za-z0-9_-]{1,50})/$"),
    include(turns_routing, path=r"^/turns/(?P<room>unordered|slight|strict)/$"),
]
