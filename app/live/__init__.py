# SPDX-License-Identifier: GPL-3.0-or-later
"""The live system: private Redis, interface server, workers and the watch on Redis, started and stopped as one."""

from app.live.freezing import CannotFreeze
from app.live.system import READY_PATIENCE, LiveSystem, SetUpError

__all__ = ["READY_PATIENCE", "CannotFreeze", "LiveSystem", "SetUpError"]
