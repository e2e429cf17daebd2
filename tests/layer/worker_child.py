# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader or writer for tests that kill it: says on stdout what it has done, one line each, as soon as it is done.

worker_child.py read URL CHANNEL RECEIVE        what it takes: its identity, then the message's number
worker_child.py write URL CHANNEL FIRST COUNT   what it sends
"""

import os
import sys

from app.layer import ChannelFull, RedisChannelLayer


def read(url, channel, receive):
    layer = RedisChannelLayer(hosts=[url], receive=receive, connection_kwargs={"client_name": f"reader-{os.getpid()}"})
    while True:
        taken = layer.take([channel], block=True)
        if taken and taken.message is not None:
            os.write(1, f"{taken.key} {taken.message['n']}\n".encode())
        elif taken:
            os.write(1, "".join(f"{ghost} ghost\n" for ghost in taken.ghosts).encode())


def write(url, channel, first, count):
    layer = RedisChannelLayer(hosts=[url], capacity=1000)
    for n in range(int(first), int(first) + int(count)):
        while True:
            try:
                sent = layer.post(channel, {"n": n})
                break
            except ChannelFull:
                continue
        os.write(1, f"{sent.key} {n}\n".encode())


if __name__ == "__main__":
    {"read": read, "write": write}[sys.argv[1]](*sys.argv[2:])
