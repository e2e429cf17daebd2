# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py [FILE]`: the window, with the live system in it or a capture."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import ports
from app.commands.line import fail
from app.commands.live_options import add_live_options, problem_with, settings_of
from app.commands.serve import no_more_signals, on_signal, serve
from app.events import SourceFailed
from app.lab import Lab

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QApplication


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the window."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="a capture (pcap, pcapng) or a saved session (.cscope) to open"
    )
    add_live_options(parser)
    parser.add_argument("--lesson", metavar="ID", default="", help="start with this lesson (see: main.py lesson list)")
    parser.add_argument("--lessons", metavar="DIR", default="", help="a folder of lessons, besides the built-in ones")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--screenshot", metavar="OUT.png", help="chat a little, write the window as PNG, and end")


def run(args: argparse.Namespace) -> int:
    """Open the window; without a display, serve without one. Returns the exit status."""
    settings = settings_of(args)
    if problem := _problem_with(args) or problem_with(settings):
        return fail(problem)
    notice = None
    try:
        ports.check(settings.host, settings.port)
    except ports.PortTaken as taken:
        settings = replace(settings, port=taken.free)
        remedy = f"The pages are on port {taken.free} instead."
        notice = SourceFailed(t=time.time(), source="lab", name="port", reason=str(taken), remedy=remedy)
    except OSError as error:
        return fail(f"cannot listen on {settings.host}: {error}")
    lab = Lab(settings)
    if notice:
        lab.inbox.put(notice)
    if not has_display() and not args.screenshot:
        _say_unseen("There is no display")
        return serve(lab)
    return _run_window(lab, args)


def _problem_with(args: argparse.Namespace) -> str:
    """Return what is wrong with the file or the lesson asked for, "" when nothing is."""
    if args.file and (problem := _problem_with_file(Path(args.file))):
        return problem
    if args.lessons and not Path(args.lessons).is_dir():
        return f"{args.lessons} is no folder; expected one with lessons in it (see docs/writing-lessons.md)"
    return _problem_with_lesson(args.lesson, args.lessons) if args.lesson else ""


def _problem_with_file(path: Path) -> str:
    from app.capture.errors import CaptureError
    from app.capture.records import CaptureFile
    from app.recording import RecordingError, read_recording
    from app.session import SUFFIX

    try:
        if path.suffix == SUFFIX:
            next(read_recording(path), None)
        else:
            CaptureFile(path).close()
    except (CaptureError, RecordingError) as error:
        return str(error)
    return ""


def _problem_with_lesson(name: str, folder: str) -> str:
    from app.lesson import LESSONS, LessonError, load_all

    roots = [LESSONS, Path(folder)] if folder else [LESSONS]
    try:
        known = [lesson.id for root in roots for lesson in load_all(root)]
    except LessonError as error:
        return str(error)
    return "" if name in known else f"there is no lesson {name}; there are: {', '.join(known)}"


def has_display() -> bool:
    """Return whether a window could be seen; Qt would end the process rather than say that there is none."""
    if os.environ.get("QT_QPA_PLATFORM"):
        return True
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say_unseen(reason: str) -> None:
    print(f"{reason}: Channelscope runs without its window and serves the pages.", flush=True)


class _NoWindow(Exception):
    """Why a window would not be seen."""


def _application(*, must_be_seen: bool) -> QApplication:
    """Return Qt's application. Raises `_NoWindow` where Qt cannot be loaded, or has no display to be seen on."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb;offscreen")
    os.environ["PYQTGRAPH_QT_LIB"] = "PyQt5"
    try:
        from PyQt5.QtCore import Qt
        from PyQt5.QtWidgets import QApplication
    except ImportError as error:
        raise _NoWindow(f"Qt cannot be loaded ({error}; see: main.py doctor)") from error
    QApplication.setAttribute(Qt.AA_EnableHighDpiScaling)
    QApplication.setAttribute(Qt.AA_UseHighDpiPixmaps)
    app = QApplication(["channelscope"])
    if must_be_seen and app.platformName() == "offscreen":
        name = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        raise _NoWindow(f"Qt cannot use the display {name} (see: main.py doctor)")
    return app


def _run_window(lab: Lab, args: argparse.Namespace) -> int:
    is_wanted_unseen = bool(args.screenshot or os.environ.get("QT_QPA_PLATFORM"))
    leaving = threading.Event()  # an exception would come out of whatever is being imported as something else
    on_signal(leaving.set)
    lab.start()  # its processes start while Qt is being loaded
    try:
        app = _application(must_be_seen=not is_wanted_unseen)
        return _show(app, lab, args, leaving)
    except _NoWindow as why:
        if args.screenshot:
            return fail(str(why))
        _say_unseen(str(why))
        return serve(lab, leaving)
    finally:
        lab.stop()
        no_more_signals()


def _show(app: QApplication, lab: Lab, args: argparse.Namespace, leaving: threading.Event) -> int:
    """Show the window until it is closed or a signal comes, unless one has; returns the exit status."""
    from PyQt5.QtCore import QTimer

    on_signal(lambda: QTimer.singleShot(0, app.quit))  # also before the loop has begun
    if leaving.is_set():
        return 0

    from panels.priority import give_way, go_first
    from panels.theme import Theme
    from panels.window import Window

    theme = Theme(args.theme)
    theme.apply(app)
    window = Window(lab, theme, remembers=not args.screenshot)
    window.show()
    give_way()
    go_first(lab.right_of_way)
    if args.file:
        window.open_capture(Path(args.file))
    if args.lessons:
        window.lesson.use_folder(Path(args.lessons))
    if args.lesson:
        QTimer.singleShot(0, lambda: window.lesson.set_lesson(args.lesson))
    if args.screenshot:
        from panels.screenshot import Screenshot

        picture = Screenshot(window, Path(args.screenshot))  # kept: Qt holds a bound method weakly
        picture.start()
    status: int = app.exec_()
    window.close()
    return status
