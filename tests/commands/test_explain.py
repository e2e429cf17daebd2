# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py explain`: the routing of the demo, and of somebody's own project."""

import subprocess
import sys

import pytest

from tests import own_project


def explain(*words, cwd=None):
    command = [sys.executable, str(own_project.MAIN), "explain", *words]
    return subprocess.run(command, cwd=cwd or own_project.MAIN.parent, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return own_project.write(tmp_path_factory.mktemp("project"))


def test_that_each_route_of_the_demo_is_told_and_the_call_at_the_end():
    done = explain("websocket.receive", "path=/chat/lobby/", "text=hi")
    assert done.returncode == 0, done.stderr
    assert "✕ app.demo.drawing.ws_receive" in done.stdout
    assert "“draw/(?P<room>[A…” does not fit “chat/lobby/”" in done.stdout
    assert done.stdout.rstrip().endswith("app.demo.consumers.ws_receive(message, room='lobby')")


def test_that_a_request_is_followed_to_the_view():
    assert "app.demo.views.chat(request, room='lobby')" in explain("http.request", "path=/chat/lobby/").stdout
    assert "404: no URL pattern" in explain("http.request", "path=/nowhere/").stdout
    assert "a static file" in explain("http.request", "path=/static/demo/x.css").stdout


def test_that_an_include_of_ones_own_project_shows_what_is_left(project):
    done = explain("websocket.connect", "path=/chat/lobby/", "--settings", "project.settings", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "inner routes see “lobby/”" in done.stdout
    assert "1.1 ✓ core.consumers.ws_connect" in done.stdout
    assert "core.consumers.ws_connect(message, room='lobby')" in done.stdout


def test_that_what_is_no_text_is_told():
    done = explain("websocket.receive", "path:=3")
    assert "✕ “3” is no text, so it matches nothing" in done.stdout


def test_that_what_is_no_attribute_is_an_error_in_one_line():
    for words in (("x", "y"), ("x", "y:=b")):
        done = explain(*words)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_that_a_routing_that_cannot_be_loaded_is_told_with_its_line(project):
    (project / "project" / "broken.py").write_text("import re\n\nrouting = [re.nothing]\n")
    done = explain("x", "--settings", "project.settings", "--routing", "project.broken.routing", cwd=project)
    assert done.returncode == 2
    assert "project/broken.py, line 3" in done.stderr
