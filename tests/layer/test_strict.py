# SPDX-License-Identifier: GPL-3.0-or-later
"""With strict_spec a process-specific channel whose message expired unread leaves its groups (checklist §16, row 3)."""

import pytest

from tests.redis_fixture import wait_until

BOB, ADA = "server.x!bob", "server.x!ada"


def gone(redis_server):
    """Wait until every message has expired."""
    client = redis_server.client()
    wait_until(lambda: not [key for key in client.keys("asgi:*") if client.type(key) == "string"], "all expired")


@pytest.fixture(params=[1, 3], ids=["one server", "shards"])
def strict(make_layer, redis_server, request):
    hosts = [f"{redis_server.url}?db={number}" for number in range(request.param)]
    layer = make_layer(hosts=hosts, strict_spec=True, expiry=1)
    for channel in (BOB, ADA, "plain"):
        layer.group_add("room", channel)
    return layer


def all_gone(layer):
    """Wait until the messages' time is over."""
    wait_until(lambda: BOB not in layer.group_channels("room"), "bob is no member")


def test_that_a_channel_whose_message_expired_unread_leaves_its_groups(strict):
    strict.group_add("hall", BOB)
    strict.send(BOB, {})
    strict.send("plain", {})
    assert sorted(strict.group_channels("room")) == ["plain", ADA, BOB]
    all_gone(strict)
    assert sorted(strict.group_channels("room")) == ["plain", ADA]
    assert strict.group_channels("hall") == []
    assert sorted(copy.channel for copy in strict.post_group("room", {})) == ["plain", ADA]


def test_that_a_copy_of_a_groups_message_counts_and_a_received_one_does_not(strict):
    strict.send_group("room", {})
    seen = {strict.receive(["server.x!"])[0]}
    assert seen <= {ADA, BOB}
    (other,) = {ADA, BOB} - seen
    wait_until(lambda: other not in strict.group_channels("room"), "the other one has left")
    assert sorted(strict.group_channels("room")) == sorted(["plain", *seen])


def test_that_who_joins_again_is_a_member_until_the_next_message_expires(strict):
    strict.send(BOB, {})
    all_gone(strict)
    strict.group_add("room", BOB)
    assert BOB in strict.group_channels("room")
    strict.send(BOB, {})
    all_gone(strict)


def test_that_a_refused_message_and_a_batch_that_was_taken_expel_nobody(make_layer, redis_server):
    layer = make_layer(strict_spec=True, expiry=1, capacity=2)
    layer.group_add("room", BOB)
    for _ in range(2):
        layer.send(BOB, {})
    with pytest.raises(layer.ChannelFull):
        layer.send(BOB, {})
    assert [copy.channel for copy in layer.post_group("room", {})] == [BOB]  # skipped
    assert len(layer.take_batch("server.x!")) == 2
    assert redis_server.client().keys("asgi::unread:*") == []


def test_that_without_it_the_membership_stays_as_in_asgi_redis(make_layer, redis_server):
    layer = make_layer(expiry=1)
    layer.group_add("room", BOB)
    layer.send(BOB, {})
    gone(redis_server)
    assert layer.group_channels("room") == [BOB]
    assert redis_server.client().keys("asgi::unread:*") == []
