# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages: say who you are, then chat, draw or play."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from app.demo.rooms import FIRST_ROOM, NAME_LIMIT, is_room, tidied


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for a name and a room; a POST remembers the name and goes to the room, to chat, draw or play."""
    name = tidied(request.POST.get("name", request.session.get("username", "")))
    room = request.POST.get("room", request.GET.get("room", FIRST_ROOM)).strip()
    wanted = request.POST.get("page", request.GET.get("page", ""))
    problem = ""
    if request.method == "POST":
        problem = _problem(name, room)
        if not problem:
            request.session["username"] = name
            return redirect(wanted if wanted in ("draw", "game") else "chat", room=room)
    page = {"name": name, "room": room, "problem": problem, "name_limit": NAME_LIMIT, "wanted": wanted}
    return render(request, "demo/enter.html", page, status=400 if problem else 200)


@require_safe
def chat(request: HttpRequest, room: str) -> HttpResponse:
    """Show a room. The page does not say who you are: its socket does, so that everybody sees how it knows."""
    return render(request, "demo/chat.html", {"room": room})


@require_safe
def draw(request: HttpRequest, room: str) -> HttpResponse:
    """Show a room's sheet of paper."""
    return render(request, "demo/draw.html", {"room": room})


@require_safe
def game(request: HttpRequest, room: str) -> HttpResponse:
    """Show a room's field."""
    return render(request, "demo/game.html", {"room": room})


def _problem(name: str, room: str) -> str:
    if not name:
        return "Please enter a name."
    if not is_room(room):
        return "A room's name has 1 to 50 of the letters a to z, digits, - and _."
    return ""
