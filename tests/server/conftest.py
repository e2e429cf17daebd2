# SPDX-License-Identifier: GPL-3.0-or-later
import threading
from contextlib import ExitStack

import pytest

from app.events import SourceReady
from app.layer import RedisChannelLayer
from tests.processes import TestChild
from tests.redis_fixture import _shared_redis, own_redis, redis_server, redis_url  # noqa: F401

CHANNELS = ["http.request", "http.disconnect", "websocket.connect", "websocket.receive", "websocket.disconnect"]


class Scripted:
    """A worker of the test's own: answers each message as the test says, on a thread."""

    def __init__(self, url, answers):
        self.layer = RedisChannelLayer(hosts=[url])
        self.answers = answers
        self.messages = []
        self._leaving = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._leaving:
            channel, message = self.layer.receive(CHANNELS, block=True)
            if channel:
                self.messages.append((channel, message))
                for reply in self.answers(channel, message) or ():
                    self.layer.send(message["reply_channel"], reply)

    def of(self, channel):
        return [message for name, message in self.messages if name == channel]

    def stop(self):
        self._leaving = True
        self.layer.wake()
        self._thread.join(10)
        self.layer.close()


@pytest.fixture
def server(redis_url):  # noqa: F811
    with TestChild("app.server", "--redis", redis_url, "--port", 0, "--capacity", 3) as child:
        child.address = child.until(SourceReady).detail
        yield child


@pytest.fixture
def serve(redis_url):  # noqa: F811
    """Start a server with options; it ends with the test."""
    with ExitStack() as stack:

        def start(*options):
            child = stack.enter_context(TestChild("app.server", "--redis", redis_url, "--port", 0, *options))
            child.address = child.until(SourceReady).detail
            return child

        yield start


@pytest.fixture
def worker(redis_url):  # noqa: F811
    workers = []

    def start(answers):
        workers.append(Scripted(redis_url, answers))
        return workers[-1]

    yield start
    for each in workers:
        each.stop()
