# SPDX-License-Identifier: GPL-3.0-or-later
"""What is neither send nor receive: new names, flush, and questions about Redis itself."""

from __future__ import annotations

import random
import re
import string

from app.layer import names
from app.layer.rules import Rules
from app.layer.trips import Script, Steps, plain, run

_FLUSH, _PUT_BACK = Script.named("flush"), Script.named("put_back")


class Upkeep:
    """Operations on the whole layer."""

    def __init__(self, rules: Rules, client_name: str) -> None:
        self._rules = rules
        self._client_name = client_name

    def new_channel(self, pattern: str) -> Steps[str]:
        """Return an unused channel name that begins with `pattern`, which ends in `?`."""
        while True:
            name = _candidate(pattern)
            if not (yield plain(self._rules.ring.of(name), "EXISTS", self._rules.keys.queue(name))):
                return name

    def flush(self) -> Steps[None]:
        """Delete the keys under our two prefixes and no others, slice by slice."""
        for shard in range(self._rules.ring.count):
            for prefix in (self._rules.keys.prefix, self._rules.keys.stats_prefix):
                cursor = b"0"
                while (cursor := (yield run(shard, _FLUSH, (), cursor, glob_of(prefix)))) != b"0":
                    pass

    def run_id(self) -> Steps[str]:
        """Return the identity of the running Redis; another one than before means that its data is gone (S-11)."""
        ids = []
        for shard in range(self._rules.ring.count):
            information = yield plain(shard, "INFO", "server")
            ids.append(re.search(rb"run_id:(\w+)", information)[1].decode())  # type: ignore[index]
        return ",".join(ids)

    def ping(self) -> Steps[None]:
        """Ask whether every Redis answers."""
        for shard in range(self._rules.ring.count):
            yield plain(shard, "PING")

    def wake(self) -> Steps[None]:
        """End whatever of this layer waits in a BLPOP."""
        for shard in range(self._rules.ring.count):
            clients = yield plain(shard, "CLIENT", "LIST")
            ours = re.findall(rb"^id=(\d+) .*\bname=%b\b" % re.escape(self._client_name.encode()), clients, re.M)
            for client in ours:
                yield plain(shard, "CLIENT", "UNBLOCK", client)

    @staticmethod
    def put_back(shard: int, queue: bytes, entry: bytes) -> Steps[None]:
        """Undo a pop."""
        yield run(shard, _PUT_BACK, (queue, entry))


def glob_of(prefix: str) -> str:
    """Return the pattern of all keys that begin with a prefix."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", prefix) + "*"


def _candidate(pattern: str) -> str:
    # Names ending in ! are made by the process that reads them; the code of 1.x refuses to make one.
    if not isinstance(pattern, str) or not pattern.endswith("?"):
        raise TypeError(f"new_channel() needs a name that ends in ?, not {pattern!r}.")
    return names.check_channel(pattern + "".join(random.choices(string.ascii_letters, k=12)))
