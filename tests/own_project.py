# SPDX-License-Identifier: GPL-3.0-or-later
"""A Django 5.2 project in a folder of its own, with consumers and routing as one wrote them for Channels 1.x."""

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

MAIN = Path(__file__).parent.parent / "main.py"
FILES = {
    "project/__init__.py": "",
    "project/settings.py": """
        from pathlib import Path

        BASE_DIR = Path(__file__).parent.parent
        SECRET_KEY = "a secret of this test's own"
        DEBUG = True
        ALLOWED_HOSTS = []
        INSTALLED_APPS = [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "channels",
            "channels.delay",
            "core",
        ]
        MIDDLEWARE = [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ]
        ROOT_URLCONF = "project.urls"
        TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
        STATIC_URL = "/static/"
        DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": BASE_DIR / "db.sqlite3",
                "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
                "OPTIONS": {
                    "timeout": 10,
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA journal_mode=WAL;",
                },
            }
        }
        DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
        USE_TZ = True
        CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "asgi_redis.RedisChannelLayer",
                "CONFIG": {"hosts": [("localhost", 1)]},
                "ROUTING": "project.routing.channel_routing",
            }
        }
    """,
    "project/routing.py": """
        from channels.routing import include, route

        chat_routing = [
            route("websocket.connect", "core.consumers.ws_connect", path=r"^(?P<room>[a-z]+)/$"),
            route("websocket.receive", "core.consumers.ws_receive"),
            route("websocket.disconnect", "core.consumers.ws_disconnect"),
        ]

        channel_routing = [
            include(chat_routing, path=r"^/chat/"),
            route("chat-messages", "core.consumers.msg_consumer"),
        ]
    """,
    "project/urls.py": """
        from django.urls import path

        from core import views

        urlpatterns = [
            path("login/<name>/", views.enter),
            path("", views.home),
            path("room/<room>/", views.room, name="room"),
        ]
    """,
    "core/__init__.py": "",
    "core/models.py": """
        from django.db import models


        class ChatMessage(models.Model):
            room = models.CharField(max_length=50)
            message = models.TextField()
    """,
    "core/migrations/__init__.py": "",
    "core/consumers.py": """
        import json

        from channels import Channel, Group
        from channels.auth import channel_session_user, channel_session_user_from_http
        from channels.security.websockets import allowed_hosts_only
        from channels.sessions import channel_session, enforce_ordering

        from .models import ChatMessage


        @allowed_hosts_only
        @enforce_ordering
        @channel_session_user_from_http
        def ws_connect(message, room):
            message.reply_channel.send({"accept": True})
            message.channel_session["room"] = room
            Group("chat-%s" % room).add(message.reply_channel)
            say(room, "%s joined" % message.user.username)


        @enforce_ordering
        @channel_session_user
        def ws_receive(message):
            Channel("chat-messages").send({
                "room": message.channel_session["room"],
                "message": "%s: %s" % (message.user.username, message["text"]),
            })


        @enforce_ordering
        @channel_session_user
        def ws_disconnect(message):
            room = message.channel_session["room"]
            Group("chat-%s" % room).discard(message.reply_channel)
            say(room, "%s left" % message.user.username)


        def msg_consumer(message):
            ChatMessage.objects.create(room=message.content["room"], message=message.content["message"])
            say(message.content["room"], message.content["message"])
            if "later" in message.content["message"]:
                content = {"room": message.content["room"], "message": "and this is the delayed one"}
                Channel("asgi.delay").send({"channel": "chat-messages", "delay": 200, "content": content})


        def say(room, text):
            Group("chat-%s" % room).send({"text": json.dumps({"line": text})})
    """,
    "core/views.py": """
        from django.contrib.auth import get_user_model, login
        from django.http import HttpResponse
        from django.shortcuts import redirect, render

        from .models import ChatMessage


        def home(request):
            return HttpResponse("%d messages" % ChatMessage.objects.count())


        def enter(request, name):
            user, _ = get_user_model().objects.get_or_create(username=name)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("room", room="lobby")


        def room(request, room):
            return render(request, "core/room.html", {"room": room})
    """,
    "core/templates/core/room.html": """
        <!doctype html>
        <title>{{ room }}</title>
        {% load static %}
        <script src="{% static 'core/room.js' %}" defer></script>
        <form><label>Say <input name="text"></label><button>Send</button></form>
        <ol data-room="{{ room }}"></ol>
    """,
    "core/static/core/room.js": """
        const lines = document.querySelector("ol");
        const socket = new WebSocket(`ws://${location.host}/chat/${lines.dataset.room}/`);
        socket.onmessage = (event) => {
          const item = document.createElement("li");
          item.textContent = JSON.parse(event.data).line;
          lines.append(item);
        };
        document.querySelector("form").onsubmit = (event) => {
          event.preventDefault();
          socket.send(event.target.text.value);
          event.target.reset();
        };
    """,
}


def write(folder: Path) -> Path:
    """Write the project into a folder; returns it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip())
    shutil.copy(Path(__file__).parent / "channels" / "core_tests.py", folder / "core" / "tests.py")
    return folder


def manage(folder: Path, *words: str) -> str:
    """Run `main.py manage` in the project; returns what it prints."""
    command = [sys.executable, str(MAIN), "manage", *words, "--settings", "project.settings"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 or words[0] == "test", done.stderr
    return done.stdout + done.stderr


def prepared(folder: Path) -> Path:
    """Write the project and make its database; returns the folder."""
    write(folder)
    manage(folder, "makemigrations", "core")
    manage(folder, "migrate")
    return folder
