# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of a channel that nobody else reads, and sends without a task."""

import asyncio
import contextlib

import pytest

from app.layer import AsyncRedisChannelLayer, ChannelFull, RedisGone, Sent
from tests.redis_fixture import wait_until

QUEUE = "server.x!"


def with_reader(url, work, **kwargs):
    """Run `work(layer, got)` while the layer listens; `got` grows. Returns what listening ended with."""

    async def run():
        layer, got = AsyncRedisChannelLayer(hosts=[url], **kwargs), []
        listening = asyncio.create_task(layer.listen(QUEUE, got.extend))
        try:
            await work(layer, got)
        finally:
            listening.cancel()
            (end,) = await asyncio.gather(listening, return_exceptions=True)
            await layer.close()
        return end

    return asyncio.run(run())


async def until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("waited in vain")


def numbers(got):
    return [taken.message["n"] for taken in got]


def test_that_a_listener_is_given_everything_in_order_and_leaves_nothing(redis_url, redis_server):
    client = redis_server.client()

    async def work(layer, got):
        for n in range(20):  # one by one, then many at once
            await layer.send(QUEUE + "me", {"n": n})
            await until(lambda n=n: len(got) == n + 1)
        await layer.post_many([(QUEUE + "me", {"n": n}) for n in range(20, 350)])
        await until(lambda: len(got) == 350)
        assert numbers(got) == list(range(350))
        assert {taken.channel for taken in got} == {QUEUE + "me"}
        assert client.keys("asgi:*") == []
        await until(lambda: client.info("clients")["blocked_clients"] == 1)

    with_reader(redis_url, work, capacity=1000)
    wait_until(lambda: client.info("clients")["blocked_clients"] == 0, "Redis has seen it go")


def test_that_waiting_takes_nothing_and_leaves_the_time_to_live_alone(redis_url, redis_server):
    client = redis_server.client()
    client.rpush("asgi:" + QUEUE, "asgi:first", "asgi:second")
    client.expire("asgi:" + QUEUE, 50)
    client.blmove("asgi:" + QUEUE, "asgi:" + QUEUE, 1, "LEFT", "LEFT")
    assert client.lrange("asgi:" + QUEUE, 0, -1) == ["asgi:first", "asgi:second"]
    assert 48 < client.ttl("asgi:" + QUEUE) <= 50
    client.delete("asgi:" + QUEUE)


def test_that_ghosts_are_told_to_a_listener(redis_url, redis_server):
    async def work(layer, got):
        redis_server.client().rpush("asgi:" + QUEUE, "asgi:gone")
        await until(lambda: got)
        assert [(taken.key, taken.ghosts) for taken in got] == [("", ("gone",))]

    with_reader(redis_url, work)


def test_that_one_who_cannot_digest_a_batch_is_given_the_next(redis_url):
    async def run():
        layer, got, told = AsyncRedisChannelLayer(hosts=[redis_url]), [], []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))

        def take(batch):
            got.extend(batch)
            if len(got) == 1:
                raise RuntimeError("no")

        listening = asyncio.create_task(layer.listen(QUEUE, take))
        for n in range(2):
            await layer.send(QUEUE + "me", {"n": n})
            await until(lambda n=n: len(got) > n)
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        await layer.close()
        return numbers(got), [str(error) for error in told]

    assert asyncio.run(run()) == ([0, 1], ["no"])


def test_that_a_listener_goes_on_when_redis_has_forgotten_the_scripts(own_redis):
    async def work(layer, got):
        for n in range(3):
            await layer.send(QUEUE + "me", {"n": n})
            await until(lambda n=n: len(got) == n + 1)
            own_redis.client().script_flush()
        assert numbers(got) == [0, 1, 2]

    assert isinstance(with_reader(own_redis.url, work), asyncio.CancelledError)


def test_that_a_listener_goes_on_when_memory_is_full(own_redis):
    client = own_redis.client()

    async def work(layer, got):
        await layer.send(QUEUE + "me", {"n": 0})
        client.config_set("maxmemory", 1)
        await until(lambda: got)
        await until(lambda: "blpop" in [one["cmd"] for one in client.client_list()])  # the other way to wait
        client.config_set("maxmemory", 0)
        for n in (1, 2):
            await layer.send(QUEUE + "me", {"n": n})
            await until(lambda n=n: len(got) == n + 1)
        assert numbers(got) == [0, 1, 2]
        await until(lambda: "blmove" in [one["cmd"] for one in client.client_list()])

    assert isinstance(with_reader(own_redis.url, work), asyncio.CancelledError)


def test_that_a_listener_is_told_when_redis_is_gone(own_redis):
    async def work(layer, got):
        await layer.send(QUEUE + "me", {"n": 0})
        await until(lambda: got)
        own_redis.stop()
        await asyncio.sleep(0.05)

    assert isinstance(with_reader(own_redis.url, work), RedisGone)


def test_that_what_is_posted_soon_is_answered_like_any_other(own_redis):
    async def run():
        layer = AsyncRedisChannelLayer(hosts=[own_redis.url], capacity=2)

        async def kinds(*sends):
            answers = []
            layer.post_soon(sends, answers.append)
            await until(lambda: answers)
            (answer,) = answers
            return [type(one) for one in answer] if isinstance(answer, list) else type(answer)

        assert await kinds(("chat", {"n": 0})) == [Sent]  # it has to connect first
        assert await kinds(("chat", {"n": 1})) == [Sent]
        assert await kinds(("chat", {"n": 2})) == [ChannelFull]
        assert await kinds(("chat", {"n": 3}), ("other", {})) == [ChannelFull, Sent]
        own_redis.client().script_flush()
        assert await kinds(("other", {})) == [Sent]
        own_redis.client().script_flush()
        assert await kinds(("fresh", {}), ("chat", {})) == [Sent, ChannelFull]
        assert await kinds(("fresh", {"n": object()})) is TypeError
        own_redis.stop()
        assert await kinds(("fresh", {})) is RedisGone
        await layer.close()

    asyncio.run(run())


@pytest.mark.parametrize("strict", [False, True])
def test_that_a_strict_layer_listens_too(redis_url, strict):
    async def work(layer, got):
        await layer.send(QUEUE + "me", {"n": 0})
        await until(lambda: got)
        assert numbers(got) == [0]

    with_reader(redis_url, work, strict_spec=strict)
