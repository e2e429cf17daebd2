# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of somebody's own project (core_tests.py), with the test client of Channels 1.x."""

import re

import pytest

from tests.checklist import row
from tests.own_project import manage, prepared


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What became of each test: its output, by its name."""
    said = manage(prepared(tmp_path_factory.mktemp("own")), "test", "-v", "2")
    found = re.findall(r"^(test_\w+) \(.*?\) \.\.\.(?:.*\n)*?.*?(ok|FAIL|ERROR)$", said, re.MULTILINE)
    assert found, said
    results = dict(found)
    results["said"] = said
    return results


@pytest.fixture
def passed(results):
    def passed(*names):
        assert {name: results.get(name) for name in names} == dict.fromkeys(names, "ok"), results["said"]

    return passed


def test_that_all_of_them_pass(results):
    assert {name for name, result in results.items() if name != "said" and result != "ok"} == set(), results["said"]
    assert "OK" in results["said"]


@row("test: ChannelTestCase", "test: get_next_message")
def test_that_each_test_has_an_empty_layer_of_its_own(passed):
    passed("test_get_next_message", "test_layers_are_empty_again", "test_layers_are_empty_again_in_the_next_test")


@row("test: TransactionChannelTestCase")
def test_that_there_is_one_with_real_transactions(passed):
    passed("test_transaction_test_case")


@row("test: Client")
def test_that_a_client_sends_consumes_and_receives(passed):
    passed("test_client", "test_sends_leave_when_the_consumer_has_returned", "test_the_settings_routing")


@row("test: HttpClient", "test: WSClient")
def test_that_a_client_brings_headers_cookies_a_user_and_an_order_along(passed):
    passed("test_http_client", "test_ws_client", "test_login")


@row("test: apply_routes")
def test_that_routes_are_changed_for_a_test_or_a_class(passed):
    passed("test_apply_routes_to_a_class", "test_apply_routes_to_a_test")


@row("test: ChannelLiveServerTestCase")
def test_that_a_test_can_have_the_live_system(passed):
    passed("test_live_server")


@row("user: http_session_user")
def test_that_the_user_comes_from_the_browsers_session(passed):
    passed("test_http_session_user")


@row("user: channel_session_user")
def test_that_the_user_comes_from_the_sockets_session(passed):
    passed("test_channel_session_user")


@row("user: channel_session_user_from_http")
def test_that_the_user_is_carried_over_on_connect(passed):
    passed("test_channel_session_user_from_http", "test_ordering_and_users_together")


@row("user: channel_and_http_session_user_from_http")
def test_that_the_user_and_both_sessions_are_known_on_frames(passed):
    passed("test_channel_and_http_session_user_from_http", "test_users_of_class_consumers")


@row("generic: WebsocketBinding")
def test_that_a_model_is_bound_to_groups_and_sockets(passed):
    passed("test_outbound", "test_exclude", "test_inbound", "test_a_binding_must_say_what_it_shows")


@row("protocol: asgi.delay")
def test_that_messages_are_delayed(passed):
    passed("test_delay", "test_a_full_channel_is_tried_again", "test_what_cannot_be_delayed", "test_rundelay")
