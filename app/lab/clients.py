# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for built-in clients: people in the chat, and pages fetched."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from typing import Literal

from app import orders
from app.clients.chat import PATIENCE, ChatClient, ClientError
from app.clients.page import fetch
from app.events import PageFetched
from app.lab.core import Core

Page = Literal["chat", "turns"]
WHILE_HELD = 3600.0  # seconds that a client who joins waits while everything stands still or goes slowly
SERVICE_RESTART = 1012  # the close code that asks to come back (IANA's registry of RFC 6455 §11.7)
RETRY, RETRIES = 3.0, 10  # seconds between two tries to come back
NAMES = ("ada", "bob", "cy", "dora", "eli", "flo", "gus", "hal", "ivy", "jo")  # for clients nobody named


class ClientVerbs(Core):
    """Let them join, speak and leave."""

    def add_client(
        self, name: str | None = None, room: str = "lobby", page: Page = "chat", says: str = ""
    ) -> Future[None]:
        """Let a built-in client join a room of a page; what it `says`, it says as soon as its socket is open."""
        taken = [taken for taken, client in self._clients.copy().items() if not client.has_left]
        chosen = name or next((free for free in NAMES if free not in taken), f"guest {len(taken) + 1}")

        async def work() -> None:
            await self._join(chosen, room, page)
            if says:
                await self._clients[chosen].say(says)

        return self._do("add_client", work)

    def remove_client(self, client: str) -> Future[None]:
        """Let a built-in client leave."""

        async def work() -> None:
            await self._clients.pop(client).leave()

        return self._do("remove_client", work)

    def send_text(self, client: str, text: str, count: int = 1) -> Future[None]:
        """Let a built-in client say something; several at once are numbered ("hello 1", "hello 2" …)."""

        async def work() -> None:
            speaker = self._clients[client]
            for number in range(1, count + 1):
                await speaker.say(text if count == 1 else f"{text} {number}")

        return self._do("send_text", work)

    def send_fragments(self, client: str, text: str, count: int = 3) -> Future[None]:
        """Let a built-in client say something in so many frames (RFC 6455 §5.4)."""
        return self._do("send_fragments", lambda: self._clients[client].say_in_fragments(text, count))

    def ping_sockets(self) -> Future[None]:
        """Let the interface server ping every open WebSocket, as it does by itself after 20 s of silence."""

        async def work() -> None:
            self._live.order_server(orders.PingSockets())

        return self._do("ping_sockets", work)

    def send_unmasked(self, client: str, text: str) -> Future[None]:
        """Let a built-in client break RFC 6455 §5.1: a frame without a mask; the server must close with 1002."""
        return self._do("send_unmasked", lambda: self._clients[client].say_unmasked(text))

    def fetch_page(self, path: str = "/", count: int = 1) -> Future[None]:
        """Ask for a page, so many times at once; each answer is an event of its own."""

        async def work() -> None:
            if not self.address:
                raise ClientError("There is no page to fetch: the pages do not answer yet.")
            for _ in range(count):
                self._run_errand(self._fetch(path))

        return self._do("fetch_page", work)

    async def _fetch(self, path: str) -> None:
        began = time.monotonic()
        status = await fetch(self.address, path)
        seconds = time.monotonic() - began
        self._take(PageFetched(t=time.time(), source="lab", path=path, status=status, seconds=seconds))

    async def _join(self, name: str, room: str, page: Page = "chat") -> None:
        if name in self._clients and not self._clients[name].has_left:
            raise ClientError(f"There is a built-in client called {name} already.")
        if not self.address:
            raise ClientError(f"{name} cannot join: the pages do not answer yet.")
        freezing = self._live.freezing
        patience = PATIENCE if freezing.speed == 1 and not freezing.is_frozen else WHILE_HELD
        client = self._clients[name] = ChatClient(name, room, self.address, self._take, page, patience)
        try:
            await client.join()
        except BaseException:
            if self._clients.get(name) is client:
                del self._clients[name]
            raise
        if self._clients.get(name) is not client:  # a set-up came in between
            return await client.leave()
        self._run_errand(self._stay(client, page))

    async def _stay(self, client: ChatClient, page: Page) -> None:
        """Come back, as a page does, where the server closes because the channel layer lost its data."""
        if await client.until_left() != SERVICE_RESTART:
            return
        for _ in range(RETRIES):
            await asyncio.sleep(RETRY)
            if self._clients.get(client.name) is not client:
                return  # it was let go meanwhile
            try:
                return await self._join(client.name, client.room, page)
            except ClientError:
                self._clients[client.name] = client  # the next try is its too
        self._fail("add_client", f"{client.name} could not come back after the channel layer had lost its data.")
