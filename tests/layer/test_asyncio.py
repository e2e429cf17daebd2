# SPDX-License-Identifier: GPL-3.0-or-later
"""What only the asyncio face has: calls at once, cancelling, and `receive_async` of the synchronous class."""

import asyncio
import signal

import pytest

from app.layer import AsyncRedisChannelLayer, RedisChannelLayer, RedisGone
from tests.redis_fixture import wait_until


def with_layer(url, work, **kwargs):
    """Run `work(layer)` in a loop of its own."""

    async def run():
        layer = AsyncRedisChannelLayer(hosts=[url], capacity=10_000, **kwargs)
        try:
            return await work(layer)
        finally:
            await layer.close()

    return asyncio.run(run())


async def until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("waited in vain")


def test_that_calls_made_at_once_share_a_connection_and_keep_their_order(redis_url, redis_server):
    client = redis_server.client()

    async def work(layer):
        before = client.info("clients")["connected_clients"]
        await asyncio.gather(*(layer.send("server.x!me", {"n": n}) for n in range(500)))
        assert client.info("clients")["connected_clients"] == before + 1
        return [taken.message["n"] for _ in range(5) for taken in await layer.take_batch("server.x!")]

    assert with_layer(redis_url, work) == list(range(500))


def test_that_a_waiting_take_does_not_hold_others_up(redis_url):
    async def work(layer):
        waiting = [asyncio.create_task(layer.receive([f"c{n}"], block=True)) for n in range(3)]
        await asyncio.sleep(0)
        for n in range(3):
            await layer.send(f"c{n}", {"n": n})
        return await asyncio.gather(*waiting)

    assert with_layer(redis_url, work) == [(f"c{n}", {"n": n}) for n in range(3)]


def test_that_a_take_cancelled_while_it_waits_loses_no_message_and_keeps_the_order(redis_url, redis_server):
    client = redis_server.client()

    async def work(layer):
        waiting = asyncio.create_task(layer.take(["chat"], block=True))
        await until(lambda: client.info("clients")["blocked_clients"])
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.gather(*(layer.send("chat", {"n": n}) for n in range(3)))
        await until(lambda: client.llen("asgi:chat") == 3)
        return [(await layer.receive(["chat"]))[1]["n"] for _ in range(3)]

    assert with_layer(redis_url, work) == [0, 1, 2]
    assert client.keys("asgi:*") == []


def test_that_what_is_put_back_lives_as_long_as_its_message(redis_url, redis_server):
    client = redis_server.client()

    async def work(layer):
        waiting = asyncio.create_task(layer.take(["chat"], block=True))
        await until(lambda: client.info("clients")["blocked_clients"])
        waiting.cancel()
        await layer.send("chat", {})
        await until(lambda: client.llen("asgi:chat") == 1)

    with_layer(redis_url, work)
    assert 59 < client.ttl("asgi:chat") <= 61


def test_that_every_call_under_way_is_told_when_redis_dies(own_redis):
    async def work(layer):
        await layer.ping()
        own_redis.process.send_signal(signal.SIGSTOP)
        calls = [asyncio.create_task(layer.send("chat", {})) for _ in range(10)]
        waiting = asyncio.create_task(layer.take(["chat"], block=True))
        await asyncio.sleep(0)
        own_redis.stop()
        return await asyncio.gather(*calls, waiting, return_exceptions=True)

    assert {type(error) for error in with_layer(own_redis.url, work)} == {RedisGone}


def test_that_a_redis_that_hangs_is_told_in_time(own_redis):
    async def work(layer):
        await layer.ping()
        own_redis.process.send_signal(signal.SIGSTOP)
        with pytest.raises(RedisGone, match=r"5\.1 s"):
            await asyncio.wait_for(layer.ping(), 8)

    with_layer(own_redis.url, work, connection_kwargs={"socket_timeout": 5.1})


def test_that_waking_ends_every_wait(redis_url, redis_server):
    async def work(layer):
        waiting = [asyncio.create_task(layer.take([f"c{n}"], block=True)) for n in range(3)]
        await until(lambda: redis_server.client().info("clients")["blocked_clients"] == 3)
        await layer.wake()
        return await asyncio.wait_for(asyncio.gather(*waiting), 2)

    assert with_layer(redis_url, work) == [None, None, None]


def test_that_the_synchronous_class_receives_in_asyncio_code_too(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    assert "async" in layer.extensions

    async def run():
        waiting = asyncio.create_task(layer.receive_async(["chat"]))
        await asyncio.sleep(0)
        await asyncio.to_thread(layer.send, "chat", {"n": 1})
        got = await waiting
        await layer.close_async()
        return got

    assert asyncio.run(run()) == ("chat", {"n": 1})
    layer.close()


def test_that_it_runs_on_uvloop(redis_url):
    uvloop = pytest.importorskip("uvloop")

    async def work():
        layer = AsyncRedisChannelLayer(hosts=[redis_url])
        await layer.send("chat", {"n": 1})
        got = await layer.receive(["chat"], block=True)
        await layer.close()
        return got

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(work()) == ("chat", {"n": 1})


def test_that_nothing_stays_open(redis_url, redis_server):
    async def work(layer):
        await layer.send("chat", {})
        await layer.receive(["chat"], block=True)
        asyncio.create_task(layer.take(["chat"], block=True)).cancel()
        await asyncio.sleep(0)

    client = redis_server.client()
    client.ping()
    before = client.info("clients")["connected_clients"]
    with_layer(redis_url, work)
    wait_until(lambda: client.info("clients")["connected_clients"] == before, "connections are closed")
