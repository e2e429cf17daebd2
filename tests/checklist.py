# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the ASGI 1.x reference (§6–13) by their names, and the mark with which a test names the rows it shows."""

import pytest

# What daphne has and our system does not, and what there is instead.
NOT_HERE = {
    "option: endpoint": "Twisted's words for an address: --bind, --port, --unix-socket, --fd, --certfile",
    "option: force-sync": "there is one way to read replies, not one with Twisted and one without",
    "option: channel_layer": "--redis: the layer is always ours",
}

HTTP = {
    "http.request": "reply_channel http_version method scheme path query_string root_path headers body body_channel "
    "client server",
    "http.request.body": "content closed more_content",
    "response": "status headers content more_content push",
    "response rules": "no-status second-status unknown-channel",
    "chunk": "content more_content",
    "http.disconnect": "reply_channel path",
    "Django": "chunks streaming 408 closed",
}
WEBSOCKET = {
    "websocket.connect": "reply_channel scheme path query_string root_path headers client server order",
    "websocket.receive": "reply_channel path bytes text order",
    "websocket.disconnect": "reply_channel code path order",
    "reply": "bytes text close accept both unknown",
    "handshaking": "accept accept-and-data deny data close close-and-data timeout 4403",
    "open": "data close accept",
    "duties": "pong ping control-frames default-consumer",
    "code": "1000 1002 1007 1009 1013 3000-4999 4403",
    "HTTP": "400 403 408 500 503",
}
OPTIONS = (
    "port bind websocket_timeout websocket_connect_timeout http-timeout ping-interval ping-timeout ws-protocol "
    "root-path proxy-headers access-log websocket_handshake_timeout unix-socket fd endpoint force-sync verbosity "
    "channel_layer"
)

# §9–13 by what their tables are about; where rows have numbers, by those.
APPLICATION = {
    "API": "consumer Message Channel Group CHANNEL_LAYERS channel_layers entry-point",
    "session": "channel_session http_session channel_and_http_session",
    "user": "channel_session_user http_session_user channel_session_user_from_http "
    "channel_and_http_session_user_from_http",
    "order": "enforce_ordering session-key wait-channel slight",
    "origin": "allowed_hosts_only",
    "generic": "BaseConsumer WebsocketConsumer JsonWebsocketConsumer WebsocketDemultiplexer WebsocketBinding",
    "test": "ChannelTestCase TransactionChannelTestCase get_next_message Client HttpClient WSClient apply_routes "
    "ChannelLiveServerTestCase",
    "protocol": "asgi.delay udp.receive udp.send! email",
}


def rows():
    """Return the names of all rows."""
    named = {
        f"{table}: {key}"
        for tables in (HTTP, WEBSOCKET, APPLICATION)
        for table, keys in tables.items()
        for key in keys.split()
    }
    named |= {f"D-{number:02}" for number in range(1, 16)} | {f"W-{number:02}" for number in range(1, 14)}
    named |= {f"R-{number:02}" for number in range(1, 10)}
    return named | {f"option: {name}" for name in OPTIONS.split()}


def row(*names):
    """Mark a test with the rows it shows."""
    assert set(names) <= rows(), set(names) - rows()
    return pytest.mark.row(*names)
