# SPDX-License-Identifier: GPL-3.0-or-later
"""How long switching to another lesson takes: from the verb until its workers listen and its clients are in the room.

The house asks for under 2 s. Wall time of a machine that does nothing else; run it twice.
"""

from __future__ import annotations

import time

from app.lab import Lab
from app.settings import Settings
from app.store import Store

TIMES = 5


def main() -> None:
    """Print the shortest, the median and the longest for set-ups of several sizes."""
    lab = Lab(Settings(port=0))
    lab.start()
    try:
        store = Store(index=lab.index)
        switch(lab, store, 1, [])
        for workers, clients in ((1, ["bob"]), (1, ["ada", "bob"]), (3, ["ada", "bob"])):
            seconds = sorted(switch(lab, store, workers, clients) for _ in range(TIMES))
            print(
                f"{workers} workers, {len(clients)} clients: "
                f"{seconds[0]:.2f} / {seconds[TIMES // 2]:.2f} / {seconds[-1]:.2f} s"
            )
    finally:
        lab.stop()
        lab.index.spool.close()


def switch(lab: Lab, store: Store, workers: int, clients: list[str]) -> float:
    """Set up; returns the seconds until all of it is there."""
    began = time.monotonic()
    done = lab.set_up(workers=workers, clients=clients)
    while not (done.done() and ready(lab, store, workers, clients)):
        time.sleep(0.005)
    return time.monotonic() - began


def ready(lab: Lab, store: Store, workers: int, clients: list[str]) -> bool:
    """Whether all workers listen and all clients are there."""
    store.extend(lab.inbox.take())
    state = store.state
    listening = [worker for worker in state.workers.values() if worker.status == "idle"]
    return bool(lab.address) and len(listening) == workers and set(clients) <= set(state.clients)


if __name__ == "__main__":
    main()
