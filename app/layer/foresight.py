# SPDX-License-Identifier: GPL-3.0-or-later
"""Which message a lone reader is given next, foreseen, so that the write that waits for it asks for its body, too.

One sender numbers the keys of its messages (app/layer/keys.py); once a reader was given two in turn, the next is
foreseen. Nothing depends on it: a body that was asked for is used only where BLPOP handed out that very key, and from
then on nobody but its reader touches it. Where several read, each is given every second message, or every third: that
could be foreseen as well, but then Redis has more to do while all are busy, and four of them got a quarter less done.
"""

from __future__ import annotations

from app.layer.keys import KEY_DIGITS, NUMBER_DIGITS, STEP


class Foresight:
    """What one reader learns from the body keys that it was given.

    Attributes:
        key: that of the next body, with its prefix; empty where nothing is foreseen.
    """

    def __init__(self) -> None:
        self.key = b""
        self._after = b""  # the key that would follow the last one

    def see(self, key: bytes) -> None:
        """Learn from the next one."""
        is_next = key == self._after
        self._after = following(key)
        self.key = self._after if is_next else b""


def following(key: bytes) -> bytes:
    """Return the key that its sender makes after this one; empty for somebody else's."""
    head, digits, end = (
        key[:-KEY_DIGITS],
        key[-KEY_DIGITS : NUMBER_DIGITS - KEY_DIGITS],
        key[NUMBER_DIGITS - KEY_DIGITS :],
    )
    try:
        return b"%b%08x%b" % (head, (int(digits, 16) + STEP) & 0xFFFFFFFF, end)
    except ValueError:
        return b""
