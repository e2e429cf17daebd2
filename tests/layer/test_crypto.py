# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.layer import crypto
from app.layer.messages import UnreadableBody


def test_that_bodies_are_encrypted_and_names_are_not(make_layer, redis_server):
    layer, client = make_layer(symmetric_encryption_keys=["secret"]), redis_server.client()
    for channel in ("chat", "server.x!bob"):
        sent = layer.post(channel, {"text": "hush", "bytes": b"\xff"})
        assert client.get("asgi:" + sent.key).startswith("gAAAA")  # a Fernet token
        assert b"hush" in sent.body
    assert layer.receive(["chat"]) == ("chat", {"text": "hush", "bytes": b"\xff"})
    assert layer.receive(["server.x!"]) == ("server.x!bob", {"text": "hush", "bytes": b"\xff"})
    assert client.exists("asgi-meta:chat:messages_count")


def test_that_group_copies_are_encrypted_each_for_itself(make_layer, redis_server):
    layer, client = make_layer(symmetric_encryption_keys=["secret"]), redis_server.client()
    for channel in ("chat", "server.x!bob", "server.x!eve"):
        layer.group_add("room", channel)
    tokens = {client.get("asgi:" + copy.key) for copy in layer.post_group("room", {"n": 1})}
    assert len(tokens) == 3
    assert all(token.startswith("gAAAA") for token in tokens)
    assert {layer.receive(["server.x!"])[0] for _ in range(2)} == {"server.x!bob", "server.x!eve"}
    assert layer.receive(["chat"]) == ("chat", {"n": 1})


def test_that_keys_can_be_replaced_one_after_another(make_layer):
    old, both, new = (make_layer(symmetric_encryption_keys=keys) for keys in (["old"], ["new", "old"], ["new"]))
    old.send("chat", {"n": 1})
    assert both.receive(["chat"]) == ("chat", {"n": 1})
    both.send("chat", {"n": 2})
    assert new.receive(["chat"]) == ("chat", {"n": 2})


def test_that_a_body_no_key_fits_is_passed_over_and_counted(make_layer):
    make_layer(symmetric_encryption_keys=["theirs"]).send("chat", {"n": 1})
    ours = make_layer(symmetric_encryption_keys=["ours"])
    ours.send("chat", {"n": 2})
    assert ours.receive(["chat"]) == ("chat", {"n": 2})
    assert ours.unreadable_count == 1


def test_that_a_body_older_than_its_expiry_and_ten_seconds_is_refused():
    seal = crypto.seal_of(["secret"])
    token = seal._fernet.encrypt_at_time(b"body", 1000)
    assert seal._fernet.decrypt_at_time(token, 70, 1070) == b"body"
    with pytest.raises(UnreadableBody, match="too old"):
        seal.open(token, 60)
