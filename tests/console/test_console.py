# SPDX-License-Identifier: GPL-3.0-or-later
"""The console on a real Redis."""

import asyncio

import pytest

from app import events as e
from app.console.commands import COMMANDS
from app.console.console import Console
from app.layer.messages import encode

KEY, OTHER = "0a" * 16, "0b" * 16


@pytest.fixture
def told():
    return []


@pytest.fixture
def server(redis_server):
    with redis_server.client() as client:
        client.set(f"asgi:{KEY}", encode({"text": "hi", "order": 1}), ex=60)
        client.set(f"asgi:{OTHER}", b"\xc1", ex=60)
        client.rpush("asgi:websocket.receive", f"asgi:{KEY}", f"asgi:{OTHER}")
        client.zadd("asgi::group:chat-lobby", {"r!1": 100, "r!2": 200})
    return redis_server


@pytest.fixture
def run(server, told):
    def run(line, is_confirmed=False, is_own=True):
        told.clear()
        asyncio.run(Console(server.url, "asgi:", is_own, told.append).run(line, is_confirmed))
        *others, last = told
        told[:] = others
        return last

    return run


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("lrange asgi:websocket.receive 0 -1", f'1) "asgi:{KEY}"\n2) "asgi:{OTHER}"'),
        ("LLEN asgi:websocket.receive", "(integer) 2"),
        ("type asgi:websocket.receive", "list"),
        ("type nothing", "none"),
        ("ping", "PONG"),
        ("ttl nothing", "(integer) -2"),
        ("get nothing", "(nil)"),
        (f"get asgi:{OTHER}", r'"\xc1"'),
        ("zrange asgi::group:chat-lobby 0 -1 withscores", '1) "r!1"\n2) "100"\n3) "r!2"\n4) "200"'),
        ("dbsize", "(integer) 4"),
        (f"decode asgi:{KEY}", '{\n  "text": "hi",\n  "order": 1\n}'),
        ("keys asgi:web*", '1) "asgi:websocket.receive"'),
        ("get asgi:websocket.receive", "(error) WRONGTYPE Operation against a key holding the wrong kind of value"),
        ("get", "(error) ERR wrong number of arguments for 'get' command; it is: get key"),
        ("quit", "(refused) QUIT is not for this console: the console stays with its own user and its own database."),
        ('get "x', '(refused) a quote " is not closed'),
    ],
)  # fmt: skip
def test_that_a_line_is_answered_as_by_redis_cli(run, line, answer):
    assert run(line).answer == answer


def test_that_it_is_told_what_a_command_named_and_whether_there_was_nothing(run):
    ran = run("LRANGE asgi:websocket.receive 0 -1")
    assert (ran.verb, ran.channel, ran.is_error, ran.is_empty) == ("lrange", "websocket.receive", False, False)
    assert (run(f"get asgi:{KEY}").key, run("zcard asgi::group:chat-lobby").group) == (KEY, "chat-lobby")
    assert run("lrange asgi:http.request 0 -1").is_empty
    assert run("ttl nothing").is_empty
    assert run("monitor").is_error


def test_that_an_ellipsis_stands_for_the_rest_of_the_only_name(run):
    ran = run("get asgi:0a…")
    assert (ran.command, ran.key) == (f"get asgi:{KEY}", KEY)
    assert run("llen asgi:...").command == "llen asgi:websocket.receive"
    assert run("ttl asgi:0a…").command == f"ttl asgi:{KEY}"
    assert run("get asgi:…").answer.startswith("(refused) 2 string keys are called asgi:…")
    assert run("get nothing…").answer.startswith("(refused) no string key is called")


def test_that_an_ellipsis_means_the_only_body_where_other_keys_fit_too(run, server):
    with server.client() as client:
        client.delete(f"asgi:{OTHER}")
    assert run("ttl asgi:…").command == f"ttl asgi:{KEY}"


def test_that_nothing_is_deleted_until_it_is_confirmed(run):
    assert run("flushdb").answer == "(refused) flushdb deletes: it must be confirmed."
    assert run("dbsize").answer == "(integer) 4"


def test_that_nothing_is_deleted_in_a_redis_of_somebody_else(run):
    ran = run("flushdb", is_confirmed=True, is_own=False)
    assert ran.is_error
    assert "did not start this Redis" in ran.answer
    assert run("dbsize", is_own=False).answer == "(integer) 4"


def test_that_a_flush_tells_that_all_is_gone(run, told):
    assert run("FLUSHDB", is_confirmed=True).answer == "OK"
    assert [(type(event), event.reason) for event in told] == [(e.MessagesWiped, "flushdb")]


@pytest.mark.parametrize(
    ("line", "answer", "lost"),
    [
        (f"del asgi:{KEY}", "(integer) 1", [KEY]),
        (f"unlink asgi:{KEY} asgi:{OTHER} nothing", "(integer) 2", [KEY, OTHER]),
        ("del asgi:websocket.receive", "(integer) 1", [KEY, OTHER]),
        ("lpop asgi:websocket.receive", f'"asgi:{KEY}"', [KEY]),
        ("rpop asgi:websocket.receive", f'"asgi:{OTHER}"', [OTHER]),
        (f"lrem asgi:websocket.receive 0 asgi:{OTHER}", "(integer) 1", [OTHER]),
        ("lpop asgi:nothing", "(nil)", []),
        (f"lpop asgi:{KEY}", "(error) WRONGTYPE Operation against a key holding the wrong kind of value", []),
    ],
)
def test_that_a_deletion_tells_which_messages_are_lost(run, told, line, answer, lost):
    assert run(line, is_confirmed=True).answer == answer
    assert [(event.key, event.reason) for event in told] == [(key, "dropped on purpose") for key in lost]


def test_that_a_member_taken_out_of_a_group_is_told(run, told):
    assert run("zrem asgi::group:chat-lobby r!1 r!9", is_confirmed=True).answer == "(integer) 1"
    assert [(event.group, event.channel) for event in told] == [("chat-lobby", "r!1")]


def test_that_a_redis_that_is_away_is_said(told):
    asyncio.run(Console("unix:///nowhere/redis.sock", "asgi:", True, told.append).run("ping"))
    assert told[0].answer.startswith("Redis does not answer: ")
    assert told[0].is_error


def test_that_nothing_typed_is_nothing_run(server, told):
    asyncio.run(Console(server.url, "asgi:", True, told.append).run("  "))
    assert told == []


def test_that_many_keys_of_somebody_elses_redis_are_not_listed(run, server):
    with server.client() as client:
        client.mset({f"k{number}": "" for number in range(10_001)})
    assert run("keys *", is_own=False).answer.startswith("(refused) 10005 keys are in this Redis")
    assert run("scan 0", is_own=False).answer.startswith('1) "')


def test_that_every_answer_of_a_status_is_one(run):
    for command in COMMANDS.values():
        if command.is_status:
            line = f"{command.name} asgi:x" if command.keys is not None else command.name
            assert not run(line, is_confirmed=True).answer.startswith('"'), command.name
