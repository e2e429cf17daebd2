# SPDX-License-Identifier: GPL-3.0-or-later
"""How long switching to another lesson takes: from the verb until its workers listen and its clients are in the room.

The house asks for under 2 s. Wall time of a machine that does nothing else; run it twice.
"""

from __future__ import annotations

import time

from app.lab import Lab
from app.lesson import Setup, load_all
from app.settings import Settings
from app.store import Store

TIMES = 5


def main() -> None:
    """Print the shortest, the median and the longest for every lesson and for a reset."""
    lab = Lab(Settings(port=0))
    lab.start()
    try:
        store = Store(index=lab.index)
        switch(lab, store, Setup(workers=1))
        for lesson in load_all():
            seconds = sorted(switch(lab, store, lesson.setup) for _ in range(TIMES))
            shortest, median, longest = seconds[0], seconds[TIMES // 2], seconds[-1]
            print(f"{lesson.id:<24} {shortest:.2f} / {median:.2f} / {longest:.2f} s")
        seconds = sorted(switch(lab, store, Setup(workers=3)) for _ in range(TIMES))
        print(f"{'reset to 3 workers':<24} {seconds[0]:.2f} / {seconds[TIMES // 2]:.2f} / {seconds[-1]:.2f} s")
    finally:
        lab.stop()
        lab.index.spool.close()


def switch(lab: Lab, store: Store, setup: Setup) -> float:
    """Set up; returns the seconds until all of it is there."""
    began = time.monotonic()
    done = lab.set_up(**setup.arguments)
    while not (done.done() and ready(lab, store, setup)):
        time.sleep(0.005)
    return time.monotonic() - began


def ready(lab: Lab, store: Store, setup: Setup) -> bool:
    """Whether all workers listen and all clients are there."""
    store.extend(lab.inbox.take())
    state = store.state
    listening = [worker for worker in state.workers.values() if worker.status == "idle"]
    workers = lab.settings.workers if setup.workers is None else setup.workers
    return bool(lab.address) and len(listening) == workers and set(setup.clients) <= set(state.clients)


if __name__ == "__main__":
    main()
