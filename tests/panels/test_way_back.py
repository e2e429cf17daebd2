# SPDX-License-Identifier: GPL-3.0-or-later
"""Every lesson can be entered at its last step: the real system is brought there, quickly."""

import time

import psutil
import pytest

from app.lab import Lab
from app.lesson import load_all
from app.settings import Settings
from app.store import Store
from panels.lesson.way_back import WayBack

PATIENCE = 40  # seconds


def environ(pid):
    """What a process found in its environment."""
    return psutil.Process(pid).environ()


def expiry_before_last(lesson):
    """What the set-up says, or the last step before the last that sets it anew."""
    done = [action for step in lesson.steps[:-1] for action in step.do if action.verb == "set_expiry"]
    return done[-1].arguments["seconds"] if done else lesson.setup.expiry or 60


@pytest.fixture(scope="module")
def lab():
    lab = Lab(Settings(port=0))
    lab.start()
    yield lab
    lab.stop()
    lab.index.spool.close()


@pytest.mark.slow
@pytest.mark.parametrize("lesson", load_all(), ids=lambda lesson: lesson.id)
def test_that_the_live_system_is_brought_to_the_last_step(lab, lesson):
    store = Store(index=lab.index)

    def do(action):
        return getattr(lab, action.verb)(**action.arguments)

    way = WayBack(lab, store, lesson, len(lesson.steps) - 1, do)
    end = time.monotonic() + PATIENCE
    while not way.is_over:
        events = lab.inbox.take()
        store.extend(events)
        way.feed(events)
        assert time.monotonic() < end
        time.sleep(0.01)
    assert way.trouble == ""
    store.extend(lab.inbox.take())
    assert store.state.settings.expiry == expiry_before_last(lesson)
    workers = [worker for worker in store.state.workers.values() if worker.is_alive]
    for worker in workers:  # the chat works as slowly again as the lesson says
        seconds = environ(worker.pid)["CHANNELSCOPE_CONSUMER_SECONDS"]
        assert float(seconds) == (lesson.setup.consumer_seconds or 0)
