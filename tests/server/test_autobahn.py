# SPDX-License-Identifier: GPL-3.0-or-later
"""Autobahn's cases against the raw echo, and through a worker; skipped where there is no Python 2.7.

All 216 cases of compression take a quarter of an hour: AUTOBAHN=all has them all, otherwise it is one of each kind.
"""

import os

import pytest

from app.events import WorkerReady
from tests.layer.peers import NoPeer
from tests.processes import TestChild
from tests.server.autobahn import failures, installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
SOME = [
    "12.1.1",
    "12.2.3",
    "12.3.5",
    "12.4.10",
    "12.5.17",
    "13.1.1",
    "13.2.2",
    "13.3.3",
    "13.4.4",
    "13.5.5",
    "13.6.6",
    "13.7.7",
]


@pytest.fixture(scope="module", autouse=True)
def suite():
    try:
        installed()
    except NoPeer as why:
        pytest.skip(str(why))


def test_that_all_301_cases_pass(serve, tmp_path):
    url = serve("--echo").address.replace("http", "ws") + "/_scope/echo"
    assert failures(url, ["*"], ["12.*", "13.*"], tmp_path, 600) == (301, [])


def test_that_the_cases_of_compression_pass(serve, tmp_path):
    url = serve("--echo", "--deflate").address.replace("http", "ws") + "/_scope/echo"
    is_all = os.environ.get("AUTOBAHN") == "all"
    cases, count = (["12.*", "13.*"], 216) if is_all else (SOME, len(SOME))
    assert failures(url, cases, [], tmp_path, 2300) == (count, [])


def test_that_all_but_the_large_ones_pass_through_a_worker(serve, redis_url, tmp_path):
    server = serve("--capacity", 1000)
    routing = ["--settings", "", "--routing", "tests.server.echo_routing.routing", "--capacity", 1000]
    with TestChild("app.worker", "--redis", redis_url, *routing) as worker:
        worker.until(WorkerReady)
        url = server.address.replace("http", "ws") + "/"
        assert failures(url, ["*"], ["9.*", "12.*", "13.*"], tmp_path, 600) == (247, [])
