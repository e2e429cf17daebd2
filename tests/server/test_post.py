# SPDX-License-Identifier: GPL-3.0-or-later
"""What sockets send, on a real layer: each message is told before what becomes of it."""

import asyncio

import redis

from app import events as e
from app.layer import AsyncRedisChannelLayer, Resilience
from app.server.gates import Gates
from app.server.post import Letter, Post


async def posted(redis_url, count, say, resilience=None):
    """Put letters at once and wait until all are answered."""
    layer = AsyncRedisChannelLayer(hosts=[redis_url], capacity=count, resilience=resilience)
    await layer.ping()
    post = Post(layer, say, Gates(say))
    answers = []
    for n in range(count):
        post.put(Letter("x", {"n": n}, "c1", n, answers.append))
    await asyncio.wait_for(post.until_empty(), 20)
    await layer.close()
    return answers


def test_that_what_is_delayed_is_told_when_it_is_there_not_with_the_last_of_all(redis_url):
    seen, lengths = redis.Redis.from_url(redis_url), []

    def say(event):
        assert isinstance(event, e.MessageSent)
        lengths.append(seen.llen("asgi:x"))

    assert asyncio.run(posted(redis_url, 4, say, Resilience(delay={"x": 0.05}))) == [None] * 4
    assert lengths == [1, 2, 3, 4]
    seen.close()


def test_that_a_thousand_dropped_at_once_are_told_one_by_one(redis_url):
    said = []
    assert asyncio.run(posted(redis_url, 1000, said.append, Resilience(drop={"x": 1.0}))) == [None] * 1000
    assert [event.n for event in said if isinstance(event, e.MessageSent)] == [*range(1000)]
    assert sum(isinstance(event, e.MessageLost) for event in said) == 1000


def test_that_what_waits_for_a_trip_leaves_together(redis_url):
    said = []
    assert asyncio.run(posted(redis_url, 50, said.append)) == [None] * 50
    assert [event.n for event in said] == [*range(50)]
    assert len({event.t for event in said}) == 2, "the first alone, the others while it was under way"
