# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs in the background: as mere messages, and with a row each and a sweep."""

import pytest

from app import events as e
from app.worker.application import load
from tests.demo.server import served

pytestmark = pytest.mark.usefixtures("database")
NAMES = ["invoice 1", "invoice 2", "invoice 3"]
BOB = "server.x!bob"


@pytest.fixture(scope="module")
def application(_django):
    return load("app.demo.settings", "app.demo.routing.with_jobs")


@pytest.fixture
def server(layer, application):
    return served(layer, application)


@pytest.fixture
def jobs():
    """Return what the database says of each job now."""
    from app.demo.models import Job

    return lambda: [str(job) for job in Job.objects.order_by("pk")]


def order(server, kept):
    """Order three jobs; the worker hands them on and does nothing more."""
    server.layer.send("jobs.order", {"names": NAMES, "kept": kept})
    server.worker.step()


def lose_one(server):
    """Take a job as a worker does that is killed then."""
    return server.layer.receive(["jobs.run"])[1]


def swept(server):
    """Sweep once, and return what it says of itself."""
    server.layer.send("jobs.sweep", {})
    server.work()
    rows = [one for one in server.said if isinstance(one, e.RowSaved) and one.table == "demo.sweep"]
    return rows[-1].shows


def told(server):
    return [line["message"] for line in server.got(BOB)]


def test_that_a_job_without_a_row_is_gone_with_its_message_and_no_sweep_knows(server, layer, jobs):
    layer.group_add("chat-lobby", BOB)
    order(server, kept=False)
    assert lose_one(server) == {"name": "invoice 1"}
    assert told(server) == ["invoice 2 is done", "invoice 3 is done"]
    assert swept(server) == "0 missing"
    assert (told(server), jobs()) == ([], [])


def test_that_a_sweep_sends_again_what_was_lost_and_nothing_else(server, layer, jobs):
    layer.group_add("chat-lobby", BOB)
    order(server, kept=True)
    assert jobs() == [f"{name}: new, tries 0" for name in NAMES]
    lose_one(server)
    assert told(server) == ["invoice 2 is done", "invoice 3 is done"]
    assert swept(server) == "1 missing"
    assert told(server) == ["invoice 1 is done"]
    assert swept(server) == "0 missing"
    assert jobs() == [f"{name}: done, tries 1" for name in NAMES]


def test_that_a_job_that_comes_twice_is_done_once(server, layer, jobs):
    order(server, kept=True)
    lost = lose_one(server)
    for _ in range(2):
        server.layer.send("jobs.run", lost)
    server.work()
    assert jobs()[0] == "invoice 1: done, tries 1"
    runs = [one for one in server.said if isinstance(one, e.ConsumerFinished)]
    assert len(runs) == 1 + 4  # the order, and four messages for three jobs


def test_that_a_worker_that_dies_in_the_middle_leaves_a_row_that_says_so(server, layer, jobs, monkeypatch):
    def die(seconds):
        raise KeyboardInterrupt

    order(server, kept=True)
    with monkeypatch.context() as patch:
        patch.setattr("app.demo.jobs.time.sleep", die)
        with pytest.raises(KeyboardInterrupt):
            server.worker.step()
    assert jobs()[0] == "invoice 1: new, tries 1"
    server.work()
    assert swept(server) == "1 missing"
    assert jobs()[0] == "invoice 1: done, tries 2"


def test_that_an_order_larger_than_the_channel_is_done_by_sweeps_all_the_same(server, layer, jobs):
    layer.capacity = 2
    order(server, kept=True)  # of three messages one is refused
    server.work()
    assert jobs()[2] == "invoice 3: new, tries 0"
    assert swept(server) == "1 missing"
    assert swept(server) == "0 missing"
    assert {job.partition(": ")[2] for job in jobs()} == {"done, tries 1"}
