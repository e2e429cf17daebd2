# SPDX-License-Identifier: GPL-3.0-or-later
"""A client with what a browser brings along: headers, cookies, a session, a user, the order of its messages."""

from __future__ import annotations

import copy
import json as json_module
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings

from app.channels.sessions import session_for_reply_channel
from app.channels.test.base import Client


class WSClient(Client):
    """Its session is the socket's until it logs in; then it is the browser's, as Django gives it another key.

    Args:
        ordered: whether messages are numbered, for `enforce_ordering`.
    """

    def __init__(self, *, ordered: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.order = 0
        self._ordered = ordered
        self._session: Any = None
        self._headers: dict[str, str | bytes] = {}
        self._cookies: dict[str, str] = {}
        self._session_cookie = True

    def set_cookie(self, key: str, value: str) -> None:
        """Bring a cookie along."""
        self._cookies[key] = value

    def set_header(self, key: str, value: str | bytes) -> None:
        """Bring a header along; raises ValueError for `cookie`."""
        if key.lower() == "cookie":
            raise ValueError("Cookies are set with set_cookie.")
        self._headers[key] = value

    def get_cookies(self) -> dict[str, str]:
        """Return the cookies; the first message has the session's too."""
        cookies = dict(self._cookies)
        if self._session_cookie and apps.is_installed("django.contrib.sessions"):
            cookies[settings.SESSION_COOKIE_NAME] = self.session.session_key
        return cookies

    @property
    def headers(self) -> dict[str, str | bytes]:
        """The headers, cookies included."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.get_cookies().items())
        return {**self._headers, "cookie": cookies}

    @property
    def session(self) -> Any:
        """The session; raises OSError where there are none."""
        if not apps.is_installed("django.contrib.sessions"):
            raise OSError("Sessions need django.contrib.sessions in INSTALLED_APPS.")
        if not self._session:
            self._session = session_for_reply_channel(self.reply_channel)
        return self._session

    def receive(self, json: bool = True) -> Any:
        """Return what the next answer's text says, or the answer if it has none; None when there is none."""
        content = super().receive()
        text = content.get("text") if content else None
        if text is None:
            return content
        return json_module.loads(text) if json and isinstance(text, str) else text

    def send(self, to: str, content: Mapping[str, Any] | None = None, text: Any = None, path: str = "/") -> None:
        """Send a message as the interface server would; a `text` that is no str goes as JSON."""
        if to != "websocket.connect":
            path = path.partition("?")[0]
        super().send(to, self._content(content or {}, text, path))
        self._session_cookie = False

    def send_and_consume(  # type: ignore[override]  # as in Channels 1.x
        self,
        channel: str,
        content: Mapping[str, Any] | None = None,
        text: Any = None,
        path: str = "/",
        fail_on_none: bool = True,
        check_accept: bool = True,
    ) -> Any:
        """Send a message and run its consumer."""
        self.send(channel, content, text, path)
        return self.consume(channel, fail_on_none=fail_on_none, check_accept=check_accept)

    def consume(self, channel: str, fail_on_none: bool = True, check_accept: bool = True) -> Any:
        """Run the consumer of the next message; raises AssertionError if a connect is not accepted first."""
        result = super().consume(channel, fail_on_none=fail_on_none)
        if channel == "websocket.connect" and check_accept:
            answer = self.receive(json=False)
            if answer != {"accept": True}:
                raise AssertionError(f"The connection was not accepted: {answer!r}.")
        return result

    def login(self, **credentials: Any) -> bool:
        """Log in; returns whether the credentials are somebody's."""
        from django.contrib.auth import authenticate

        user = authenticate(**credentials)
        if user is None or not user.is_active or not apps.is_installed("django.contrib.sessions"):
            return False
        self._login(user)
        return True

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Log in without credentials."""
        user.backend = backend or settings.AUTHENTICATION_BACKENDS[0]
        self._login(user)

    def _login(self, user: Any) -> None:
        from django.contrib.auth import login
        from django.http import HttpRequest

        request = HttpRequest()
        request.session = self.session
        login(request, user)
        self.session.save()

    def _content(self, content: Mapping[str, Any], text: Any, path: str) -> dict[str, Any]:
        path, _, query = path.partition("?")
        made: dict[str, Any] = {
            "path": path,
            "headers": [[_bytes(name.lower()), _bytes(v)] for name, v in self.headers.items()],
        }
        made |= {"query_string": query} if query else {}
        made |= copy.deepcopy(dict(content))
        if self._ordered:
            if "order" in content:
                raise ValueError("An ordered client numbers its messages itself.")
            made["order"], self.order = self.order, self.order + 1
        if text is not None:
            made["text"] = text
        if made.get("text") is not None and not isinstance(made["text"], str):
            made["text"] = json_module.dumps(made["text"])
        return made


HttpClient = WSClient  # its name before Channels 1.1.7


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
