# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard as a real process: who may do what in its Redis, and what it leaves."""

import os
import stat

import psutil
import pytest
import redis

from app import orders
from app.console.commands import COMMANDS
from app.events import MessagesWiped, SourceReady, SourceStarted
from app.redis_server.find import find_server
from tests.processes import TestChild


@pytest.fixture
def guard(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    with TestChild("app.redis_server", "--server", find_server(), "--folder", folder) as child:
        child.folder = folder
        child.until(SourceReady)
        yield child


@pytest.mark.parametrize(
    "command",
    [
        ("SET", "other", "1"),
        ("FLUSHALL",),
        ("FLUSHDB",),
        ("KEYS", "*"),
        ("CLIENT", "KILL", "TYPE", "normal"),
        ("CLIENT", "PAUSE", "1"),
        ("CONFIG", "GET", "*"),
        ("SCRIPT", "FLUSH"),
        ("SUBSCRIBE", "x"),
        ("SHUTDOWN",),
    ],
)
def test_that_the_layer_and_the_inspector_may_do_only_what_they_need(guard, command):
    for user in ("layer", "inspector"):
        with (
            redis.Redis(unix_socket_path=str(guard.folder / "redis.sock"), username=user, password="x") as client,
            pytest.raises(redis.exceptions.NoPermissionError),
        ):
            client.execute_command(*command)


def test_that_the_console_may_do_what_it_offers_and_nothing_else(guard):
    offered = {name.replace(" ", "|") for name, command in COMMANDS.items() if not command.is_ours} | {"multi", "exec"}
    with redis.Redis(unix_socket_path=str(guard.folder / "redis.sock"), username="admin", password="x") as admin:
        every = {name.decode(): arity for name, arity in _every_command(admin)}
        allowed = {name for name, arity in every.items() if _may(admin, "console", name, arity)}
    assert offered <= every.keys()
    assert allowed - {"auth", "hello", "quit", "reset"} == offered  # these four need no permission


def _every_command(client):
    """Yield names and arities; a command with parts only by its parts: "client|list"."""
    client.response_callbacks.clear()
    for name, arity, *_, parts in client.execute_command("COMMAND"):
        yield from ((part[0], part[1]) for part in parts) if parts else [(name, arity)]


def _may(client, user, name, arity):
    words = name.split("|")
    words += ["1"] * (abs(arity) - len(words))
    try:
        return client.execute_command("ACL", "DRYRUN", user, *words) == b"OK"
    except redis.ResponseError as error:
        raise AssertionError(f"{words}: {error}") from error


def test_that_nobody_else_can_enter(guard):
    assert stat.S_IMODE(guard.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((guard.folder / "redis.sock").stat().st_mode) == 0o600
    with (
        redis.Redis(unix_socket_path=str(guard.folder / "redis.sock")) as client,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        client.ping()


def test_that_the_order_to_restart_gives_a_new_empty_redis(guard):
    guard.order(orders.RestartRedis())
    guard.until(SourceReady, count=2)
    guard.until(MessagesWiped, reason="restart")


def test_that_the_guard_leaves_nothing_when_its_lifeline_ends(guard):
    (started,) = guard.of(SourceStarted)
    assert guard.leave() == 0
    assert not psutil.pid_exists(started.pid)
    assert not os.path.exists(guard.folder)
