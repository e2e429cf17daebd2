# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py doctor`: what is missing on this machine, and how to get it."""

from __future__ import annotations

import argparse
import ctypes.util
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from app import ports
from app.redis_server.find import NoRedis, find_server

PACKAGES = {
    "PyQt5": "the window",
    "pyqtgraph": "plots",
    "scapy": "the packet under a frame",
    "redis": "talking to Redis",
    "msgspec": "events",
    "msgpack": "message bodies",
    "psutil": "watching processes",
    "django": "the demos",
    "uvicorn": "the interface server",
    "websockets": "WebSockets of the interface server, and built-in clients",
}
LIBRARIES = {
    "GL": "libgl1",
    "glib-2.0": "libglib2.0-0",
    "fontconfig": "libfontconfig1",
    "dbus-1": "libdbus-1-3",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-image": "libxcb-image0",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-shape": "libxcb-shape0",
    "xcb-xinerama": "libxcb-xinerama0",
}
Finding = tuple[bool, str, str]  # fine, what was seen, what to do


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Doctor has no options."""


def run(args: argparse.Namespace) -> int:
    """Print a line for each thing looked at; returns 2 when something needed is missing."""
    findings = list(examine())
    for is_fine, seen, remedy in findings:
        print(f"{'ok     ' if is_fine else 'MISSING'}  {seen}{'' if is_fine else f'  ->  {remedy}'}")
    return 0 if all(is_fine for is_fine, _, _ in findings) else 2


def examine() -> Iterator[Finding]:
    """Look at everything the program needs."""
    version = platform.python_version()
    yield sys.version_info >= (3, 11), f"Python {version} on {platform.system()}", "install Python 3.11 or newer"
    for name, purpose in PACKAGES.items():
        found = importlib.util.find_spec(name) is not None
        number = importlib.metadata.version(name) if found else "not installed"
        yield found, f"{name} {number} ({purpose})", f"{sys.executable} -m pip install -r requirements.txt"
    yield _redis()
    if sys.platform == "linux":
        for library, package in LIBRARIES.items():
            found = ctypes.util.find_library(library) is not None or _has_file(library)
            yield found, f"system library {library} (Qt)", f"apt-get install {package}"
        yield _platform()
        display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        yield True, f"display {display or 'none: the program runs headless'}", ""
    try:
        ports.check("127.0.0.1", 8000)
        yield True, "port 8000 is free", ""
    except ports.PortTaken as taken:
        yield True, f"port 8000 is taken; {taken.free} is free", ""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    yield True, f"browser for the tests: {browser or 'none, their tests are skipped'}", ""


def _platform() -> Finding:
    """Load Qt's X11 platform as Qt would: the loader names the first library that is not there."""
    qt = importlib.util.find_spec("PyQt5")
    plugin = Path(qt.origin or "").parent / "Qt5/plugins/platforms/libqxcb.so" if qt else Path("libqxcb.so")
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return False, f"Qt's X11 platform: {error}", "install the package of your system that this library is in"
    return True, "Qt's X11 platform can be loaded", ""


def _redis() -> Finding:
    try:
        return True, f"Redis server {find_server()}", ""
    except NoRedis as error:
        return False, "a Redis server", str(error)


def _has_file(library: str) -> bool:
    return any(Path(folder).glob(f"**/lib{library}.so*") for folder in ("/usr/lib", "/lib"))
