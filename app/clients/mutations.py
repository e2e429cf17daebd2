# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to break an opening handshake on purpose, and what RFC 6455 says must come of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Mutation:
    """One change to a right handshake.

    Attributes:
        name: what lessons and events call it.
        change: what is sent instead, one sentence.
        statuses: the answers that the RFC allows or, for an ordinary request, HTTP does.
        section: where the RFC says so.
        why: the reason for the rule.
        party: who is to notice: "server", or "client" when a lying server of ours answers.
    """

    name: str
    change: str
    statuses: tuple[int, ...]
    section: str
    why: str
    party: Literal["server", "client"] = "server"

    @property
    def predicted(self) -> str:
        """What is to be expected, in few words."""
        text = " or ".join(map(str, self.statuses))
        return f"{text}, client leaves" if self.party == "client" else text


MUTATIONS = (
    Mutation(
        "nothing", "The handshake is sent as it should be.", (101,), "4.2.2",
        "All that the RFC asks for is there, so the server switches protocols.",
    ),
    Mutation(
        "no key", "The request has no Sec-WebSocket-Key.", (400,), "4.2.1",
        "Without a key the server cannot prove that it understood.",
    ),
    Mutation(
        "short key", "The key is the base64 form of 5 bytes, not of 16.", (400,), "4.2.1",
        "16 random bytes make a key that no old answer fits by accident.",
    ),
    Mutation(
        "version 8", "Sec-WebSocket-Version is 8, a draft of 2011.", (426,), "4.2.2",
        "426 means Upgrade Required; the answer names the versions that the server speaks.",
    ),
    Mutation(
        "post", "The method is POST instead of GET.", (400, 405), "4.1",
        "A form of any page can make a browser send a POST; only GET opens a WebSocket.",
    ),
    Mutation(
        "no host", "The request has no Host header.", (400,), "4.2.1",
        "One address may serve many names; HTTP/1.1 itself demands 400 here (RFC 9112 §3.2).",
    ),
    Mutation(
        "no upgrade", "The request has no Upgrade header.", (200,), "4.2.1",
        "Nobody asked for another protocol: it is an ordinary GET, and the page comes back.",
    ),
    Mutation(
        "wrong accept", "A lying server of ours answers with the accept value of another key.", (101,), "4.1",
        "The client must fail the connection: who answered did not read its key.", "client",
    ),
    Mutation(
        "unasked subprotocol", "A lying server of ours chooses a subprotocol that was not offered.", (101,), "4.1",
        "The client must fail the connection: the two would not speak the same language.", "client",
    ),
)  # fmt: skip

BY_NAME = {mutation.name: mutation for mutation in MUTATIONS}
