# SPDX-License-Identifier: GPL-3.0-or-later
"""What all events share."""

from __future__ import annotations

from typing import Literal

import msgspec

Direction = Literal["client", "server"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """What all events share."""

    t: float
    source: str
