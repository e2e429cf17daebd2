# SPDX-License-Identifier: GPL-3.0-or-later
"""A Django project behind server and workers, asked by programs that are not ours."""

import hashlib
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request

import psutil
import pytest

from app.events import ConnectionClosed, MessageLost, MessageRefused, SourceReady, WorkerReady
from tests.processes import TestChild
from tests.redis_fixture import real_redis, wait_until
from tests.server.raw import Raw

MIB = 1024 * 1024
BYTES = ["-H", "Content-Type: application/octet-stream", "--data-binary"]
SITE = ["--settings", "tests.server.site_settings", "--routing", "tests.server.site_settings.routing"]
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the project, served by the interface server and two workers."""
    os.environ["SITE_DATABASE"] = str(tmp_path_factory.mktemp("site") / "site.sqlite3")
    django = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.server.site_settings", "DJANGO_SUPERUSER_PASSWORD": "pw"}
    for command in (["migrate"], ["createsuperuser", "--noinput", "--username", "ann", "--email", "a@example.org"]):
        subprocess.run([sys.executable, "-m", "django", *command], env=django, check=True, stdout=subprocess.DEVNULL)
    with (
        real_redis() as redis,
        TestChild("app.server", "--redis", redis.url, "--port", 0) as server,
        TestChild("app.worker", "--redis", redis.url, *SITE) as one,
        TestChild("app.worker", "--redis", redis.url, *SITE) as two,
    ):
        for worker in (one, two):
            wait_until(lambda worker=worker: worker.of(WorkerReady), "a worker", 60)
        server.address = server.until(SourceReady).detail
        server.workers = one, two
        yield server
    del os.environ["SITE_DATABASE"]


def curl(*args, data=None):
    done = subprocess.run(
        ["curl", "-sS", "--fail-with-body", "--max-time", "90", *args], input=data, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def digest_of(data):
    return {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@needs_curl
@pytest.mark.parametrize(
    "how",
    [
        [*BYTES, "@-"],
        [*BYTES, "@-", "-H", "Transfer-Encoding: chunked"],
        ["-F", "file=@-"],
        [*BYTES, "@-", "-H", "Expect: 100-continue"],
        ["-T", "-", "-X", "POST"],
    ],
)
def test_that_curl_uploads_in_every_way(site, how):
    data = os.urandom(3 * MIB + 17)
    assert json.loads(curl(*how, f"{site.address}/digest", data=data)) == digest_of(data)


@needs_curl
@pytest.mark.slow
@pytest.mark.parametrize("how", [[], ["-H", "Transfer-Encoding: chunked"]])
def test_that_curl_uploads_50_megabytes(site, how, tmp_path):
    data = os.urandom(50 * MIB)
    (tmp_path / "data").write_bytes(data)
    said = curl(*BYTES, f"@{tmp_path}/data", *how, f"{site.address}/digest")
    assert json.loads(said) == digest_of(data)


@needs_curl
def test_that_curl_downloads_what_takes_many_messages(site):
    assert hashlib.sha256(curl(f"{site.address}/large?mib=20")).hexdigest() == hashlib.sha256(
        b"0123456789abcdef" * 65536 * 20
    ).hexdigest()  # fmt: skip


@needs_curl
def test_that_curl_reuses_a_connection_asks_for_heads_and_speaks_1_0(site):
    url = f"{site.address}/large?mib=0"
    assert curl("-w", "%{num_connects}", url, url, url) == b"100"
    assert b"HTTP/1.1 200 OK" in curl("--head", f"{site.address}/large?mib=1")
    assert len(curl("--http1.0", f"{site.address}/large?mib=1")) == MIB
    assert len(curl("--http2", f"{site.address}/large?mib=1")) == MIB  # asks for an upgrade that we do not know


@needs_curl
def test_that_cookies_last(site, tmp_path):
    jar = ["-b", str(tmp_path / "jar"), "-c", str(tmp_path / "jar")]
    assert [curl(*jar, f"{site.address}/count") for _ in range(3)] == [b"1", b"2", b"3"]


class Browser:
    """Cookies, and forms with their token."""

    def __init__(self, address):
        self._address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path):
        with self._opener.open(self._address + path, timeout=20) as response:
            return response.read().decode()

    def post(self, path, **fields):
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path))[1]
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        with self._opener.open(self._address + path, data, timeout=20) as response:
            return response.geturl().removeprefix(self._address), response.read().decode()


def test_that_djangos_admin_works_through_the_workers(site):
    browser = Browser(site.address)
    assert "Log in" in browser.get("/admin/")
    path, page = browser.post("/admin/login/?next=/admin/", username="ann", password="pw")
    assert path == "/admin/"
    assert "Site administration" in page
    path, page = browser.post("/admin/auth/group/add/", name="Gäste & Co", _save="Save")
    assert path == "/admin/auth/group/"
    assert "Gäste &amp; Co" in page
    assert "was added successfully" in page
    style = re.search(r'href="(/static/admin/css/base\S*\.css)"', page)[1]
    assert "body" in browser.get(style)
    path, page = browser.post("/admin/auth/user/add/", username="bob", password1="a-long-one", password2="another")
    assert "The two password fields" in page


@pytest.mark.slow
def test_that_ten_thousand_requests_and_a_thousand_sockets_leave_nothing_behind(site):
    server = psutil.Process(site.process.pid)
    # A client that has all bytes of a file may be gone before the message that says so: told as lost, in other tests.
    earlier = site.of(MessageRefused, MessageLost)

    def ask(count):
        with Raw(site) as raw:
            for _ in range(count // 20):
                for _ in range(20):
                    raw.ask(path="/large?mib=0")
                for _ in range(20):
                    assert raw.response()[0] == 200

    def shake(count):
        for _ in range(count):
            with Raw(site) as raw:
                raw.shake()
                assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")

    ask(2000)
    shake(200)
    before, files = server.memory_info().rss, server.num_fds()
    ask(10_000)
    shake(1000)
    closed = len(site.of(ConnectionClosed))
    assert server.memory_info().rss - before < 4 * MIB
    wait_until(lambda: server.num_fds() <= files, f"no more open files than {files}; {closed} connections were closed")
    assert site.of(MessageRefused, MessageLost) == earlier
