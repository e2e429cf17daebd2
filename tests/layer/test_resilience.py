# SPDX-License-Identifier: GPL-3.0-or-later
import time

import pytest

from app.layer import Resilience


def fates(layer, channel, count):
    return [layer.post(channel, {"n": n}).is_dropped for n in range(count)]


def test_that_nothing_is_dropped_unless_asked_for(make_layer):
    assert not any(fates(make_layer(capacity=100), "chat", 50))


def test_that_the_same_seed_drops_the_same_messages(make_layer, redis_server):
    first, again, other = (
        fates(make_layer(capacity=500, resilience=Resilience({"cha*": 0.3}, seed=seed)), "chat", 100)
        for seed in (1, 1, 2)
    )
    assert first == again != other
    assert 15 < sum(first) < 45
    assert redis_server.client().llen("asgi:chat") == 300 - sum(first + again + other)


def test_that_one_channels_fate_does_not_depend_on_another(make_layer):
    alone = fates(make_layer(resilience=Resilience({"*": 0.5}, seed=3)), "a", 5)
    layer, mixed = make_layer(prefix="other:", resilience=Resilience({"*": 0.5}, seed=3)), []
    for _ in range(5):
        layer.post("b", {})
        mixed += fates(layer, "a", 1)
    assert mixed == alone


def test_that_two_channels_have_fates_of_their_own(make_layer):
    layer = make_layer(capacity=100, resilience=Resilience({"*": 0.5}, seed=3))
    assert fates(layer, "a", 40) != fates(layer, "b", 40)


def test_that_channels_that_no_pattern_names_are_left_alone(make_layer):
    layer = make_layer(resilience=Resilience({"chat": 1.0}))
    assert layer.post("chat", {}).is_dropped
    assert not layer.post("other", {}).is_dropped
    assert [answer.is_dropped for answer in layer.post_many([("chat", {}), ("other", {})])] == [True, False]


def test_that_copies_of_a_group_are_dropped_one_by_one_and_told(make_layer):
    layer = make_layer(resilience=Resilience({"gone": 1.0}))
    for channel in ("gone", "kept"):
        layer.group_add("room", channel)
    told = {copy.channel: copy.is_dropped for copy in layer.post_group("room", {"n": 1})}
    assert told == {"gone": True, "kept": False}
    assert layer.receive(["gone", "kept"]) == ("kept", {"n": 1})
    assert layer.receive(["gone", "kept"]) == (None, None)


def test_that_a_delayed_send_takes_longer_and_keeps_the_order(make_layer):
    layer = make_layer(resilience=Resilience(delay={"chat": 0.2}, seed=5))
    began = time.monotonic()
    for n in range(4):
        layer.send("chat", {"n": n})
    assert 0.05 < time.monotonic() - began < 2
    assert [layer.receive(["chat"])[1]["n"] for _ in range(4)] == [0, 1, 2, 3]


def test_that_a_share_above_one_is_refused():
    with pytest.raises(ValueError, match="from 0 to 1"):
        Resilience({"chat": 1.5})
