# SPDX-License-Identifier: GPL-3.0-or-later
"""Which message a lone reader is given next, foreseen, so that the write that waits for it asks for its body, too.

One sender numbers the keys of its messages (app/layer/keys.py); once a reader was given two in turn, the next is
foreseen. Nothing depends on it: a body that was asked for is used only where BLPOP handed out that very key, and from
then on nobody but its reader touches it. Where several read, each is given every second message, or every third: that
could be foreseen as well, but then Redis has more to do while all are busy, and four of them got a quarter less done.
"""

from __future__ import annotations

from app.layer.keys import NUMBER_DIGITS


class Foresight:
    """What one reader learns from the body keys that it was given.

    Attributes:
        key: that of the next body, with its prefix; empty where nothing is foreseen.
    """

    def __init__(self) -> None:
        self.key = b""
        self._stem, self._number = b"", 0

    def see(self, key: bytes) -> None:
        """Learn from the next one."""
        if key == self.key:
            self._number += 1
        elif not self._is_next(key):
            self.key = b""
            return
        self.key = b"%b%08x" % (self._stem, self._number + 1)

    def _is_next(self, key: bytes) -> bool:
        """Note a key that was not foreseen; return whether it is the one after the last."""
        stem, last = self._stem, self._number
        self._stem = key[:-NUMBER_DIGITS]
        try:
            self._number = int(key[-NUMBER_DIGITS:], 16)
        except ValueError:  # somebody else's key
            self._number = 0
        return self._stem == stem and self._number == last + 1
