# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of `make shot` that show the tabs Routing and Code."""

from __future__ import annotations

from tests.shot_runner import Conditions, Story, moment


class Code(Story):
    """Consumers looked at, tried, edited, broken."""

    def versions(self) -> set[str]:
        """Of the consumers that living workers run; those killed for an earlier picture stay dead."""
        return {w.version if w.status == "idle" else w.status for w in self.state.workers.values() if w.is_alive}

    def routing(self) -> Conditions:
        self.window.bench.bring_up(self.window.routing)
        yield lambda: self.window.routing.explorer
        self.window.routing.explorer.take("websocket.receive", {"path": "/chat/the lobby/", "text": "hello"})
        yield lambda: self.state.explained
        yield from moment(0.3)

    def routing_no_worker(self) -> Conditions:
        self.window.routing.explorer.take("chat-messages", {"room": "lobby"})
        yield from moment(0.6)

    def code(self) -> Conditions:
        self.window.bench.bring_up(self.window.code)
        yield lambda: self.window.code.desk
        self.window.code.show_consumer("app.demo.consumers.ws_receive")
        yield from moment(0.3)

    def code_wrong(self) -> Conditions:
        desk = self.window.code.desk
        text = desk.drafts.text("consumers").replace(
            "@channel_session\ndef ws_receive(", "@chanel_session\ndef ws_receive("
        )
        desk.editor.show_text(text)
        desk.use.click()
        yield lambda: self.state.checked
        yield from moment(0.3)

    def code_talk(self) -> Conditions:
        desk = self.window.code.desk
        desk.talk.click()
        desk.use.click()
        yield lambda: self.state.version
        yield lambda: self.versions() == {"talk"}
        desk.difference.click()
        yield from moment(0.5)

    def routing_include(self) -> Conditions:
        self.window.code.desk.difference.click()
        self.window.bench.bring_up(self.window.routing)
        before = self.state.explained
        self.window.routing.explorer.take("websocket.receive", {"path": "/chat/lobby/", "text": "hello"})
        yield lambda: self.state.explained is not before
        yield from moment(0.3)

    def code_failed(self) -> Conditions:
        self.window.bench.bring_up(self.window.code)
        desk = self.window.code.desk
        text = desk.drafts.text("consumers").replace('said["data"]', 'said["line"]')
        desk.editor.show_text(text)
        desk.use.click()
        yield lambda: self.versions() == {"edited"}
        self.lab.send_text("bob", "hello?")
        yield lambda: any(worker.failed for worker in self.state.workers.values())
        yield from moment(0.5)
        self.window.bench.bring_up(self.window.workers)
        self.window.bench.bring_up(self.window.code)
