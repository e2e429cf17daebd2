# SPDX-License-Identifier: GPL-3.0-or-later
import ast
import os
import signal
import threading
import time

import pytest
import redis

from app.layer import KeyTaken, OutOfMemory, RedisChannelLayer, RedisGone, Skipped
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
    with pytest.raises(ValueError, match=r"begins with redis://, rediss:// or unix://, not 'ftp://x'"):
        RedisChannelLayer(hosts=["ftp://x"])
    for name, wrong in (("expiry", 0), ("group_expiry", 0.5), ("capacity", -1), ("message_limit", "1 MiB")):
        with pytest.raises(ValueError, match=f"^{name} must be a whole number of at least"):
            RedisChannelLayer(**{"hosts": [redis_url], name: wrong})
    for wrong in ({"http.*": "many"}, {b"http.*": 5}, [("http.*", 5)]):
        with pytest.raises(ValueError, match=r"^channel_capacity must be a dict"):
            RedisChannelLayer(hosts=[redis_url], channel_capacity=wrong)


def test_that_a_restart_nobody_noticed_costs_no_call(own_redis, make_layer):
    layer = make_layer(hosts=[own_redis.url])
    layer.send("chat", {})
    before = layer.run_id()
    own_redis.stop()
    own_redis.start()
    layer.send("chat", {"n": 2})
    assert layer.receive(["chat"]) == ("chat", {"n": 2})
    assert layer.run_id() != before


def test_that_a_redis_that_starts_late_is_waited_for_a_moment(own_redis, make_layer):
    layer = make_layer(hosts=[own_redis.url])
    own_redis.stop()
    timer = threading.Timer(0.05, own_redis.start)
    timer.start()
    layer.send("chat", {"n": 1})
    timer.join()
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


def test_that_a_redis_that_is_not_there_is_told_within_a_second(make_layer, tmp_path):
    layer = make_layer(hosts=[f"unix://{tmp_path}/nothing"])
    began = time.monotonic()
    with pytest.raises(RedisGone, match="does not answer"):
        layer.send("chat", {})
    assert time.monotonic() - began < 1


def test_that_a_waiting_receive_is_told_when_redis_dies(own_redis, make_layer):
    layer, client = make_layer(hosts=[own_redis.url]), own_redis.client()

    def stop_when_it_waits():
        wait_until(lambda: client.info("clients")["blocked_clients"], "somebody waits")
        own_redis.stop()

    thread = threading.Thread(target=stop_when_it_waits)
    thread.start()
    with pytest.raises(RedisGone):
        layer.receive(["chat"], block=True)
    thread.join()


def test_that_scripts_are_taught_again_after_they_were_forgotten(layer, redis_server):
    for _ in range(2):
        redis_server.client().script_flush()
        layer.send("chat", {"n": 1})
        redis_server.client().script_flush()
        assert layer.receive(["chat"]) == ("chat", {"n": 1})


def test_that_many_sends_without_memory_are_refused_each_and_write_nothing(layer, redis_server):
    client = redis_server.client()
    client.config_set("maxmemory", "1")
    answers = layer.post_many([("chat", {"n": n}) for n in range(3)])
    client.config_set("maxmemory", "0")
    assert [type(answer) for answer in answers] == [OutOfMemory] * 3
    assert client.keys("*") == []


def test_that_receiving_goes_on_without_memory(layer, redis_server):
    layer.send("chat", {"n": 1})
    redis_server.client().config_set("maxmemory", "1")
    assert layer.receive(["chat"]) == ("chat", {"n": 1})
    redis_server.client().config_set("maxmemory", "0")


def test_that_a_send_to_somebody_elses_key_is_refused_and_changes_nothing(layer, redis_server):
    client = redis_server.client()
    client.set("asgi:chat", "mine")
    with pytest.raises(KeyTaken, match="something else") as refused:
        layer.send("chat", {})
    assert refused.value.reason == "wrong type"
    assert (client.keys("*"), client.get("asgi:chat")) == (["asgi:chat"], "mine")


def test_that_a_member_whose_key_is_somebody_elses_is_skipped(layer, redis_server):
    redis_server.client().set("asgi:odd", "mine")
    for channel in ("odd", "even"):
        layer.group_add("room", channel)
    told = layer.post_group("room", {})
    assert [(copy.channel, copy.reason) for copy in told if isinstance(copy, Skipped)] == [("odd", "wrong type")]
    assert layer.receive(["even"]) == ("even", {})


@pytest.mark.parametrize("block", [False, True])
def test_that_somebody_elses_key_does_not_keep_other_channels_from_being_read(layer, redis_server, block):
    redis_server.client().set("asgi:odd", "mine")
    for n in range(3):
        layer.send("chat", {"n": n})
        assert layer.receive(["odd", "chat", "more"], block=block) == ("chat", {"n": n})


def test_that_a_wait_goes_on_at_the_channels_that_are_ours(layer, redis_server, caplog):
    redis_server.client().set("asgi:odd", "mine")
    sender, client = RedisChannelLayer(hosts=[redis_server.url]), redis_server.client()
    assert layer.receive(["odd", "chat"]) == (None, None)

    def send_when_it_waits():
        wait_until(lambda: client.info("clients")["blocked_clients"], "somebody waits")
        sender.send("chat", {"n": 1})

    thread = threading.Thread(target=send_when_it_waits)
    thread.start()
    assert layer.receive(["odd", "chat"], block=True) == ("chat", {"n": 1})
    thread.join()
    assert "asgi:odd in Redis is no list" in caplog.text
    with pytest.raises(KeyTaken, match="asgi:odd"):
        layer.receive(["odd"], block=True)
    sender.close()


def test_that_an_entry_that_is_no_key_of_ours_is_unreadable_and_what_it_names_stays(layer, redis_server):
    client = redis_server.client()
    client.set("precious", "data")
    client.rpush("asgi:chat", "precious", "")
    layer.send("chat", {"n": 1})
    taken = layer.take(["chat"])
    assert (taken.key, taken.message) == ("precious", None)
    assert layer.receive(["chat"]) == ("chat", {"n": 1})
    client.rpush("asgi:server.x!", "precious")
    assert [one.message for one in layer.take_batch("server.x!")] == [None]
    assert client.get("precious") == "data"


def test_that_a_body_key_of_another_type_is_unreadable(layer, redis_server):
    client = redis_server.client()
    client.rpush("asgi:" + "a" * 32, "x")
    client.rpush("asgi:chat", "asgi:" + "a" * 32)
    taken = layer.take(["chat"])
    assert (taken.key, taken.message) == ("a" * 32, None)
    assert layer.unreadable_count == 1


def test_that_what_comes_while_waiting_is_told_for_what_it_is(layer, redis_server):
    client = redis_server.client()

    def wait_for(entry):
        layer.take(["chat"])  # nothing: the next look waits at once (BLPOP)
        client.rpush("asgi:chat", entry)
        return layer.take(["chat"], block=True)

    client.set("theirs", "text")
    theirs = wait_for("theirs")
    assert (theirs.key, theirs.message, theirs.body) == ("theirs", None, b"")
    client.hset("asgi:odd", "a", "b")
    odd = wait_for("asgi:odd")
    assert (odd.key, odd.message) == ("odd", None)
    ghost = wait_for(f"asgi:{'0' * 32}")
    assert (ghost.key, ghost.ghosts) == ("", ("0" * 32,))
    client.set(f"asgi:{'1' * 32}", b"\x81\xa1n\x07")
    message = wait_for(f"asgi:{'1' * 32}")
    assert (message.key, message.message) == ("1" * 32, {"n": 7})
    assert message.took > 0
    assert sorted(client.keys()) == ["asgi:odd", "theirs"]


def test_that_a_damaged_counter_does_not_stop_a_message(layer, redis_server):
    redis_server.client().rpush("asgi-meta:chat:messages_count", "x")
    redis_server.client().set("asgi-meta:#global#:messages_count", "x")
    layer.send("chat", {"n": 1})
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


def test_that_a_forked_process_has_connections_of_its_own(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    layer.send("chat", {"n": 1})
    read, write = os.pipe()
    if not (child := os.fork()):
        os.write(write, repr((*layer.receive(["chat"]), connection_of(layer))).encode())
        os._exit(0)
    os.waitpid(child, 0)
    channel, message, connection = ast.literal_eval(os.read(read, 100).decode())
    assert (channel, message) == ("chat", {"n": 1})
    assert connection != connection_of(layer)
    layer.send("chat", {"n": 2})
    assert layer.receive(["chat"]) == ("chat", {"n": 2})
    layer.close()


def connection_of(layer):
    """Return what Redis calls the connection that a layer uses."""
    return layer._lines[0].call(b"*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n")[0]


def test_that_threads_may_share_a_layer(redis_url):
    layer, got = RedisChannelLayer(hosts=[redis_url], capacity=10_000), []

    def work(name):
        for n in range(200):
            layer.send("chat", {"name": name, "n": n})
            got.append(layer.receive(["chat"], block=True)[1])

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one["name"], one["n"]) for one in got) == [(name, n) for name in range(4) for n in range(200)]
    layer.close()
