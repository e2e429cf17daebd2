# SPDX-License-Identifier: GPL-3.0-or-later
"""A routing for tests whose consumers wait for each other."""

import threading

from app.channels import route

BARRIER = threading.Barrier(2, timeout=5)


def meet(message):
    BARRIER.wait()
    message.reply_channel.send({"met": True})


channel_routing = [route("meet", meet)]
