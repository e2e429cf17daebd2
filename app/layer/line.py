# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection for synchronous code: packed commands out, hiredis reads the replies.

redis-py connects (URL, TLS, login, Sentinel); then its socket is used directly, because its own call costs more CPU
than all the rest of a send (benchmarks/layer.py measures it).
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
import time
import weakref
from collections import deque
from typing import Any

import hiredis
import redis

from app.layer.errors import ReplyError, gone
from app.layer.hosts import Server
from app.layer.trips import Then

# Seconds between attempts to connect. Trying again is safe here: nothing has been said yet.
CONNECT_PAUSES = (0.02, 0.06, 0.15)

_BLOCK = 65536  # bytes read at once


class Unsaid(Exception):
    """Redis hung up before; nothing was sent to it."""


class Line:
    """One connection, for one thread at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        connection.connect()
        self._socket = connection._sock
        self.is_local = self._socket.family == getattr(socket, "AF_UNIX", None)  # it tells its end when written to
        self._timeout = self._socket.gettimeout()
        _let_the_kernel_wait(self._socket)
        reader = hiredis.Reader(replyError=ReplyError)
        self._recv, self._feed, self._gets = self._socket.recv, reader.feed, reader.gets
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._unheard = 0  # replies that are still to come, or are here, and that nobody waits for

    def is_stale(self) -> bool:
        """Whether Redis hung up, or said something nobody asked for."""
        try:
            while self._poll.poll(0):
                if not self._unheard:
                    return True
                self._read([], 1)
                self._unheard -= 1
        except (OSError, hiredis.HiredisError):
            return True
        return False

    def call(self, data: bytes, count: int, then: Then | None) -> list[Any]:
        """Send commands, and those that `then` says (app/layer/trips.py); return their replies, errors among them.

        Raises:
            Unsaid: the line was dead already.
            RedisGone: there is no answer; whether Redis did it is not known.
        """
        try:
            sent = self._socket.send(data)
        except ConnectionError as error:
            self.close()
            raise Unsaid from error
        except BaseException as error:
            raise self._failed(error) from error
        try:
            if sent < len(data):
                self._socket.sendall(memoryview(data)[sent:])
            replies: list[Any] = []
            if unheard := self._unheard:
                self._read(replies, unheard + count)
                del replies[:unheard]
                self._unheard = 0
            else:
                self._read(replies, count)
            if then is not None:
                self._go_on(replies, *then(replies))
            return replies
        except BaseException as error:
            raise self._failed(error) from error

    def _go_on(self, replies: list[Any], more: tuple[bytes, ...], is_awaited: bool) -> None:
        """Send commands that follow from replies; how many seconds that took stands behind the replies."""
        if not more:
            return
        began = time.perf_counter()
        self._socket.sendall(b"".join(more))
        if is_awaited:
            self._read(replies, len(replies) + len(more))
        else:
            self._unheard += len(more)
        replies.append(time.perf_counter() - began)

    def _read(self, replies: list[Any], count: int) -> None:
        """Wait until there are so many replies."""
        gets = self._gets
        while True:
            # A reply is here only after more bytes: nobody says anything unasked (RESP2).
            received = self._recv(_BLOCK)
            if not received:
                raise ConnectionResetError("it closed the connection.")
            self._feed(received)
            while (reply := gets()) is not False:
                replies.append(reply)
                if len(replies) == count:
                    return

    def _failed(self, error: BaseException) -> BaseException:
        """Hang up: what comes now would be taken for the answer to something else."""
        self.close()
        if isinstance(error, BlockingIOError | TimeoutError):
            return gone(TimeoutError(f"no answer within {self._timeout} s."))
        if isinstance(error, OSError | redis.RedisError | hiredis.HiredisError):
            return gone(error)
        return error

    def close(self) -> None:
        """Hang up."""
        self._connection.disconnect()


def _let_the_kernel_wait(plain: socket.socket) -> None:
    """Give a socket's timeout to the kernel: Python would poll before each send and receive."""
    timeout = plain.gettimeout()
    if timeout and type(plain) is socket.socket and sys.platform != "win32":
        limit = struct.pack("@ll", int(timeout), int(timeout % 1 * 1e6))
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        plain.settimeout(None)


class Lines:
    """The connections to one server; threads may share them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._free: deque[Line] = deque()
        _all.add(self)

    def call(self, data: bytes, count: int = 1, then: Then | None = None) -> list[Any]:
        """Borrow a line for one exchange; the same is raised."""
        while True:
            try:
                line = self._free.pop()
            except IndexError:
                line = self._connected()
            if not line.is_local and line.is_stale():
                line.close()
                continue
            try:
                replies = line.call(data, count, then)
            except Unsaid:
                continue  # another line, in the end a new one
            self._free.append(line)
            return replies

    def drop(self) -> None:
        """Hang up every line that is free."""
        while self._free:
            self._free.pop().close()

    def forget(self) -> None:
        """Leave the lines to the process that this one was forked from: two must not talk on one connection."""
        self._free = deque()

    def _connected(self) -> Line:
        for pause in (*CONNECT_PAUSES, None):
            try:
                return Line(self._server.connection())
            except (redis.RedisError, OSError) as error:
                if pause is None or not isinstance(error, redis.ConnectionError):
                    raise gone(error) from error
                time.sleep(pause)
        raise AssertionError  # the last turn of the loop leaves it


_all: weakref.WeakSet[Lines] = weakref.WeakSet()


def _forget_all() -> None:
    for lines in _all:
        lines.forget()


if hasattr(os, "register_at_fork"):  # asked here once, and not for each call
    os.register_at_fork(after_in_child=_forget_all)
