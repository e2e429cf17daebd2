# SPDX-License-Identifier: GPL-3.0-or-later
"""What other implementations write we read the same; what we call good or bad they do too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, Request, TextMessage
from wsproto.extensions import PerMessageDeflate as WsprotoDeflate
from wsproto.utilities import RemoteProtocolError

from app.wire.connection import Connection
from app.wire.handshake import Handshake
from tests.wire.peer import frame, frames, messages, opened, rules

ANSWER = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
PAYLOADS = st.binary(max_size=200) | st.integers(0, 70000).map(lambda n: bytes(range(256)) * (n // 256 + 1))


@given(opcode=st.sampled_from([1, 2]), payload=PAYLOADS, masked=st.booleans(), fin=st.booleans())
def test_that_frames_written_by_websockets_are_read(opcode, payload, masked, fin):
    data = TheirFrame(Opcode(opcode), payload, fin).serialize(mask=masked)
    (ours,) = frames(opened().receive("client" if masked else "server", data))
    assert (ours.opcode, ours.fin, ours.masked, ours.payload_data) == (opcode, fin, masked, payload)
    assert ours.raw == data


@given(texts=st.lists(PAYLOADS, max_size=6), no_takeover=st.booleans())
@settings(deadline=None)
def test_that_messages_compressed_by_websockets_are_inflated(texts, no_takeover):
    theirs = PerMessageDeflate(no_takeover, no_takeover, 15, 15)
    data = b"".join(TheirFrame(Opcode.BINARY, text).serialize(mask=False, extensions=[theirs]) for text in texts)
    answer = ANSWER.replace("\r\n", "; server_no_context_takeover\r\n") if no_takeover else ANSWER
    found = messages(opened(answer).receive("server", data))
    assert [(message.data, message.problem) for message in found] == [(text, "") for text in texts]


@pytest.mark.parametrize("extensions", [[], [WsprotoDeflate()]], ids=["plain", "deflate"])
def test_that_a_conversation_of_wsproto_is_read_whole(extensions):
    client, server = WSConnection(ConnectionType.CLIENT), WSConnection(ConnectionType.SERVER)
    ours, values = Connection(is_whole=True), []

    def say(direction, sender, receiver, *events):
        data = b"".join(sender.send(event) for event in events)
        values.extend(ours.receive(direction, data))
        receiver.receive_data(data)
        return list(receiver.events())

    asked = Request("example.com", "/chat", extensions=extensions, subprotocols=["chat"])
    say("client", client, server, asked)
    say(
        "server",
        server,
        client,
        AcceptConnection(subprotocol="chat", extensions=[WsprotoDeflate()] if extensions else []),
    )
    say("client", client, server, TextMessage("Grüße"), Ping(b"?"), TextMessage("Gr", message_finished=False))
    say("client", client, server, TextMessage("üße"), BytesMessage(bytes(70000)))
    say("server", server, client, TextMessage("Grüße"), TextMessage("Grüße"), CloseConnection(1000, "bye"))
    handshake = values[0]
    assert isinstance(handshake, Handshake)
    assert handshake.accept_ok
    assert all(found == [] for found in rules(values))
    assert [message.data for message in messages(values) if message.direction == "client"] == [
        "Grüße".encode(), "Grüße".encode(), bytes(70000),
    ]  # fmt: skip
    assert [message.data for message in messages(values) if message.direction == "server"] == ["Grüße".encode()] * 2
    assert (frames(values)[-1].close_code, frames(values)[-1].close_reason) == (1000, "bye")


BAD = [
    frame(0x89, bytes(126)), frame(0x09, b"a"), frame(0x83, b"a"), frame(0xC1, b"a"), frame(0xA1, b"a"),
    frame(0x80, b"a"), frame(0x01, b"a") + frame(0x81, b"b"), frame(0x81, b"a", length=b"\x7e\x00\x01"),
    frame(0x81, b"caf\xe9"), frame(0x88, b"\x03"), frame(0x88, b"\x03\xed"), frame(0x88, b"\x03\xe8\xff"),
    frame(0x81, b"a", b"abcd"), frame(0x88, b"\x03\xe7"), frame(0x88, b"\x03\xee"), frame(0x88, b"\x03\xf7"),
]  # fmt: skip
GOOD = [
    frame(0x89, bytes(125)), frame(0x81, "é".encode()), frame(0x01, b"\xc3") + frame(0x80, b"\xa9"), frame(0x88),
    frame(0x88, b"\x03\xe8bye"), frame(0x88, b"\x0b\xb8"), frame(0x01, b"a") + frame(0x8A) + frame(0x80), frame(0x82),
]  # fmt: skip


def wsproto_objects(data):
    """Return whether wsproto, as a client, refuses what the server sends."""
    from wsproto.frame_protocol import FrameProtocol, ParseFailed

    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(data)
    try:
        list(protocol.received_frames())
    except (ParseFailed, RemoteProtocolError):
        return True
    return False


@pytest.mark.parametrize("data", BAD, ids=lambda data: data[:6].hex())
def test_that_wsproto_refuses_what_we_name(data):
    assert any(rules(opened().receive("server", data)))
    assert wsproto_objects(data)


@pytest.mark.parametrize("data", GOOD, ids=lambda data: data[:6].hex())
def test_that_wsproto_takes_what_we_find_nothing_wrong_with(data):
    assert not any(rules(opened().receive("server", data)))
    assert not wsproto_objects(data)
