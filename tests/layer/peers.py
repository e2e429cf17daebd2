# SPDX-License-Identifier: GPL-3.0-or-later
"""Other channel layers, installed by name in environments of their own under build/peers, once."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "build" / "peers"

# Without dependencies: asgi_redis asks for msgpack-python, whose C part does not build on Python 3.11; a shim helps.
ASGI_REDIS = [
    "--no-deps",
    "asgi_redis==1.4.3",
    "asgiref==1.1.2",
    "redis==2.10.6",
    "six",
    "hiredis>=3,<4",
    "msgpack>=1,<2",
]
ASGI_REDIS += ["cryptography<51", "cffi", "pycparser"]
CHANNELS_REDIS = ["channels_redis==4.3.0", "redis>=6,<9", "hiredis>=3,<4"]

_CHILD = Path(__file__).parent / "asgi_redis_child.py"


class NoPeer(Exception):
    """It could not be installed; the text says why."""


class NotHere(NoPeer):
    """It lacks what a machine need not have: the network, an old Python. Tests are skipped for this alone."""


def refused(said: str) -> NoPeer:
    """Return what is to be raised after pip said this and failed."""
    last = said.strip().splitlines()[-1:]
    if "retr" in said.lower():  # "Retrying …", "Max retries exceeded": so pip tells of a network that is away
        return NotHere(f"pip cannot reach its index: {last}")
    return NoPeer(f"pip failed: {last}")


def interpreter(name: str, packages: list[str], *, over: str = "") -> Path:
    """Return the Python of an environment with these packages; make it if need be.

    Args:
        name: what it is called.
        packages: what pip is asked for.
        over: a package that is put over what these brought, whatever they say.

    Raises:
        NoPeer: the packages cannot be had.
    """
    home = FOLDER / name
    ready = home / "ready"
    if ready.is_file() and ready.read_text() == repr(packages):
        return home / "bin" / "python"
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, stdout=subprocess.DEVNULL)
    _install(home, packages)
    if over:
        _install(home, ["--force-reinstall", "--no-deps", over])
    ready.write_text(repr(packages))
    return home / "bin" / "python"


def _install(home: Path, packages: list[str]) -> None:
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
    try:
        done = subprocess.run(install, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        raise NotHere("pip took longer than 300 s") from None
    if done.returncode:
        raise refused(done.stderr)


class TheirLayer:
    """asgi_redis 1.4.3 in a process of its own; any method may be called."""

    def __init__(self, **kwargs):
        python = interpreter("asgi_redis", ASGI_REDIS)
        self._process = subprocess.Popen(
            [python, _CHILD, repr(kwargs)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __getattr__(self, name):
        return lambda *args: self._call(name, args)

    def _call(self, name, args):
        self._process.stdin.write(repr((name, args)) + "\n")
        self._process.stdin.flush()
        kind, result = ast.literal_eval(self._process.stdout.readline())
        if kind == "raised":
            raise RuntimeError(result)
        return result

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)
