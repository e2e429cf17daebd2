# SPDX-License-Identifier: GPL-3.0-or-later
"""Which address shows which page."""

from __future__ import annotations

from django.urls import path, re_path

from app.demo import views
from app.demo.rooms import ROOM
from app.demo.turns import ROOMS

urlpatterns = [
    path("", views.enter, name="enter"),
    re_path(rf"^chat/(?P<room>{ROOM})/$", views.chat, name="chat"),
    re_path(rf"^turns/(?P<room>{'|'.join(ROOMS)})/$", views.chat, name="turns"),
    re_path(rf"^draw/(?P<room>{ROOM})/$", views.draw, name="draw"),
    re_path(rf"^game/(?P<room>{ROOM})/$", views.game, name="game"),
]
