# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a message on the channel layer is now: its keys and their time to live, or what became of it."""

from __future__ import annotations

import html

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget

from app.console.meaning import commands_for, shortened
from app.entities import Fate, Message
from app.events import MessageHeld
from app.keys_then import bodies_of
from app.settings import PREFIX
from app.state import State
from panels.inspector.parts import KeyLine, TimeBar, clear, column, label, linked
from panels.inspector.view import name_of
from panels.stage.held import SAYS
from panels.theme import Theme
from panels.times import span

EFFECTS_SHOWN = 6

_ENDS = {
    Fate.EXPIRED: "Nobody took it: Redis deleted its body when its time was over. Nobody was told.",
    Fate.LOST: "Its worker was killed while it held the message. It is gone: at most once.",
    Fate.NO_ROUTE: "The worker found no consumer for it.",
    Fate.SOCKET_CLOSED: "The socket it was for had closed.",
    Fate.UNREADABLE: "Its body could not be read.",
    Fate.WIPED: "Redis was emptied while it waited.",
    Fate.DROPPED: "It was dropped on purpose.",
    Fate.UNSEEN: "It is no longer in Redis. What became of it we did not see: observations were dropped.",
}
_REASONS = {
    "never fetched": "A worker had popped it from its queue and never fetched its body: it was killed in between,"
    " or stood still until the body had expired. It is gone: at most once.",
}


class OnLayer(QWidget):
    """One message's keys while they exist, and then its story; built anew only when the message has moved."""

    picked = pyqtSignal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._body = column(self, spacing=6)
        self._shown: tuple[object, ...] = ()
        self._message: Message | None = None
        self._bar: TimeBar | None = None
        self._since = label("", "small")

    def show_message(self, state: State, message: Message, now: float) -> None:
        """Show where the message is."""
        effects = state.effects.get(message.key, [])
        queue = state.channel_of(message.channel)
        entries = queue.entries
        held = next((one for one in state.gates.values() if message.key in (one.key, one.cause)), None)
        has_body = message.key in bodies_of(state, queue, now)
        count = entries if message.fate.is_open else 0
        shown = (message.key, message.fate, message.started, len(effects), count, held, has_body)
        self._state = state
        if shown != self._shown:
            self._shown, self._message = shown, message
            self._build(state, message, entries, held)
            if has_body:
                self._without_entry(message, state.settings.prefix if state.settings else PREFIX)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Let the bar run down."""
        message = self._message
        if message and self._bar:
            self._bar.show_time(self._state.left(message, now), message.expiry)
        if message and message.fate is Fate.HELD:
            self._since.setText(f"for {span(now - (message.started or message.received or message.popped))} now")

    def show_gate(self, held: MessageHeld) -> None:
        """Show that a frame's message waits at a gate, and is not in Redis yet."""
        if self._shown != (held,):
            self._shown, self._message, self._bar = (held,), None, None
            clear(self._body)
            self._say_held(held)

    def _say_held(self, held: MessageHeld) -> None:
        who = "The interface server" if held.source == "server" else held.source
        what = "it" if held.gate != "replies" else f"what goes to <code>{html.escape(held.channel)}</code>"
        behind = f", and {held.behind} more behind it" if held.behind else ""
        self._say(f"❚❚ {who} holds {what} {SAYS[held.gate]}{behind}.")

    def _build(self, state: State, message: Message, entries: int, held: MessageHeld | None) -> None:
        clear(self._body)
        self._bar = None
        if held:
            self._say_held(held)
            if held.gate == "frames":
                return
        prefix = state.settings.prefix if state.settings else PREFIX
        if message.fate is Fate.WAITING:
            self._waiting(message, prefix, state.channel_of(message.channel).name, entries)
        elif message.fate is Fate.HELD:
            self._held(message)
        elif message.fate is Fate.DELIVERED:
            self._delivered(state, message)
        else:
            self._body.addWidget(label(_REASONS.get(message.reason) or _ENDS[message.fate]))
            if message.fate is Fate.EXPIRED and message.key in state.channel_of(message.channel).ghosts:
                queue = prefix + state.channel_of(message.channel).name
                self._body.addWidget(KeyLine(queue, "still lists it: a ghost"))
                self._say(command_links("channel", queue), "small")

    def _waiting(self, message: Message, prefix: str, queue: str, entries: int) -> None:
        self._body.addWidget(KeyLine(prefix + queue, f"list · {entries}"))
        self._add_body(message, prefix)

    def _without_entry(self, message: Message, prefix: str) -> None:
        """Show a body whose place in the queue is gone."""
        self._say("Its body is still in Redis, and no list names it:")
        self._add_body(message, prefix)

    def _add_body(self, message: Message, prefix: str) -> None:
        key = f"{prefix}{message.key[:4]}…{message.key[-2:]}"
        line = KeyLine(key, f"string · {len(message.body)} B")
        line.setToolTip(prefix + message.key)
        self._body.addWidget(line)
        self._bar = TimeBar(self.theme)
        self._body.addWidget(self._bar)
        self._say(command_links("message", prefix + message.key), "small")

    def _held(self, message: Message) -> None:
        verb = "runs its consumer" if message.started else "holds it"
        took = "took it" if message.received else "took its place in the list"
        after = span((message.received or message.popped) - message.sent)
        self._say(f"{link('worker', message.taken_by)} {took} after {after} and {verb}.")
        self._since = label("", "small")
        self._body.addWidget(self._since)

    def _delivered(self, state: State, message: Message) -> None:
        after = span(message.received - message.sent)
        if message.taken_by == "server":
            goal = html.escape(name_of(state, message.became[0]))
            self._say(f"The interface server took it after {after} and sent it to {goal}.")
            return
        ran = f" Its consumer ran {span(message.ended - message.started)}." if message.started else ""
        self._say(f"{link('worker', message.taken_by)} took it after {after}.{ran}")
        effects = [state.messages[key] for key in state.effects.get(message.key, ()) if key in state.messages]
        if not effects:
            self._say("It sent nothing because of it.")
            return
        count = "one message" if len(effects) == 1 else f"{len(effects)} messages"
        self._say(f"It sent {count} because of it:")
        for effect in effects[:EFFECTS_SHOWN]:
            self._body.addWidget(self._effect(state, effect))
        if len(effects) > EFFECTS_SHOWN:
            self._body.addWidget(label(f"and {len(effects) - EFFECTS_SHOWN} more", "small"))

    def _effect(self, state: State, effect: Message) -> QWidget:
        line = linked(sent_line(state, effect, with_group=False))
        line.linkActivated.connect(self._follow)
        return line

    def _say(self, text: str, role: str = "") -> None:
        line = linked(text, role)
        line.linkActivated.connect(self._follow)
        self._body.addWidget(line)

    def _follow(self, link: str) -> None:
        kind, _, item = link.partition(":")
        self.picked.emit(kind, item)


def command_links(kind: str, key: str) -> str:
    """Return links that run the commands which show a key of this kind in the console."""
    names = {line: shortened(line).replace(" ", "\N{NO-BREAK SPACE}") for line in commands_for(kind, key)}
    return "Show the command: " + " · ".join(link("command", line, name) for line, name in names.items())


def link(kind: str, item: str, text: str = "") -> str:
    """Return a link that selects something: its kind and item."""
    return f'<a href="{kind}:{html.escape(item)}">{html.escape(text or item)}</a>'


def sent_line(state: State, effect: Message, with_group: bool = True) -> str:
    """Say what a consumer sent, and what became of it, with links."""
    to = effect.became[0] or next((c.id for c in state.connections.values() if c.reply_channel == effect.channel), "")
    goal = f"reply to {name_of(state, to)}" if to else effect.channel
    group = f" · group {link('group', effect.group)}" if effect.group and with_group else ""
    return f"→ {link('message', effect.key, goal)}{group} · {effect.fate.value}"
