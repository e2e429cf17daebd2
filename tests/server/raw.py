# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that says exactly the bytes it is told to."""

import socket
import struct

KEY = "x3JJHMbDL1EzLkh9GBhXDw=="


class Raw:
    """A connection to a server of tests, TCP or unix; use it in a with block."""

    def __init__(self, server, receive_buffer=0):
        is_unix = server.address.startswith("unix:")
        host, _, port = server.address.rpartition("//")[2].rpartition(":")
        self.socket = socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(server.address.removeprefix("unix:") if is_unix else (host, int(port)))
        self.received = b""

    def say(self, *lines, end="\r\n\r\n", rest=b""):
        """Send lines as the head of a request, and bytes after it."""
        self.socket.sendall("\r\n".join(lines).encode("latin-1") + end.encode() + rest)

    def ask(self, *headers, path="/", method="GET", rest=b"", version="1.1"):
        """Send a request."""
        self.say(f"{method} {path} HTTP/{version}", "Host: x", *headers, rest=rest)

    def shake(self, *headers, path="/chat/", rest=b"", key=KEY):
        """Send an opening handshake."""
        upgrade = (
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        )
        self.ask(*upgrade, *headers, path=path, rest=rest)

    def send(self, payload, first=0x81):
        """Send a masked frame."""
        self.socket.sendall(frame(payload, first))

    def until(self, end):
        """Read up to these bytes; returns what came, with them."""
        while end not in self.received:
            data = self.socket.recv(65536)
            assert data, f"it ended with {self.received[-200:]!r} before {end!r}"
            self.received += data
        text, _, self.received = self.received.partition(end)
        return text + end

    def exactly(self, count):
        """Read so many bytes."""
        while len(self.received) < count:
            data = self.socket.recv(65536)
            assert data, f"it ended with {self.received[-200:]!r}"
            self.received += data
        data, self.received = self.received[:count], self.received[count:]
        return data

    def response(self, has_body=True):
        """Read one response: (status, headers by lower-case name, body)."""
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {}
        for line in head[1:-2]:
            name, _, value = line.partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        body = b""
        if has_body and headers.get("transfer-encoding") == ["chunked"]:
            while size := int(self.until(b"\r\n"), 16):
                body += self.exactly(size)
                self.until(b"\r\n")
            self.until(b"\r\n")
        elif has_body:
            body = self.exactly(int(headers.get("content-length", ["0"])[0]))
        return int(head[0].split(" ")[1]), headers, body

    def frame(self):
        """Read one frame of the server: (first byte, payload)."""
        first, length = self.exactly(2)
        if length > 125:
            length = int.from_bytes(self.exactly(2 if length == 126 else 8), "big")
        return first, self.exactly(length)

    def until_end(self):
        """Read to the end of the stream; returns what came."""
        while True:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return self.received
            self.received += data

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def frame(payload, first=0x81):
    """A client's frame, masked."""
    payload = payload.encode() if isinstance(payload, str) else payload
    size = len(payload)
    head = bytes([first, 0x80 | size]) if size < 126 else struct.pack("!BBH", first, 0xFE, size & 0xFFFF)
    if size > 65535:
        head = struct.pack("!BBQ", first, 0xFF, size)
    return head + b"\0\0\0\0" + payload
