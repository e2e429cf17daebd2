# SPDX-License-Identifier: GPL-3.0-or-later
"""A test case with the whole live system running, for tests with a browser (asgi1_checklist §12)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from app.channels.test.base import TransactionChannelTestCase

MAIN = Path(__file__).parent.parent.parent.parent / "main.py"
PATIENCE = 30.0  # seconds until it must answer
READY = re.compile(r"at (http://\S+)/ ")
WORKING = "listens to"


class ChannelLiveServerTestCase(TransactionChannelTestCase):
    """Each test has an interface server and workers of its own, which use the test's database.

    They know the settings and the routing of the project, but nothing of what a test changes in its own process; and
    what it sends itself stays there, on a layer in memory.
    """

    workers: ClassVar[int] = 1

    @property
    def live_server_url(self) -> str:
        """Where the pages are: `http://127.0.0.1:PORT`."""
        return self._system.address

    @property
    def live_server_ws_url(self) -> str:
        """Where sockets are: `ws://127.0.0.1:PORT`."""
        return self.live_server_url.replace("http", "ws", 1)

    _system: ClassVar[_System]

    @classmethod
    def _pre_setup(cls) -> None:
        super()._pre_setup()
        for connection in connections.all():
            if connection.vendor == "sqlite" and connection.is_in_memory_db():
                raise ImproperlyConfigured("Workers cannot see a database in memory: give it a TEST NAME, a file.")
        cls._system = _System(cls.workers)

    def _post_teardown(self) -> None:
        self._system.end()
        super()._post_teardown()


class _System:
    """`main.py serve` as a process."""

    def __init__(self, workers: int) -> None:
        names = {connection.alias: str(connection.settings_dict["NAME"]) for connection in connections.all()}
        command = [sys.executable, "-u", str(MAIN), "serve", "--port", "0", "--workers", str(workers)]
        self._process = subprocess.Popen(
            [*command, "--settings", os.environ["DJANGO_SETTINGS_MODULE"], "--project", os.getcwd()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "CHANNELSCOPE_DATABASES": json.dumps(names)},
        )
        self.address, self._workers, self._said = "", workers, list[str]()
        self._known = threading.Event()  # whether it is ready, or never will be
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._known.wait(PATIENCE) or not self.address or self._process.poll() is not None:
            self.end()
            raise RuntimeError("The live system does not start:\n" + "".join(self._said))

    def end(self) -> None:
        """End it, at last by force."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._said.append(line)
                if found := READY.search(line):
                    self.address = found[1]
                if self.address and sum(WORKING in said for said in self._said) >= self._workers:
                    self._known.set()
        self._known.set()
