# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Redis is, and how to connect to it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

BLPOP_TIMEOUT = 5  # seconds, as asgi_redis

# redis-py 8 gives every answer 5 s by default, which is just when an idle BLPOP answers.
_SOCKET_TIMEOUT = BLPOP_TIMEOUT + 5

Host = str | tuple[str, int]


def address(hosts: Sequence[Host] | None) -> str:
    """Return the URL of the one Redis that `hosts` names; localhost when it names none.

    Raises:
        ValueError: it is no list of hosts, or has more than one.
    """
    if isinstance(hosts, str):
        raise ValueError(f"hosts must be a list, not a str: [{hosts!r}] is probably what you mean.")
    several = list(hosts or [("localhost", 6379)])
    if len(several) != 1:
        raise ValueError(f"hosts names {len(several)} servers; this layer works with one Redis.")
    host = several[0]
    if isinstance(host, str):
        return host
    name, port = host
    return f"redis://[{name}]:{port}/0" if ":" in name else f"redis://{name}:{port}/0"


def options(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the arguments of redis-py's connections: the ones given, over ours.

    A connection's name is unique, so that `wake` finds the one that waits. RESP2 needs no HELLO and no notifications.

    Raises:
        ValueError: `socket_timeout` is so short that an idle BLPOP would count as a dead Redis.
    """
    result = {"socket_timeout": _SOCKET_TIMEOUT, "socket_connect_timeout": 5, "protocol": 2, **(given or {})}
    timeout = result["socket_timeout"]
    if timeout is not None and timeout <= BLPOP_TIMEOUT:
        raise ValueError(f"socket_timeout must be above {BLPOP_TIMEOUT} s, the time a blocking receive waits.")
    result["client_name"] = f"{result.get('client_name') or 'layer'}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    return result
