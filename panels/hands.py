# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as the panels reach for it: in the past a verb leads back to now first, and in a file there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.events import VerbFailed
from app.lesson.vocabulary import VERBS

if TYPE_CHECKING:
    from app.lab import Lab

ALSO = ("reset", "set_up")  # verbs that lessons do not have


class Hands:
    """Passes everything on to a lab.

    Args:
        lab: the lab.
        refuse: says why no verb can be done now, "" when they can.
        prepare: is called before a verb is done.
    """

    def __init__(self, lab: Lab, refuse: Callable[[], str], prepare: Callable[[], None]) -> None:
        self._lab, self._refuse, self._prepare = lab, refuse, prepare

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._lab, name)
        return self._guarded(name, found) if name in VERBS or name in ALSO else found

    def _guarded(self, verb: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if reason := self._refuse():
                self._lab.inbox.put(VerbFailed(t=time.time(), source="window", verb=verb, reason=reason))
                return None
            self._prepare()
            return do(*args, **kwargs)

        return guarded
