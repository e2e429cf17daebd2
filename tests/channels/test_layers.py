# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel layers by the names that a project's settings give them."""

import pytest

from app.channels import Channel, Group, Message, route
from app.channels.asgi import ChannelLayerManager, InvalidChannelLayerError, channel_layers, get_channel_layer
from app.layer import RedisChannelLayer
from app.layer.memory import MemoryChannelLayer
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")
ROUTING = [route("chat", "app.channels.defaults.ignore", room="(?P<room>.*)")]
MEMORY = {"BACKEND": "asgiref.inmemory.ChannelLayer", "ROUTING": "tests.channels.test_layers.ROUTING"}


@pytest.fixture
def configured(database, monkeypatch):
    """A function that sets CHANNEL_LAYERS."""
    from django.test import override_settings

    monkeypatch.delenv("CHANNELSCOPE_REDIS", raising=False)
    overridden = []

    def configured(**layers):
        overridden.append(override_settings(CHANNEL_LAYERS=layers))
        overridden[-1].enable()
        return ChannelLayerManager()

    yield configured
    for one in overridden:
        one.disable()
    for alias in ("default", "other"):
        channel_layers.set(alias, None)


@row("API: CHANNEL_LAYERS")
def test_that_a_layer_is_made_of_its_backend_routing_and_config(configured, redis_url):
    redis = {"BACKEND": "asgi_redis.RedisChannelLayer", "CONFIG": {"hosts": [redis_url], "capacity": 7}, "ROUTING": []}
    layers = configured(default=MEMORY, other=redis)
    assert isinstance(layers["default"].channel_layer, MemoryChannelLayer)
    assert isinstance(layers["other"].channel_layer, RedisChannelLayer)
    assert layers["other"].capacity == 7
    assert layers["default"] is layers["default"]
    layers["other"].close()


def test_that_redis_is_where_the_live_system_has_it(configured, redis_url, monkeypatch):
    there = {"BACKEND": "asgi_redis.RedisChannelLayer", "CONFIG": {"hosts": [("localhost", 1)]}, "ROUTING": []}
    layers = configured(default=there)
    monkeypatch.setenv("CHANNELSCOPE_REDIS", redis_url)
    layers["default"].ping()
    layers["default"].close()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "no BACKEND"),
        ({"BACKEND": "asgiref.inmemory.ChannelLayer"}, "no ROUTING"),
        ({"BACKEND": "nobody.has.This", "ROUTING": []}, "nobody"),
    ],
)
def test_that_what_is_missing_is_said(configured, config, said):
    with pytest.raises(InvalidChannelLayerError, match=said):
        configured(default=config)["default"]


def test_that_tests_may_have_a_layer_of_their_own(configured):
    layers = configured(default={**MEMORY, "TEST_CONFIG": {"capacity": 1}}, other=MEMORY)
    assert layers.make_test_backend("default").capacity == 1
    with pytest.raises(InvalidChannelLayerError, match="TEST_CONFIG"):
        layers.make_test_backend("other")


@row("API: channel_layers")
def test_that_a_layer_knows_its_name_and_its_routing_and_is_a_layer_besides(configured):
    layer = configured(default=MEMORY)["default"]
    assert (layer.alias, layer.router.channels) == ("default", {"chat"})
    consumer, kwargs = layer.router.match(Message({"room": "lobby"}, "chat"))
    assert (consumer.__name__, kwargs) == ("ignore", {"room": "lobby"})
    assert layer.router.match(Message({}, "chat")) is None
    layer.send("chat", {"n": 1})
    assert layer.receive_many(["chat"]) == ("chat", {"n": 1})


@row("API: entry-point")
def test_that_a_project_has_an_entry_point_for_the_interface_server(configured):
    configured(default=MEMORY)
    assert get_channel_layer() is channel_layers["default"]


def test_that_outside_a_consumer_channels_and_groups_send_at_once_by_name(configured):
    configured(default=MEMORY, other=MEMORY)
    Group("room").add("x")
    Group("room").send({"n": 1})
    Channel("x", alias="other").send({"n": 2})
    assert channel_layers["default"].receive(["x"]) == ("x", {"n": 1})
    assert channel_layers["other"].receive(["x"]) == ("x", {"n": 2})


def test_that_a_consumer_reaches_another_layer_by_its_name_at_once(configured, layer):
    from app.channels.outbox import Outbox

    configured(other=MEMORY)
    with Outbox(layer):
        Channel("x", alias="other").send({"n": 1})
        assert channel_layers["other"].receive(["x"]) == ("x", {"n": 1})
