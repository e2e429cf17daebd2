# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes for benchmarks of servers: started, waited for, loaded, ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from app import box  # noqa: E402
from tests.redis_fixture import wait_until  # noqa: E402


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def running(command: Sequence[object], **how: object) -> Iterator[subprocess.Popen]:
    """Run a process for the length of a with block."""
    process = subprocess.Popen(list(map(str, command)), **{"cwd": ROOT, **how})
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def observed(command: Sequence[object]) -> Iterator[subprocess.Popen]:
    """Run a child of ours as the lab does; what it says is read by another process."""
    memory = box.new_memory()
    how = {"env": {**os.environ, box.ENVIRONMENT: str(memory)}, "pass_fds": [memory]}
    with (
        running(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader,
        running([*command, "--child"], stdin=subprocess.PIPE, stdout=reader.stdin, **how) as process,
    ):
        os.close(memory)
        yield process


def until_open(port: int) -> None:
    """Wait until somebody listens."""

    def answers() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    wait_until(answers, f"port {port} is open", 30)


def load(**command: object) -> dict:
    """Run the load generator; returns what it found."""
    argv = [sys.executable, str(Path(__file__).parent / "ws_load.py"), json.dumps(command)]
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)
