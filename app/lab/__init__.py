# SPDX-License-Identifier: GPL-3.0-or-later
"""Owns everything live on one asyncio thread; the verbs a user has.

A verb may be called from any thread and returns at once. Its result is an event in the inbox, also when it fails
(`VerbFailed`). Each module here has the verbs of one kind.
"""

from app.lab.attack import AttackVerbs
from app.lab.bots import BotVerbs
from app.lab.freezing import FreezingVerbs
from app.lab.handshakes import HandshakeVerbs
from app.lab.outside import OutsideVerbs
from app.lab.recordings import RecordingVerbs
from app.lab.redis import RedisVerbs
from app.lab.room import RoomVerbs
from app.lab.routing import RoutingVerbs
from app.lab.set_up import SetUpVerbs
from app.lab.workers import SignalName

__all__ = ["Lab", "SignalName"]


class Lab(
    SetUpVerbs, BotVerbs, RoutingVerbs, OutsideVerbs, AttackVerbs, FreezingVerbs, RedisVerbs, HandshakeVerbs,
    RecordingVerbs, RoomVerbs,
):  # fmt: skip
    """The live system and all its verbs."""
