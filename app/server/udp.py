# SPDX-License-Identifier: GPL-3.0-or-later
"""An interface server for UDP: any protocol fits that can be cut into messages (asgi1_checklist §13).

`python -m app.server.udp --redis URL` beside workers whose routing has a consumer of `udp.receive`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from contextlib import closing, suppress
from typing import Any

from app.layer import AsyncRedisChannelLayer, Refused

SEND = "udp.send!"  # and a client's address: its reply channel


async def serve(layer: AsyncRedisChannelLayer, host: str = "127.0.0.1", port: int = 9000) -> None:
    """Carry datagrams to `udp.receive` and answers back, until cancelled."""
    pending: set[asyncio.Task[None]] = set()

    async def forward(data: bytes, client: tuple[str, int]) -> None:
        reply = f"{SEND}{client[0].replace(':', '_')}-{client[1]}"  # no colon in a channel's name
        content = {"reply_channel": reply, "data": data, "client": list(client[:2]), "server": [host, port]}
        with suppress(Refused):  # full: UDP promises nothing
            await layer.send("udp.receive", content)

    class Door(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, client: Any) -> None:
            pending.add(task := asyncio.create_task(forward(data, client)))
            task.add_done_callback(pending.discard)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Door, local_addr=(host, port))
    print("UDP at", *transport.get_extra_info("sockname")[:2], flush=True)
    with closing(transport):
        while True:
            reply, message = await layer.receive_async([SEND])
            if reply and message:
                to, _, number = reply.removeprefix(SEND).rpartition("-")
                transport.sendto(message["data"], (to.replace("_", ":"), int(number)))


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m app.server.udp", description=__doc__)
    parser.add_argument("--redis", default=os.environ.get("CHANNELSCOPE_REDIS", "redis://localhost"), metavar="URL")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    args = parser.parse_args()
    asyncio.run(serve(AsyncRedisChannelLayer(hosts=[args.redis]), args.host, args.port))


if __name__ == "__main__":
    main()
