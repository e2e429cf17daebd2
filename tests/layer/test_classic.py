# SPDX-License-Identifier: GPL-3.0-or-later
"""receive="classic": the three commands of asgi_redis, for the lesson that shows the difference."""

import threading

from app.layer import RedisChannelLayer
from tests.redis_fixture import wait_until


def commands_of(client, action):
    """Return the names of the commands that Redis runs for an action, those inside scripts included."""
    client.config_resetstat()
    action()
    names = {name.removeprefix("cmdstat_"): one["calls"] for name, one in client.info("commandstats").items()}
    return {
        name: calls for name, calls in names.items() if name in {"blpop", "lpop", "get", "del", "getdel", "evalsha"}
    }


def test_that_a_waiting_classic_receive_is_blpop_get_and_del(make_layer, redis_server):
    layer = make_layer(receive="classic")
    layer.send("chat", {"n": 1})
    seen = []
    ran = commands_of(redis_server.client(), lambda: seen.append(layer.receive(["chat", "other"], block=True)))
    assert (seen, ran) == ([("chat", {"n": 1})], {"blpop": 1, "get": 1, "del": 1})


def test_that_without_waiting_only_the_pop_is_a_script(make_layer, redis_server):
    layer = make_layer(receive="classic")
    layer.send("server.x!me", {"n": 1})
    assert layer.receive(["a"]) == (None, None)
    seen = []
    ran = commands_of(redis_server.client(), lambda: seen.append(layer.receive(["server.x!"])))
    assert (seen, ran) == ([("server.x!me", {"n": 1})], {"evalsha": 1, "lpop": 1, "get": 1, "del": 1})


def test_that_a_classic_receive_passes_ghosts_and_tells_them(make_layer, redis_server):
    layer = make_layer(receive="classic")
    ghost = layer.post("chat", {"n": 1})
    layer.send("chat", {"n": 2})
    redis_server.client().delete("asgi:" + ghost.key)
    taken = layer.take(["chat"])
    assert (taken.key, taken.ghosts) == ("", (ghost.key,))
    assert layer.receive(["chat"]) == ("chat", {"n": 2})


def test_that_an_atomic_receive_of_what_is_there_is_one_script(make_layer, redis_server):
    layer = make_layer()
    for n in range(2):
        layer.send("chat", {"n": n})
    layer.receive(["chat"], block=True)
    ran = commands_of(redis_server.client(), lambda: layer.receive(["chat"], block=True))
    assert ran == {"evalsha": 1, "lpop": 1, "getdel": 1}


def test_that_an_idle_receive_waits_in_redis_and_fetches_the_body_in_one_trip(redis_server, redis_url):
    layer, sender, client = (
        RedisChannelLayer(hosts=[redis_url]),
        RedisChannelLayer(hosts=[redis_url]),
        redis_server.client(),
    )
    seen = []

    def receive_twice():
        for _ in range(2):
            seen.append(layer.receive(["chat"], block=True))

    client.config_resetstat()
    thread = threading.Thread(target=receive_twice)
    thread.start()
    for n in range(2):
        wait_until(lambda: client.info("clients")["blocked_clients"], "it waits")
        sender.send("chat", {"n": n})
        wait_until(lambda n=n: len(seen) > n, "it came")
    thread.join()
    stats = client.info("commandstats")
    assert (stats["cmdstat_blpop"]["calls"], stats["cmdstat_getdel"]["calls"]) == (2, 2)
    assert stats["cmdstat_lpop"]["calls"] == 1  # only the first time it looked before it waited
    layer.close()
    sender.close()
