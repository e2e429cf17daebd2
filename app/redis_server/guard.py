# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a private Redis in a folder of its own, start it again when it dies, and leave nothing behind."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from app.child import die_with_parent
from app.console.commands import ACL as CONSOLE_ONLY
from app.events import Event, MessagesWiped, SourceFailed, SourceReady, SourceStarted
from app.settings import PREFIX, STATS_PREFIX

START_PATIENCE = 10.0  # seconds for the server to answer PING

# Tried on Redis 6.2 and 7.0 and Valkey 9.1: no TCP port, nothing on disk, prompt expiry (hz), only expiry events.
OPTIONS = {
    "port": "0",
    "unixsocketperm": "600",
    "save": '""',
    "appendonly": "no",
    "maxmemory": "128mb",
    "maxmemory-policy": "noeviction",
    "notify-keyspace-events": "Ex",
    "hz": "100",
    "maxclients": "500",
    "client-output-buffer-limit": "pubsub 8mb 2mb 10",
    "daemonize": "no",
    "loglevel": "warning",
}

# The socket lies in a folder only this user can enter; the users keep each part of the program to its own commands.
LAYER_ONLY = "-@dangerous +info +client|list +client|unblock"  # no flush, no kill; of the dangerous what it needs
WATCH_ONLY = "+psubscribe +punsubscribe -@dangerous +info"


def password_of(user: str, secret: str) -> str:
    """Return the password of a user; "x" for all where there is no secret. Who knows one does not know the others."""
    return hashlib.sha256(f"{user}:{secret}".encode()).hexdigest() if secret else "x"


def users(secret: str) -> str:
    """Return the ACL file. Everybody has a password, for an invitation opens a TCP port (app/live/inviting.py)."""
    passwords = {user: password_of(user, secret) for user in ("layer", "inspector", "console", "admin")}
    ours = f"~{PREFIX}* ~{STATS_PREFIX}*"
    return f"""user default off
user layer on >{passwords["layer"]} {ours} resetchannels +@connection +@read +@write +eval +evalsha {LAYER_ONLY}
user inspector on >{passwords["inspector"]} ~* resetchannels &__keyevent@*__:expired +@connection +@read {WATCH_ONLY}
user console on >{passwords["console"]} ~* resetchannels {CONSOLE_ONLY}
user admin on >{passwords["admin"]} ~* &* +@all
"""


class Guard:
    """One server program, the folder it runs in, and its process; `secret` is what the users' passwords come from."""

    def __init__(self, program: Path, folder: Path, say: Callable[[Event], None], secret: str = "") -> None:
        self._secret = secret
        self._program = program
        self._say = say
        self.folder = folder
        self.socket = self.folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start the server and start it again whenever it ends; returns only by an exception (SystemExit on TERM)."""
        starts = 0
        while True:
            self._start()
            starts += 1
            if starts > 1:
                self._say(MessagesWiped(t=time.time(), source="redis", reason="restart"))
            status = self._running.wait()
            reason = f"the Redis process ended with signal {-status}" if status < 0 else f"Redis ended with {status}"
            self._say(
                SourceFailed(
                    t=time.time(),
                    source="redis",
                    name="redis",
                    reason=reason,
                    remedy="A new, empty one is being started.",
                )
            )
            time.sleep(1.0)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process

    def _start(self) -> None:
        (self.folder / "users.acl").write_text(users(self._secret))
        lines = [f"{name} {value}" for name, value in OPTIONS.items()]
        lines += [f"unixsocket {self.socket}", f"aclfile {self.folder}/users.acl", f"dir {self.folder}"]
        config = self.folder / "redis.conf"
        config.write_text("\n".join(lines) + "\n")
        self._process = subprocess.Popen(
            [str(self._program), str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        self._say(
            SourceStarted(t=time.time(), source="redis", name="redis", pid=self._process.pid, detail=str(self.folder))
        )
        self._wait_for_pong()
        self._say(SourceReady(t=time.time(), source="redis", name="redis", detail=f"unix://{self.socket}"))

    def _wait_for_pong(self) -> None:
        end = time.monotonic() + START_PATIENCE
        while time.monotonic() < end:
            if self._running.poll() is not None:
                return  # `run` sees it and says so
            if self._answers():
                return
            time.sleep(0.005)

    def _answers(self) -> bool:
        """Whether the server says PONG. Two lines by hand: redis-py would take longer to import than Redis to start."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(str(self.socket))
            client.sendall(b"AUTH admin %b\r\nPING\r\n" % password_of("admin", self._secret).encode())
            reply = b""
            while reply.count(b"\r\n") < 2 and (data := client.recv(64)):
                reply += data
            return b"+PONG" in reply
        return False

    def restart(self) -> None:
        """End the server; `run` starts a new, empty one."""
        self._running.kill()

    def clear(self) -> None:
        """End the server and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=1.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
