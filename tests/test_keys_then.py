# SPDX-License-Identifier: GPL-3.0-or-later
"""What was in Redis at a moment of the past."""

import asyncio
import time

import msgpack
import redis.asyncio

from app import events as e
from app.keys_then import compare, keys_then
from app.layer import RedisChannelLayer
from app.settings import Settings
from app.sources.redis_keys import look_at_keys
from app.state import State
from tests.redis_fixture import _shared_redis, redis_server, redis_url  # noqa: F401 - fixtures

T = 1_000_000.0
KEY = "0123456789abcdef" * 2


def state_of(*events):
    state = State()
    state.apply(e.LabStarted(t=T, source="lab", expiry=15.0, capacity=100, prefix="asgi:", workers=1))
    for event in events:
        state.apply(event)
    return state


def sent(key=KEY, t=T, channel="websocket.receive"):
    body = msgpack.packb({"text": "hi"})
    return e.MessageSent(t=t, source="server", key=key, channel=channel, body=body, expiry=15.0)


def test_that_a_waiting_message_is_a_queue_and_a_body():
    seen = {key.name: key for key in keys_then(state_of(sent()), T + 5).keys}
    assert {name: (key.type, key.size, key.ttl) for name, key in seen.items()} == {
        "asgi:websocket.receive": ("list", 1, 11.0),
        f"asgi:{KEY}": ("string", len(msgpack.packb({"text": "hi"})), 10.0),
    }
    assert "hi" in seen[f"asgi:{KEY}"].detail


def test_that_a_ghost_leaves_its_queue_and_no_body():
    state = state_of(sent(), e.MessageExpired(t=T + 15, source="redis", key=KEY))
    assert [key.name for key in keys_then(state, T + 15.2).keys] == ["asgi:websocket.receive"]


def test_that_two_moments_can_be_compared():
    first = keys_then(state_of(sent()), T)
    other = "f" * 32
    added = e.GroupAdded(t=T, source="worker-1", group="chat", channel="daphne.response.x!a")
    second = keys_then(
        state_of(sent(), e.MessageExpired(t=T + 15, source="redis", key=KEY), sent(other), added), T + 15
    )
    assert compare(first, second) == {
        f"asgi:{other}": "new",
        "asgi::group:chat": "new",
        f"asgi:{KEY}": "gone",
        "asgi:websocket.receive": "1 → 2",
    }


async def look(url):
    client = redis.asyncio.Redis.from_url(url)
    keys, _ = await look_at_keys(client, Settings(expiry=15))
    await client.aclose()
    return {key.name: (key.kind, key.type, key.size) for key in keys if key.kind != "counter"}


def test_that_real_redis_has_the_keys_that_the_events_tell_of(redis_url):  # noqa: F811
    layer, now = RedisChannelLayer(hosts=[redis_url], expiry=15), time.time()
    state = state_of()
    for number in range(3):
        post = layer.post("websocket.receive", {"text": str(number)})
        state.apply(
            e.MessageSent(t=now, source="server", key=post.key, channel=post.channel, body=post.body, expiry=15.0)
        )
    layer.group_add("chat", "daphne.response.x!a")
    state.apply(e.GroupAdded(t=now, source="worker-1", group="chat", channel="daphne.response.x!a"))
    told = {key.name: (key.kind, key.type, key.size) for key in keys_then(state, now).keys}
    assert told == asyncio.run(look(redis_url))
