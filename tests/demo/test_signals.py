# SPDX-License-Identifier: GPL-3.0-or-later
"""The signals of Channels 1.x, and the database connections that one of them closes."""

import pytest

from app.channels import route
from app.channels.defaults import router_with_defaults
from app.worker.hooks import django_hooks
from app.worker.loop import Worker
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")


def fail(message):
    raise RuntimeError("on purpose")


def ask_database(message):
    from django.db import connection

    connection.ensure_connection()
    message.channel_layer.asked.append(connection.connection)


@row("W-09")
def test_that_signals_are_sent_around_each_consumer_also_one_that_raised_and_when_a_worker_begins(layer):
    from app.channels import signals

    heard = []
    names = ("worker_ready", "consumer_started", "consumer_finished")
    receivers = {name: lambda name=name, **_: heard.append(name) for name in names}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver)
    routing = [route("broken", fail), route("last", lambda message: worker.stop())]
    worker = Worker(layer, router_with_defaults(routing), hooks=django_hooks(sender=None))
    layer.send("broken", {})
    worker.step()
    layer.send("last", {})
    worker.run()
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver)
    around = ["consumer_started", "consumer_finished"]
    assert heard == [*around, "worker_ready", *around]


@row("W-09")
def test_that_a_database_connection_that_is_too_old_is_closed_after_a_consumer(layer):
    from django.db import connection

    layer.asked = []
    worker = Worker(layer, router_with_defaults([route("ask", ask_database)]), hooks=django_hooks(sender=None))
    layer.send("ask", {})
    worker.step()
    assert connection.connection is layer.asked[0]  # kept: the demo's may be 60 s old
    connection.close_at = 0
    layer.send("ask", {})
    worker.step()
    assert connection.connection is None
