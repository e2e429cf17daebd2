# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the server listens: at an address, at a unix socket, at a socket that somebody else opened."""

import socket
import subprocess
import sys

import pytest

from app.events import SourceFailed, SourceReady
from tests.checklist import row
from tests.processes import TestChild
from tests.server.raw import Raw


def accept(channel, message):
    return [{"status": 200, "content": b"here"}] if channel == "http.request" else [{"accept": True, "text": "here"}]


@row("option: port", "option: bind")
def test_that_it_listens_where_it_is_told_to(redis_url):
    with TestChild("app.server", "--redis", redis_url, "-p", 0, "-b", "127.0.0.2") as child:
        child.address = child.until(SourceReady).detail
        assert child.address.startswith("http://127.0.0.2:")
        Raw(child).socket.close()


@row("D-12", "option: unix-socket")
def test_that_a_unix_socket_serves_pages_and_sockets_that_have_no_address(serve, worker, tmp_path):
    path, crew = tmp_path / "web.sock", worker(accept)
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(path))
    server = serve("--unix-socket", path)  # in place of what a server left behind
    assert server.address == f"unix:{path}"
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[::2] == (200, b"here")
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"here")
    assert [channel for channel, _ in crew.messages[:2]] == ["http.request", "websocket.connect"]
    assert not any({"client", "server"} & message.keys() for _, message in crew.messages[:2])
    assert server.leave() == 0
    assert not path.exists()


def test_that_a_unix_socket_somebody_listens_at_and_a_file_are_left_alone(redis_url, tmp_path):
    path, log, file = tmp_path / "web.sock", tmp_path / "log", tmp_path / "file"
    file.touch()
    with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as logger:
        other.bind(str(path))
        other.listen()
        logger.bind(str(log))  # somebody reads there, who takes no connections
        for taken in (path, log, file):
            with TestChild("app.server", "--redis", redis_url, "-u", taken) as child:
                assert child.until(SourceFailed).reason == f"{taken}: Address already in use"
                assert child.process.wait(10) == 2
            assert taken.exists()


@row("option: fd")
def test_that_a_socket_that_is_open_already_is_served(redis_url, worker):
    worker(accept)
    command = [sys.executable, "-m", "app.server", "--redis", redis_url, "--fd"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        words, given = [*command, str(listener.fileno())], [listener.fileno()]
        with subprocess.Popen(words, pass_fds=given, stdout=subprocess.PIPE, text=True) as process:
            process.address = process.stdout.readline().split()[-1]
            assert process.address == f"http://127.0.0.1:{listener.getsockname()[1]}"
            with Raw(process) as raw:
                raw.ask()
                assert raw.response()[0] == 200
            process.terminate()
            assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("number", "why"), [(0, "is no socket: Socket operation on non-socket"), (77, "is no socket: Bad file descriptor")]
)
def test_that_a_number_that_is_no_socket_is_said(redis_url, number, why):
    with TestChild("app.server", "--redis", redis_url, "--fd", number) as child:
        assert child.until(SourceFailed).reason == f"file descriptor {number} {why}"


@row("option: verbosity")
@pytest.mark.parametrize(("verbosity", "is_logged"), [("0", False), ("1", True)])
def test_that_a_quiet_server_logs_no_requests(redis_url, worker, verbosity, is_logged):
    worker(accept)
    command = [sys.executable, "-m", "app.server", "--redis", redis_url, "--port", "0", "-v", verbosity]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.address = process.stdout.readline().split()[-1]
        with Raw(process) as raw:
            raw.ask(path="/page")
            assert raw.response()[0] == 200
        process.terminate()
        assert ('"GET /page" 200' in process.communicate(timeout=10)[0]) is is_logged
