# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that is neither server nor worker and sends one message: what a cron job or a management command does."""

from __future__ import annotations

import argparse
import json
import sys
import time

from app.channels import Channel
from app.channels.outbox import Outbox
from app.child import Child
from app.events import LogLine
from app.layer import Refused
from app.worker.__main__ import add_arguments, layer_of

NAME = "outside"


def main() -> int:
    """Send what the command line says; returns 0, or 1 when it was turned away."""
    parser = argparse.ArgumentParser(prog="python -m app.worker.outside")
    add_arguments(parser)
    parser.add_argument("channel")
    parser.add_argument("content", type=json.loads)
    args = parser.parse_args()
    child = Child(NAME)
    layer = layer_of(args, NAME)
    try:
        with Outbox(layer, child.say, NAME):
            Channel(args.channel).send(args.content, immediately=True)
    except (TypeError, Refused) as error:
        child.say(LogLine(t=time.time(), source=NAME, text=f"It could not be sent: {error}", level="error"))
        return 1
    finally:
        child.drain()
        layer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
