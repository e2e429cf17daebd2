# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.redis_server import find
from app.redis_server.find import NoRedis, find_server


def program(folder, name, says):
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setattr(find, "_in_the_wheel", lambda: None)


def test_that_a_new_enough_server_on_the_path_is_preferred(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program(tmp_path, "redis-server", "Redis server v=6.2.14 sha=0")
    valkey = program(tmp_path, "valkey-server", "Valkey server v=8.0.1 sha=0")
    assert find_server() == valkey
    redis = program(tmp_path, "redis-server", "Redis server v=7.0.15 sha=0")
    assert find_server() == redis


def test_that_there_is_always_the_one_in_the_wheel(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_server().name == "valkey-server"


def test_that_a_named_program_is_taken_or_refused_but_nothing_else(tmp_path):
    named = program(tmp_path, "my-redis", "Redis server v=7.2.0")
    assert find_server(str(named)) == named
    with pytest.raises(NoRedis, match="no such file"):
        find_server(str(tmp_path / "nothing"))
    with pytest.raises(NoRedis, match="not a Redis server"):
        find_server(str(program(tmp_path, "other", "hello")))


@pytest.mark.usefixtures("no_wheel")
def test_that_without_any_it_is_told_what_was_tried_and_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program(tmp_path, "redis-server", "Redis server v=6.2.14 sha=0")
    program(tmp_path, "valkey-server", "").chmod(0o644)
    with pytest.raises(NoRedis) as nothing:
        find_server()
    assert nothing.value.tried[0] == "redis-server on PATH (version 6, at least 7 is needed)"
    assert len(nothing.value.tried) == 3
    assert "apt install redis-server" in str(nothing.value)
