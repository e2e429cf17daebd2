# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests of somebody's project (tests/own_project.py), as one wrote them for Channels 1.x; run by `manage test`."""

import json
import time
from urllib.request import urlopen

from channels import Channel, Group, route, route_class
from channels.auth import (
    channel_and_http_session_user_from_http,
    channel_session_user,
    channel_session_user_from_http,
    http_session_user,
    transfer_user,
)
from channels.binding.websockets import WebsocketBinding
from channels.delay.models import DelayedMessage
from channels.delay.worker import send_due
from channels.exceptions import DenyConnection
from channels.generic.websockets import WebsocketConsumer, WebsocketDemultiplexer
from channels.sessions import enforce_ordering, session_for_reply_channel
from channels.test import (
    ChannelLiveServerTestCase,
    ChannelTestCase,
    Client,
    HttpClient,
    TransactionChannelTestCase,
    WSClient,
    apply_routes,
)
from core.models import ChatMessage
from django.contrib.auth.models import User
from django.db import transaction
from websockets.sync.client import connect


class LineBinding(WebsocketBinding):
    model = ChatMessage
    stream = "lines"
    fields = ["room", "message"]

    @classmethod
    def group_names(cls, instance):
        return [f"lines-{instance.room}"]

    def has_permission(self, user, action, pk):
        return user.username == "ann"


class RoomOnlyBinding(WebsocketBinding):
    model = "core.ChatMessage"
    stream = "rooms"
    exclude = ["message"]

    @classmethod
    def group_names(cls, instance):
        return ["rooms"]

    def has_permission(self, user, action, pk):
        return False


def echo(message):
    message.reply_channel.send({"text": json.dumps({"path": message["path"], "said": message["text"]})})


def whoami(message):
    message.reply_channel.send({"text": json.dumps([message.user.username, message.user.is_anonymous])})


def let_in(message):
    message.reply_channel.send({"accept": True})


def deny(message):
    raise DenyConnection


class ClientTests(ChannelTestCase):
    def test_get_next_message(self):
        Channel("x").send({"n": 1})
        self.assertEqual(self.get_next_message("x", require=True)["n"], 1)
        self.assertIsNone(self.get_next_message("x"))
        with self.assertRaises(AssertionError):
            self.get_next_message("x", require=True)

    def test_layers_are_empty_again(self):
        self.assertIsNone(self.get_next_message("left"))
        Channel("left").send({})

    test_layers_are_empty_again_in_the_next_test = test_layers_are_empty_again

    def test_client(self):
        with apply_routes([route("x", echo)]):
            client = Client()
            client.send_and_consume("x", {"path": "/", "text": "hi"})
            self.assertEqual(client.receive(), {"text": '{"path": "/", "said": "hi"}'})
            self.assertIsNone(client.receive())
            self.assertIs(client.get_consumer_by_channel("x"), echo)
            client.join_group("room")
            Group("room").send({"n": 1})
            self.assertEqual(client.receive(), {"n": 1})
            self.assertIsNone(client.consume("x", fail_on_none=False))
            with self.assertRaises(AssertionError):
                client.consume("x")
            with self.assertRaises(AssertionError):
                client.send_and_consume("unknown")

    def test_sends_leave_when_the_consumer_has_returned(self):
        seen = []

        def consumer(message):
            Channel("after").send({})
            seen.append(self.get_next_message("after"))

        with apply_routes(route("x", consumer)):
            Client().send_and_consume("x")
        self.assertEqual(seen, [None])
        self.assertIsNotNone(self.get_next_message("after"))

    def test_the_settings_routing(self):
        client = HttpClient(ordered=True)
        client.set_header("origin", "http://testserver")
        client.force_login(User.objects.create(username="ann"))
        client.send_and_consume("websocket.connect", path="/chat/lobby/")
        self.assertEqual(client.receive(), {"line": "ann joined"})
        client.send_and_consume("websocket.receive", text="hello", path="/chat/lobby/")
        client.consume("chat-messages")
        self.assertEqual(client.receive(), {"line": "ann: hello"})
        self.assertEqual(ChatMessage.objects.get().message, "ann: hello")

    def test_http_client(self):
        client = HttpClient()
        client.set_cookie("colour", "blue")
        client.set_header("x-a", "b")
        with self.assertRaises(ValueError):
            client.set_header("cookie", "x")
        self.assertEqual(client.get_cookies()["colour"], "blue")
        client.send("x", path="/a/?b=1")
        client.send("websocket.connect", path="/a/?b=1", text={"json": True})
        first, second = self.get_next_message("x"), self.get_next_message("websocket.connect")
        self.assertNotIn("query_string", first)
        self.assertIn([b"x-a", b"b"], first["headers"])
        cookies = [dict(message["headers"])[b"cookie"] for message in (first, second)]
        self.assertIn(b"colour=blue", cookies[0])
        self.assertIn(b"sessionid=", cookies[0])
        self.assertNotIn(b"sessionid=", cookies[1])
        self.assertEqual((second["query_string"], second["text"]), ("b=1", '{"json": true}'))

    def test_ws_client(self):
        with apply_routes([route("websocket.connect", let_in, path="^/in"), route("websocket.connect", deny)]):
            client = WSClient(ordered=True)
            client.send_and_consume("websocket.connect", path="/in")
            self.assertEqual(client.order, 1)
            with self.assertRaises(ValueError):
                client.send("websocket.receive", {"order": 5})
            with self.assertRaises(DenyConnection):
                client.send_and_consume("websocket.connect", path="/out")
        with apply_routes(route("websocket.connect", lambda message: None)):
            with self.assertRaises(AssertionError):
                WSClient().send_and_consume("websocket.connect")
            WSClient().send_and_consume("websocket.connect", check_accept=False)

    def test_login(self):
        User.objects.create_user("bob", password="secret")
        client = HttpClient()
        self.assertFalse(client.login(username="bob", password="wrong"))
        self.assertTrue(client.login(username="bob", password="secret"))
        self.assertEqual(client.session["_auth_user_id"], str(User.objects.get().pk))


@apply_routes([[route("x", echo)], [route("y", echo)]])
class RoutesTests(ChannelTestCase):
    def test_apply_routes_to_a_class(self):
        client = HttpClient()
        client.send_and_consume("y", text="hi", path="/a")
        self.assertEqual(client.receive(), {"path": "/a", "said": "hi"})

    @apply_routes(route("z", echo))
    def test_apply_routes_to_a_test(self):
        self.assertIsNone(Client().get_consumer_by_channel("x"))
        self.assertIs(Client().get_consumer_by_channel("z"), echo)


class TransactionTests(TransactionChannelTestCase):
    def test_transaction_test_case(self):
        transaction.on_commit(lambda: Channel("x").send({"n": 1}))
        self.assertEqual(self.get_next_message("x", require=True)["n"], 1)


class LiveTests(ChannelLiveServerTestCase):
    def test_live_server(self):
        ChatMessage.objects.create(room="a", message="seen by the worker")
        with urlopen(self.live_server_url + "/") as page:
            self.assertEqual(page.read(), b"1 messages")
        with urlopen(self.live_server_url + "/static/core/room.js") as file:
            self.assertIn(b"WebSocket", file.read())
        with connect(self.live_server_ws_url + "/chat/lobby/", origin=self.live_server_url) as socket:
            self.assertEqual(json.loads(socket.recv(timeout=10)), {"line": " joined"})


class UserTests(ChannelTestCase):
    def setUp(self):
        self.ann = User.objects.create(username="ann")
        self.client_of_ann = HttpClient()
        self.client_of_ann.force_login(self.ann)

    def asked(self, consumer, client, channel="websocket.receive", **content):
        with apply_routes(route(channel, consumer)):
            client.send_and_consume(channel, content, check_accept=False)
        return client.receive()

    def test_http_session_user(self):
        self.assertEqual(self.asked(http_session_user(whoami), self.client_of_ann), ["ann", False])
        self.assertEqual(self.asked(http_session_user(whoami), HttpClient()), ["", True])

    def test_channel_session_user(self):
        self.assertEqual(self.asked(channel_session_user(whoami), HttpClient()), ["", True])
        client = self.client_of_ann
        session = session_for_reply_channel(client.reply_channel)
        session.save(must_create=True)
        transfer_user(client.session, session)
        session.save()
        self.assertEqual(self.asked(channel_session_user(whoami), client), ["ann", False])

    def test_channel_session_user_from_http(self):
        client = self.client_of_ann
        from_http = channel_session_user_from_http(whoami)
        self.assertEqual(self.asked(from_http, client, "websocket.connect"), ["ann", False])
        self.assertEqual(self.asked(channel_session_user(whoami), client), ["ann", False])
        self.assertEqual(self.asked(from_http, HttpClient(), "websocket.connect"), ["", True])

    def test_channel_and_http_session_user_from_http(self):
        def both(message):
            message.reply_channel.send({"text": json.dumps([message.user.username, "colour" in message.http_session])})

        client = self.client_of_ann
        client.session["colour"] = "blue"
        client.session.save()
        consumer = channel_and_http_session_user_from_http(both)
        self.assertEqual(self.asked(consumer, client, "websocket.connect"), ["ann", True])
        self.assertEqual(self.asked(consumer, client), ["ann", True])

    def test_users_of_class_consumers(self):
        class WhoAmI(WebsocketConsumer):
            http_user = True
            strict_ordering = True

            def receive(self, text=None, bytes=None, **kwargs):
                self.send(text=json.dumps(self.message.user.username))

        class Both(WhoAmI):
            http_user_and_session = True

            def receive(self, text=None, bytes=None, **kwargs):
                self.send(text=json.dumps(self.message.http_session.session_key))

        for consumer, answer in ((WhoAmI, "ann"), (Both, None)):
            client = HttpClient(ordered=True)
            client.force_login(self.ann)
            answer = answer or client.session.session_key
            with apply_routes([route_class(consumer)]):
                client.send_and_consume("websocket.connect")
                client.send_and_consume("websocket.receive", text="who?")
            self.assertEqual(client.receive(), answer)

    def test_ordering_and_users_together(self):
        client = HttpClient(ordered=True)
        client.force_login(self.ann)
        routes = [
            route("websocket.connect", enforce_ordering(channel_session_user_from_http(let_in))),
            route("websocket.receive", enforce_ordering(slight=True)(channel_session_user(whoami))),
        ]
        with apply_routes(routes):
            client.send_and_consume("websocket.connect")
            client.send_and_consume("websocket.receive", text="x")
        self.assertEqual(client.receive(), ["ann", False])


class BindingTests(ChannelTestCase):
    def told(self, channel):
        message = self.get_next_message(channel)
        return message and json.loads(message["text"])

    def test_outbound(self):
        Group("lines-a").add("a")
        Group("lines-b").add("b")
        line = ChatMessage.objects.create(room="a", message="1")
        payload = {
            "action": "create",
            "pk": line.pk,
            "data": {"room": "a", "message": "1"},
            "model": "core.chatmessage",
        }
        self.assertEqual(self.told("a"), {"stream": "lines", "payload": payload})
        line.message = "2"
        line.save()
        self.assertEqual(self.told("a")["payload"]["action"], "update")
        line.room = "b"
        line.save()
        self.assertEqual(self.told("a")["payload"]["action"], "delete")
        self.assertEqual(self.told("b")["payload"]["action"], "create")
        line.delete()
        self.assertIsNone(self.told("a"))
        self.assertEqual(self.told("b")["payload"]["action"], "delete")

    def test_exclude(self):
        Group("rooms").add("r")
        ChatMessage.objects.create(room="a", message="secret")
        self.assertEqual(self.told("r")["payload"]["data"], {"room": "a"})

    def test_inbound(self):
        class Demultiplexer(WebsocketDemultiplexer):
            http_user = True
            consumers = {"lines": LineBinding.consumer, "rooms": RoomOnlyBinding.consumer}

        def act(client, stream="lines", **payload):
            with apply_routes([route_class(Demultiplexer)]):
                client.send_and_consume("websocket.receive", text={"stream": stream, "payload": payload})

        ann, bob = HttpClient(), HttpClient()
        for name, client in (("ann", ann), ("bob", bob)):
            client.force_login(User.objects.create(username=name))
            with apply_routes(route("websocket.connect", channel_session_user_from_http(let_in))):
                client.send_and_consume("websocket.connect")
        act(bob, action="create", pk=None, data={"room": "a", "message": "1"})
        self.assertFalse(ChatMessage.objects.exists())
        act(ann, action="create", pk=None, data={"room": "a", "message": "1"})
        line = ChatMessage.objects.get()
        act(ann, action="update", pk=line.pk, data={"message": "2"})
        line.refresh_from_db()
        self.assertEqual((line.room, line.message), ("a", "2"))
        act(ann, "rooms", action="delete", pk=line.pk)
        self.assertTrue(ChatMessage.objects.exists())
        with self.assertRaises(ValueError):
            act(ann, action="update", pk=line.pk, data={"id": 5})
        with self.assertRaises(ValueError):
            act(ann, action="burn", pk=line.pk)
        act(ann, action="delete", pk=line.pk)
        self.assertFalse(ChatMessage.objects.exists())

    def test_a_binding_must_say_what_it_shows(self):
        with self.assertRaises(ValueError):

            class Nothing(WebsocketBinding):
                model = ChatMessage

        with self.assertRaises(ValueError):

            class NoModel(WebsocketBinding):
                fields = ["__all__"]

    def tearDown(self):
        from channels.binding.base import BindingMetaclass

        BindingMetaclass.classes[:] = [made for made in BindingMetaclass.classes if made.fields or made.exclude]


class DelayTests(ChannelTestCase):
    def kept(self, **content):
        from channels.delay.worker import Keeper

        with apply_routes(route("asgi.delay", Keeper())):
            Client().send_and_consume("asgi.delay", content)

    def test_delay(self):
        from channels.asgi import channel_layers
        from channels.outbox import Outbox

        outbox = Outbox(channel_layers["default"].channel_layer)
        self.kept(channel="x", delay=60, content={"n": 1})
        self.assertEqual(send_due(outbox), 0)
        self.assertIsNone(self.get_next_message("x"))
        kept = DelayedMessage.objects.get()
        self.assertTrue(0 < kept.delay <= 60)
        while not DelayedMessage.objects.is_due().exists():
            time.sleep(0.01)
        self.assertEqual(send_due(outbox), 1)
        self.assertEqual(self.get_next_message("x").content, {"n": 1})
        self.assertFalse(kept.send(outbox, 1000))  # as if two servers had found it

    def test_a_full_channel_is_tried_again(self):
        from channels.asgi import channel_layers
        from channels.outbox import Outbox

        outbox = Outbox(channel_layers["default"].channel_layer)
        for n in range(outbox.layer.capacity):
            Channel("x").send({"n": n})
        kept = DelayedMessage(channel_name="x", content="{}")
        kept.delay = -1
        kept.save()
        self.assertEqual(send_due(outbox), 0)
        self.assertTrue(900 < DelayedMessage.objects.get().delay <= 1000)

    def test_what_cannot_be_delayed(self):
        for content in ({"delay": 5, "content": {}}, {"channel": "x", "delay": 0, "content": {}},
                        {"channel": "x", "delay": 1.5, "content": {}}, {"channel": "x", "delay": 5, "content": "a"},
                        {"channel": "x", "delay": 5, "content": {"b": b"bytes"}}):  # fmt: skip
            with self.assertRaises(ValueError):
                self.kept(**content)
        self.assertFalse(DelayedMessage.objects.exists())

    def test_rundelay(self):
        from channels.asgi import channel_layers
        from channels.delay.management.commands.rundelay import Command
        from channels.outbox import Outbox

        Channel("asgi.delay").send({"channel": "x"})
        Channel("asgi.delay").send({"channel": "x", "delay": 1, "content": {"n": 1}})
        command, outbox = Command(), Outbox(channel_layers["default"].channel_layer)
        while (message := self.get_next_message("x")) is None:
            command.step(outbox)
        self.assertEqual(message["n"], 1)
