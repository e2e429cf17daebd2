# SPDX-License-Identifier: GPL-3.0-or-later
"""`manage.py rundelay`: a delay server by itself; the workers of the live system have one each."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from app import events as e
from app.channels.asgi import DEFAULT, channel_layers
from app.channels.delay.worker import CHANNEL, SLEEP, Keeper, send_due
from app.channels.message import Message
from app.channels.outbox import Outbox


class Command(BaseCommand):
    """Takes what comes on `asgi.delay`, and sends what is due."""

    help = "Keep messages from asgi.delay in the database and send them when they are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of Channels 1.x."""
        parser.add_argument("--layer", default=DEFAULT, help="the channel layer's name in CHANNEL_LAYERS")
        parser.add_argument("--sleep", type=float, default=SLEEP, help="seconds between two looks (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C."""
        outbox = Outbox(channel_layers[options["layer"]].channel_layer, self._tell, "rundelay")
        try:
            while True:
                self.step(outbox)
                time.sleep(options["sleep"])
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")

    def step(self, outbox: Outbox) -> None:
        """Keep all that came, and send all that is due."""
        keep = Keeper()
        while taken := outbox.take(CHANNEL):
            try:
                keep(Message(taken.message or {}, taken.channel, outbox.layer))
            except ValueError as error:  # Channels 1.1.8 ends here
                self.stderr.write(f"rundelay: {error}")
        send_due(outbox)

    def _tell(self, event: e.Event) -> None:
        if isinstance(event, e.MessageSent):
            self.stdout.write(f"{event.key[:8]} sent to {event.channel}")
