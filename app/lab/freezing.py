# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that stop the world, and let it go on slowly or step by step."""

from __future__ import annotations

from concurrent.futures import Future

from app.lab.core import Core


class FreezingVerbs(Core):
    """Freeze, thaw, step, and the speed."""

    def freeze(self) -> Future[None]:
        """Hold every message where it is, and let no key in Redis grow older."""
        return self._do("freeze", lambda: self._in_turn(self._live.freezing.freeze))

    def thaw(self) -> Future[None]:
        """Let everything go on exactly from there."""
        return self._do("thaw", lambda: self._in_turn(self._live.freezing.thaw))

    def step(self, gate: str = "", number: int = 0, channel: str = "", holder: str = "") -> Future[None]:
        """Let one message pass one gate; without arguments the one that is furthest on its way.

        Args:
            gate: "send", "receive", "consumer", "replies" or "frames".
            number: of a held message, as MessageHeld tells it.
            channel: of the message; at "receive" the one that a worker is to take from.
            holder: the process: "server", "worker-1" …
        """
        return self._do("step", lambda: self._live.freezing.step(gate, number, channel, holder))

    def set_speed(self, speed: float) -> Future[None]:
        """Let every gate hold each message for a while: 0.1 is slow motion, 1 is as fast as it goes."""
        return self._do("set_speed", lambda: self._in_turn(lambda: self._live.freezing.set_speed(speed)))

    @property
    def no_freeze(self) -> str:
        """Why the live system cannot be frozen, "" when it can."""
        return self._live.freezing.refusal
