# SPDX-License-Identifier: GPL-3.0-or-later
import signal
import threading
import time

import pytest
import redis

from app.layer import RedisChannelLayer, RedisGone
from tests.redis_fixture import wait_until


def test_that_a_redis_that_is_gone_is_told_and_one_that_is_back_works_again(own_redis):
    layer = RedisChannelLayer(hosts=[own_redis.url])
    layer.send("chat", {"n": 1})
    own_redis.stop()
    with pytest.raises(RedisGone):
        layer.send("chat", {"n": 2})
    assert issubclass(RedisGone, redis.ConnectionError)
    own_redis.start()  # empty, and without our scripts
    layer.send("chat", {"n": 3})
    assert layer.receive(["chat"]) == ("chat", {"n": 3})
    layer.close()


def test_that_a_redis_that_hangs_is_told_in_time(own_redis):
    layer = RedisChannelLayer(hosts=[own_redis.url], connection_kwargs={"socket_timeout": 5.2})
    layer.send("chat", {})
    own_redis.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(RedisGone):
        layer.send("chat", {})
    assert time.monotonic() - began < 8
    layer.close()


def test_that_waking_ends_a_waiting_take_and_loses_nothing(redis_url, redis_server):
    layer, client = RedisChannelLayer(hosts=[redis_url]), redis_server.client()
    results = []
    thread = threading.Thread(target=lambda: results.append(layer.take(["chat"], block=True)))
    thread.start()
    name = layer._options["client_name"]
    wait_until(lambda: any(c["name"] == name and "b" in c["flags"] for c in client.client_list()), "it waits")
    began = time.monotonic()
    layer.wake()
    thread.join(10)
    assert (results, time.monotonic() - began < 2) == ([None], True)
    layer.send("chat", {"n": 1})
    assert layer.receive(["chat"]) == ("chat", {"n": 1})
    layer.close()


def test_that_arguments_are_checked(redis_url):
    with pytest.raises(ValueError, match="list"):
        RedisChannelLayer(hosts=redis_url)
    with pytest.raises(ValueError, match="socket_timeout"):
        RedisChannelLayer(hosts=[redis_url], connection_kwargs={"socket_timeout": 5})
    with pytest.raises(ValueError, match="list of str"):
        RedisChannelLayer(hosts=[redis_url], symmetric_encryption_keys="secret")
    with pytest.raises(ValueError, match="classic"):
        RedisChannelLayer(hosts=[redis_url], receive="sometimes")
