# SPDX-License-Identifier: GPL-3.0-or-later
"""The signals of Channels 1.x: for a project that wants to know when consumers and workers begin and end."""

from __future__ import annotations

from django.db import close_old_connections
from django.dispatch import Signal

consumer_started = Signal()  # before each consumer; `environ` is {}
consumer_finished = Signal()  # after it, also when it raised
worker_ready = Signal()  # a worker's loop begins
worker_process_ready = Signal()  # all threads of a worker's process are about to begin

consumer_finished.connect(close_old_connections)
