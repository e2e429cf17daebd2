# SPDX-License-Identifier: GPL-3.0-or-later
"""Autobahn's cases against the raw echo, and through a worker; skipped where there is no Python 2.7.

The 216 cases of compression take most of the time: AUTOBAHN=some leaves it at one of each kind.
"""

import os

import pytest

from app.events import SourceReady, WorkerReady
from tests.layer.peers import NotHere
from tests.processes import TestChild
from tests.redis_fixture import real_redis
from tests.server.autobahn import failures, installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
EVERY = {f"{kind}.{number}.*": 18 for kind, count in ((12, 5), (13, 7)) for number in range(1, count + 1)}
SOME = {f"{group[:-1]}{number}": 1 for number, group in enumerate(EVERY, 1)}  # of each kind one, of other sizes


@pytest.fixture(scope="module", autouse=True)
def suite():
    try:
        installed()
    except NotHere as why:
        pytest.skip(str(why))


def test_that_all_301_cases_pass(serve, tmp_path):
    url = serve("--echo").address.replace("http", "ws") + "/_scope/echo"
    assert failures(url, ["*"], ["12.*", "13.*"], tmp_path, 600) == (301, [])


@pytest.fixture(scope="module")
def deflating():
    with (
        real_redis() as redis,
        TestChild("app.server", "--redis", redis.url, "--port", 0, "--echo", "--deflate") as child,
    ):
        child.url = child.until(SourceReady).detail.replace("http", "ws") + "/_scope/echo"
        yield child


@pytest.mark.parametrize("cases", SOME if os.environ.get("AUTOBAHN") == "some" else EVERY)
def test_that_the_cases_of_compression_pass(deflating, tmp_path, cases):
    assert failures(deflating.url, [cases], [], tmp_path, 2300) == ({**SOME, **EVERY}[cases], [])
    deflating.events.clear()  # gigabytes, of all cases


def test_that_all_but_the_large_ones_pass_through_a_worker(serve, redis_url, tmp_path):
    server = serve("--capacity", 1000)
    routing = ["--settings", "", "--routing", "tests.server.echo_routing.routing", "--capacity", 1000]
    with TestChild("app.worker", "--redis", redis_url, *routing) as worker:
        worker.until(WorkerReady)
        url = server.address.replace("http", "ws") + "/"
        assert failures(url, ["*"], ["9.*", "12.*", "13.*"], tmp_path, 600) == (247, [])
