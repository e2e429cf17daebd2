# SPDX-License-Identifier: GPL-3.0-or-later
"""Protocols other than the web's: consumers know only messages (asgi1_checklist §13)."""

import socket

from app.channels import route
from app.channels.defaults import router_with_defaults
from app.worker.loop import Worker
from tests.checklist import row


def ran(layer, channel, content, consumer, **filters):
    layer.send(channel, content)
    Worker(layer, router_with_defaults([route(channel, consumer, **filters)])).step()


def shout(message):
    message.reply_channel.send({"data": message["data"].upper()})


@row("protocol: udp.receive", "protocol: udp.send!")
def test_that_a_datagram_is_answered_through_the_layer(layer):
    with socket.socket(type=socket.SOCK_DGRAM) as server, socket.socket(type=socket.SOCK_DGRAM) as client:
        for end in (server, client):
            end.bind(("127.0.0.1", 0))
            end.settimeout(5)
        client.sendto(b"hello\xff", server.getsockname())
        data, sender = server.recvfrom(100)
        content = {"reply_channel": "udp.send!here", "data": data, "client": list(sender)}
        ran(layer, "udp.receive", {**content, "server": list(server.getsockname())}, shout)
        _, answer = layer.receive(["udp.send!"])
        server.sendto(answer["data"], sender)
        assert client.recv(100) == b"HELLO\xff"


@row("protocol: email")
def test_that_an_email_has_nobody_to_answer(layer):
    seen = []
    content = {"from": "ann@example", "to": "list@example", "headers": [["subject", "Hi"]], "content": b"Hello"}
    ran(
        layer,
        "email.receive",
        content,
        lambda message, name: seen.append((name, message.reply_channel)),
        to="(?P<name>.*)@",
    )
    assert seen == [("list", None)]
