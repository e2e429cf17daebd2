# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine where no window can be seen: what is said, and that the pages are served all the same."""

import socket
from urllib.request import urlopen

import pytest

from tests.processes import Served

DEAD = ":987"  # no X server has this number
SERVES = "Channelscope runs without its window and serves the pages"


@pytest.fixture
def headless(tmp_path):
    started = []

    def start(*words, **environment):
        started.append(Served(tmp_path, *words, "--workers", "1", XDG_RUNTIME_DIR=str(tmp_path), **environment))
        return started[-1]

    yield start
    for one in started:
        one.end()


def page_of(served):
    with urlopen(served.found(r"The chat is at (http://\S+)/ ").group(1)) as page:
        return page.status


def test_that_a_display_that_does_not_answer_is_said_and_the_pages_are_served(headless, tmp_path):
    served = headless("--port", "0", DISPLAY=DEAD, TMPDIR=str(tmp_path))
    served.found(f"Qt cannot use the display {DEAD} .*{SERVES}")
    assert page_of(served) == 200
    served.end()
    assert served.popen.returncode == 0
    assert not list(tmp_path.iterdir())


def test_that_a_qt_that_cannot_be_loaded_is_said_and_the_pages_are_served(headless, tmp_path):
    broken = tmp_path / "PyQt5"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    served = headless("--port", "0", DISPLAY=DEAD, PYTHONPATH=str(tmp_path))
    served.found(f"Qt cannot be loaded .*libGL.so.1.*main.py doctor.*{SERVES}")
    assert page_of(served) == 200


def test_that_a_picture_without_qt_ends_with_the_reason(headless, tmp_path):
    (tmp_path / "PyQt5.py").write_text("raise ImportError('no Qt')")
    served = headless("--port", "0", "--screenshot", "out.png", PYTHONPATH=str(tmp_path))
    assert served.popen.wait(20) == 2
    served.found("channelscope: Qt cannot be loaded")


def test_that_a_taken_port_is_said_once_without_a_display(headless):
    with socket.create_server(("127.0.0.1", 0)) as other:
        served = headless("--port", str(other.getsockname()[1]))
        assert page_of(served) == 200
        served.end()
    assert "".join(served.lines).count("is taken by") == 1
