# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.journey_shots`: pictures of ways in the real window; words on the command line choose among them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from tests.shot_runner import FOLDER, moment, run
from tests.shots import Tour


class Ways(Tour):
    """A chat, and one of its messages selected in several places."""

    def way_frame(self) -> Iterator[Callable[[], object]]:
        """A frame whose message went to three sockets."""
        yield from self.chat()
        yield from moment(0.8)

    def way_run(self):
        """Two steps on: the run of its consumer, beside the workers and their log."""
        self.window.bench.bring_up(self.window.workers)
        for _ in range(2):
            self._keys("Right")
            yield from moment(0.2)
        yield from moment(0.5)

    def way_sent(self):
        """On to the group that it sent to, in Redis."""
        self.window.bench.bring_up(self.window.redis)
        self._keys("Right")
        yield from moment(0.8)

    def way_reply(self):
        """The second of the copies, in the Journal."""
        self.window.bench.bring_up(self.window.journal)
        for key in ("Right", "Down"):
            self._keys(key)
            yield from moment(0.2)
        yield from moment(0.5)

    def way_out(self):
        """The frame that the reply became, on the Ladder."""
        self.window.bench.bring_up(self.window.ladder)
        self._keys("Right")
        yield from moment(0.5)

    def way_metrics(self):
        """A message's fate in the ledger."""
        self.window.bench.bring_up(self.window.metrics)
        yield from moment(1.0)

    def way_group(self):
        """A group and its members."""
        self.window.bench.bring_up(self.window.redis)
        self.window.redis.select("group", "chat-lobby")
        yield from moment(0.8)

    def way_waits(self):
        """A message that waits as nobody takes it, with a ghost before it."""
        self.lab.set_expiry(5)
        self.lab.kill_all_workers()
        yield lambda: not any(worker.is_alive for worker in self.state.workers.values())
        self.lab.send_text("bob", "is anyone there?")
        yield lambda: self.ghosts() == 1
        self.lab.send_text("ada", "now, perhaps?")
        yield lambda: self.waiting() == 1
        self.window.bench.bring_up(self.window.redis)
        self.window.wire.select("frame", self.frame())
        yield from moment(1.0)

    def way_ended(self):
        """The one that expired."""
        (ghost,) = list(self.state.channel_of("websocket.receive").ghosts)[:1]
        self.window.bench.bring_up(self.window.wire)
        self.window.wire.select("message", ghost)
        yield from moment(0.5)

    def way_keys(self):
        """All shortcuts, those along the way among them."""
        self.window.transport.shortcuts.toggle()
        yield from moment(0.3)

    def way_file(self):
        """The session as a file: its packets can be saved; a run of it is selected."""
        self.window.transport.shortcuts.hide()
        path = FOLDER / "way.cscope"
        self.window.session.save(path)
        self.window.open_capture(path)
        yield lambda: not self.window.session._shown[0].is_reading
        yield from moment(1.0)
        self.window.bench.bring_up(self.window.wire)
        store = self.window.travel.store
        run = next(m.key for m in reversed(store.state.messages.values()) if m.n and m.started)
        self.window.inspector.select("run", run)
        yield from moment(0.6)

    def _keys(self, key: str) -> None:
        follow = self.window.follow
        {"Right": follow.on, "Left": follow.back, "Down": follow.next, "Up": follow.previous}[key]()


STATES = (
    "way_frame", "way_run", "way_sent", "way_reply", "way_out", "way_metrics", "way_group", "way_waits", "way_ended",
    "way_keys", "way_file",
)  # fmt: skip


if __name__ == "__main__":
    sys.exit(run("tests.journey_shots", Ways, STATES, sys.argv[1:]))
