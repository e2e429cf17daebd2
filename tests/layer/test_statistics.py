# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.layer import ChannelFull, RedisChannelLayer
from app.layer.rules import Rules
from app.layer.statistics import Rate, Statistics
from tests.redis_fixture import wait_until

SIX = {
    "messages_count",
    "messages_count_per_second",
    "messages_pending",
    "messages_max_age",
    "channel_full_count",
    "channel_full_count_per_second",
}


def test_that_a_quiet_layer_has_all_six_values_at_zero(layer):
    assert set(layer.channel_statistics("chat")) == set(layer.global_statistics()) == SIX
    assert set(layer.channel_statistics("chat").values()) == {0}


def test_that_sends_refusals_and_what_waits_are_counted(layer):
    for _ in range(5):
        layer.send("chat", {})
    for _ in range(2):
        with pytest.raises(ChannelFull):
            layer.send("chat", {})
    layer.receive(["chat"])
    layer.send("other", {})
    mine, all_ = layer.channel_statistics("chat"), layer.global_statistics()
    assert (mine["messages_count"], mine["messages_pending"], mine["channel_full_count"]) == (5, 4, 2)
    assert (all_["messages_count"], all_["messages_pending"], all_["channel_full_count"]) == (6, 5, 2)


def test_that_a_group_send_counts_each_copy_and_each_skipped_member(layer):
    for channel in ("server.x!a", "server.x!b", "plain"):
        layer.group_add("room", channel)
    for _ in range(3):
        layer.send_group("room", {})
    mine = layer.channel_statistics("server.x!anything")
    assert (mine["messages_count"], mine["channel_full_count"], mine["messages_pending"]) == (5, 1, 5)
    assert layer.global_statistics()["messages_count"] == 8
    assert layer.global_statistics()["channel_full_count"] == 1


def test_that_ghosts_do_not_wait_and_do_not_break_the_figures(layer, redis_server):
    client = redis_server.client()
    layer.expiry = 1
    ghost = layer.post("chat", {})
    wait_until(lambda: not client.exists("asgi:" + ghost.key), "the body expires")
    layer.expiry = 60
    layer.send("chat", {})
    figures = layer.channel_statistics("chat")
    assert figures["messages_pending"] == 1
    assert 0 <= figures["messages_max_age"] < 5
    assert client.llen("asgi:chat") == 2


def test_that_the_oldest_waiting_message_gives_the_age(layer, redis_server):
    first = layer.post("chat", {})
    layer.send("chat", {})
    redis_server.client().expire("asgi:" + first.key, 40)
    assert 20 <= layer.channel_statistics("chat")["messages_max_age"] < 22
    assert 20 <= layer.global_statistics()["messages_max_age"] < 22


def test_that_a_rate_looks_back_ten_seconds():
    rate = Rate()
    assert [rate.of(count, now) for count, now in [(0, 0.0), (10, 1.0), (40, 5.0)]] == [0.0, 10.0, 8.0]
    assert rate.of(40, 20.0) == 0.0
    assert rate.of(3, 21.0) == 0.0  # the counter began anew


def test_that_rates_are_those_of_each_channel(redis_url):
    layer, now = RedisChannelLayer(hosts=[redis_url]), [0.0]
    statistics = Statistics(layer.rules, lambda: now[0])
    layer._run(statistics.of_channel("chat"))
    for _ in range(6):
        layer.send("chat", {})
    now[0] = 2.0
    assert layer._run(statistics.of_channel("chat"))["messages_count_per_second"] == 3.0
    assert layer._run(statistics.of_channel("other"))["messages_count_per_second"] == 0.0
    layer.close()


def test_that_somebody_elses_key_in_place_of_a_queue_counts_as_nothing(layer, redis_server):
    redis_server.client().set("asgi:chat", "mine")
    assert layer.channel_statistics("chat")["messages_pending"] == 0
    assert layer.global_statistics()["messages_pending"] == 0


def test_that_rules_have_the_defaults_of_the_specification():
    assert (Rules().expiry, Rules().group_expiry, Rules().capacity) == (60, 86400, 100)
