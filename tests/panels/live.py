# SPDX-License-Identifier: GPL-3.0-or-later
"""A live system made of events, for the panels that show one: clients, a server, workers, messages that wait."""

from types import SimpleNamespace

from PyQt5.QtWidgets import QApplication

from app import events as e
from app.inbox import Inbox
from app.settings import Settings
from app.store import Store

NOW = 1_000_000.0
REPLY = "daphne.response.kXaP!"
NAMES = ("ada", "bob", "cy", "dora", "eli", "flo", "gus")


class FakeLab:
    """Writes down which verbs were called."""

    def __init__(self):
        self.inbox = Inbox()
        self.calls = []
        self.address = "http://127.0.0.1:8000/"
        self.owns_redis = True
        self.no_freeze = ""
        self.settings = SimpleNamespace(expiry=60, workers=3, prefix="asgi:", django_settings=Settings.django_settings)

    def __getattr__(self, verb):
        if verb.startswith("_"):
            raise AttributeError(verb)
        return lambda *args, **kwargs: self.calls.append((verb, *args, *([kwargs] if kwargs else [])))


class LiveStand:
    """One panel on one store, fed as the window feeds it."""

    def __init__(self, qtbot, theme):
        self.qtbot, self.theme = qtbot, theme
        self.store, self.lab, self.panel = Store(), FakeLab(), None
        self.now = NOW

    def show(self, kind, width=788, height=330, **given):
        self.panel = kind(self.store, self.lab, self.theme, **given)
        self.qtbot.addWidget(self.panel)
        self.panel.resize(width, height)
        with self.qtbot.waitExposed(self.panel):
            self.panel.show()
        self.tick()
        return self.panel

    def feed(self, *events):
        since = self.store.end
        self.store.extend(events)
        if self.panel:
            self.panel.advance(since)
            self.tick()

    def gestures(self):
        """Bring what the panel put into the inbox to the store, and return it."""
        events = self.lab.inbox.take()
        self.feed(*events)
        return events

    def tick(self, seconds=0.0):
        self.now += seconds
        self.panel.tick(self.now)
        QApplication.processEvents()


def started(workers=3, expiry=60, capacity=100, t=NOW):
    """The live system is there, with so many idle workers."""
    events = [
        e.LabStarted(t=t - 90, source="lab", expiry=expiry, capacity=capacity, prefix="asgi:", workers=workers),
        e.SourceStarted(t=t - 90, source="lab", name="server", pid=4308),
        e.SourceReady(t=t - 90, source="server", name="server", detail="http://127.0.0.1:8000/"),
    ]
    for number in range(1, workers + 1):
        name = f"worker-{number}"
        events.append(e.WorkerStarted(t=t - 90, source="lab", worker=name, pid=4310 + number))
        events.append(e.WorkerReady(t=t - 89, source=name, worker=name, channels=("websocket.receive",)))
    return events


def client(number=1, name="", t=NOW):
    """A browser holds a WebSocket open; its number is that of its connection."""
    connection, place = f"c{number}", "server"
    return [
        e.ConnectionOpened(
            t=t - 60, source=place, connection=connection, client=f"127.0.0.1:{53000 + number}", server="127.0.0.1:8000"
        ),
        e.HandshakeSeen(t=t - 60, source=place, connection=connection, target="/chat/lobby/", status=101),
        e.ReplyChannelOpened(t=t - 60, source=place, connection=connection, channel=f"{REPLY}{number}"),
        e.ClientNamed(t=t - 59, source=place, connection=connection, name=name or NAMES[number - 1]),
    ]


def built_in(number=1, name=""):
    """The same, but the client is one of ours."""
    name = name or NAMES[number - 1]
    return [
        *client(number, name),
        e.ClientAdded(t=NOW - 59, source="lab", name=name, address=f"127.0.0.1:{53000 + number}", room="lobby"),
    ]


def key(number):
    return f"{number:032x}"


def sent(number, t=NOW, expiry=60, connection="c1", channel="websocket.receive", source="server", **fields):
    return e.MessageSent(
        t=t, source=source, key=key(number), channel=channel, body=b"\x80", expiry=expiry, connection=connection,
        n=number, **fields,
    )  # fmt: skip


def taken(number, by="worker-1", t=NOW, channel="websocket.receive", **fields):
    return e.MessageReceived(t=t, source=by, key=key(number), channel=channel, **fields)


def expired(number, t=NOW):
    return e.MessageExpired(t=t, source="redis", key=key(number))


def killed(number, t=NOW):
    return e.WorkerExited(t=t, source="lab", worker=f"worker-{number}", signal="KILL")
