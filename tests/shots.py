# SPDX-License-Identifier: GPL-3.0-or-later
"""`make shot`: the real window, the live system in it, one story; a PNG of each state, dark and light, in two sizes.

The PNGs lie in shots/: <state>-<theme>-<width>x<height>.png. Words on the command line choose among the states.
"""

from __future__ import annotations

import sys

from tests.code_shots import Code
from tests.file_shots import Files
from tests.lesson_shots import STATES as LESSONS
from tests.lesson_shots import Lessons
from tests.live_shots import Live
from tests.shot_runner import run


class Tour(Live, Code, Files, Lessons):
    """All there is to see; lessons are states, too."""


STATES = (  # each begins where the one before ends
    "chat", "presented", "presented_wire", "presented_frame", "unpresented", "frozen", "stepped", "slow", "fast",
    "killed", "redis", "console", "group", "metrics", "bots", "journal", "session",
    "past", "workers", "lanes", "routing", "routing_no_worker", "code", "code_wrong", "code_talk", "routing_include",
    "code_failed",
    "handshake", "lessons", "lesson", "capture", "ladder", "violations", "recent", "export", "export_dialog",
    "ladder_live", "fallen", "pushed",
)  # fmt: skip


def main(wanted: list[str]) -> int:
    """Play the story, or only lessons where nothing else is wanted; returns the exit status."""
    lessons = [state for state in LESSONS if not wanted or state in wanted]
    others = STATES if set(wanted) - set(LESSONS) or not wanted else ()
    return run("tests.shots", Tour, (*others, *lessons), wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
