# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a port free, who has it, and which one is free."""

from __future__ import annotations

import errno
import socket

import psutil

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # every address of this machine, and one that reaches it from here


class PortTaken(Exception):
    """Somebody else listens there; `free` is a port near it that is free."""

    def __init__(self, host: str, port: int) -> None:
        self.free = next_free(host, port + 1)
        by = owner_of(port)
        super().__init__(
            f"Port {port} on {host} is taken{f' by {by}' if by else ''}. "
            f"End that program, or use a free port: --port {self.free}"
        )


def check(host: str, port: int) -> None:
    """Raise PortTaken when nobody can listen there, OSError when the address itself is wrong."""
    if not _is_free(host, port):
        raise PortTaken(host, port)


def next_free(host: str, port: int) -> int:
    """Return the first free port from `port` on; 0 (any) when there is none among the next hundred."""
    return next((p for p in range(port, min(port + 100, 65536)) if _is_free(host, p)), 0)


def owner_of(port: int) -> str:
    """Return "name (process id)" of the program that listens on a port, or "" when that cannot be seen."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""


def reachable_at(host: str) -> set[str]:
    """Return the names and addresses at which a server that listens on `host` can be asked for."""
    if host not in WILDCARDS:
        return {host}
    names = {address.address.partition("%")[0] for some in psutil.net_if_addrs().values() for address in some
             if address.family in (socket.AF_INET, socket.AF_INET6)}  # fmt: skip
    return {host, socket.gethostname().lower(), *names}


def room_addresses() -> list[str]:
    """Return the addresses at which other machines may reach this one, the likeliest first."""
    names = [address.address for some in psutil.net_if_addrs().values() for address in some
             if address.family == socket.AF_INET and not address.address.startswith(("127.", "169.254."))]  # fmt: skip
    first = _on_the_way_out()
    return sorted(dict.fromkeys(names), key=lambda name: name != first)


def _on_the_way_out() -> str:
    """Return the address from which this machine would call others; no packet leaves for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: an address for examples
        except OSError:
            return ""
        name: str = probe.getsockname()[0]
        return name


def bracketed(host: str) -> str:
    """Return a host as it is written in a URL: an IPv6 address stands in brackets (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _is_free(host: str, port: int) -> bool:
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, proto) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
