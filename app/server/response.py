# SPDX-License-Identifier: GPL-3.0-or-later
"""A response as an ASGI server sends it, from the messages of a reply channel (asgi1_checklist §6)."""

from __future__ import annotations

from typing import Any

from app.server.scope import Send

Header = tuple[bytes, bytes]
LENGTHS = (b"content-length", b"transfer-encoding")
WITHOUT_CONTENT = (204, 304)  # RFC 9110 §6.4.1


class Response:
    """One Response message, then chunks; `status` is 0 before it began, `size` counts the content's bytes."""

    def __init__(self, send: Send, method: str, version: str) -> None:
        self._send = send
        self._has_body = method != "HEAD"
        self._is_old = version == "1.0"  # it knows no chunks: all is gathered
        self._gathered: list[bytes] | None = None
        self._start: dict[str, Any] = {}
        self.status = 0
        self.size = 0
        self.is_complete = False

    async def take(self, reply: dict[str, Any]) -> str:
        """Pass a message on; returns what is wrong with it, "" if nothing is."""
        if "request" in reply and not self.status:
            return ""  # a push, which HTTP/1.1 cannot
        if not self.status and not isinstance(reply.get("status"), int):
            await self.explain(500, "The consumer's first message was no response: it had no status.")
            return "the first message has no status"
        if self.status and "status" in reply:
            return "the response has begun, this message is a second one; it was ignored"
        content = bytes(reply.get("content") or b"")
        has_more = bool(reply.get("more_content"))
        if not self.status:
            await self._begin(reply, content, has_more)
        await self._go_on(content, has_more)
        return ""

    async def explain(self, status: int, text: str) -> None:
        """Answer by ourselves, unless it is too late."""
        if not self.status:
            headers = [[b"content-type", b"text/plain; charset=utf-8"]]
            await self.take({"status": status, "headers": headers, "content": text.encode()})

    async def _begin(self, reply: dict[str, Any], content: bytes, has_more: bool) -> None:
        self.status = reply["status"]
        headers: list[Header] = [(bytes(name).lower(), bytes(value)) for name, value in reply.get("headers") or []]
        self._has_body = self._has_body and self.status not in WITHOUT_CONTENT
        is_measured = any(name in LENGTHS for name, _ in headers)
        self._start = {"type": "http.response.start", "status": self.status, "headers": headers}
        if self._has_body and not is_measured and not has_more:
            headers.append((b"content-length", str(len(content)).encode()))
        elif self._has_body and not is_measured and self._is_old:
            self._gathered = []
            return
        await self._send(self._start)

    async def _go_on(self, content: bytes, has_more: bool) -> None:
        if self._gathered is not None:
            self._gathered.append(content)
            if has_more:
                return
            content = b"".join(self._gathered)
            self._start["headers"].append((b"content-length", str(len(content)).encode()))
            await self._send(self._start)
        content = content if self._has_body else b""
        self.size += len(content)
        self.is_complete = not has_more
        await self._send({"type": "http.response.body", "body": content, "more_body": has_more})
