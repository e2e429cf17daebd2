# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted bodies, as asgi_redis does it: Fernet with the SHA-256 of each key; names stay readable."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Protocol

from app.layer.messages import UnreadableBody

GRACE = 10  # seconds beyond its expiry that a body is still accepted


class Seal(Protocol):
    """What is done to a body on its way into Redis and out of it. `is_open`: nothing."""

    is_open: bool

    def close(self, body: bytes) -> bytes:
        """Return what goes into Redis."""

    def open(self, body: bytes, expiry: float) -> bytes:
        """Return what went in; raise UnreadableBody where it cannot be read."""


class NoSeal:
    """Bodies stay as they are."""

    is_open = True

    def close(self, body: bytes) -> bytes:
        """Return the body."""
        return body

    def open(self, body: bytes, expiry: float) -> bytes:
        """Return the body."""
        return body


class FernetSeal:
    """The first key encrypts, every key decrypts, so that keys can be replaced one after another."""

    is_open = False

    def __init__(self, keys: Sequence[str]) -> None:
        from cryptography.fernet import Fernet, InvalidToken, MultiFernet  # only who encrypts needs it

        self._invalid = InvalidToken
        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def close(self, body: bytes) -> bytes:
        """Return the body, encrypted."""
        return self._fernet.encrypt(body)

    def open(self, body: bytes, expiry: float) -> bytes:
        """Return the body, decrypted.

        Raises:
            UnreadableBody: no key fits, or it is older than it may be.
        """
        try:
            return self._fernet.decrypt(body, ttl=int(expiry) + GRACE)
        except self._invalid:
            raise UnreadableBody(
                "The body cannot be decrypted: no key fits, it is damaged, or it is too old."
            ) from None


def seal_of(keys: Sequence[str] | None) -> Seal:
    """Return the seal for `symmetric_encryption_keys`.

    Raises:
        ValueError: the keys are not a list of str.
    """
    if not keys:
        return NoSeal()
    if isinstance(keys, str | bytes) or not all(isinstance(key, str | bytes) for key in keys):
        raise ValueError("symmetric_encryption_keys must be a list of str.")
    return FernetSeal(keys)


def _fernet_key(key: str | bytes) -> bytes:
    data = key if isinstance(key, bytes) else key.encode()
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest())
