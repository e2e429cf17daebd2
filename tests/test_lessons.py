# SPDX-License-Identifier: GPL-3.0-or-later
"""Every lesson holds when its own actions are played for real, and fails when the decisive one is left out."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def lesson(*words):
    command = [sys.executable, "main.py", "lesson", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)


def test_that_every_lesson_holds():
    done = lesson("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 lessons hold" in done.stdout
    assert "the run's answer: It waits 15 s, then it is gone" in done.stdout


def test_that_kill_the_worker_fails_without_the_kill():
    done = lesson("check", "kill-the-worker", "--leave-out", "kill_all_workers", "--patience", "1")
    assert done.returncode == 2
    assert "not seen: The worker was killed" in done.stdout


def test_that_the_example_of_the_handbook_is_a_lesson_that_holds(tmp_path):
    text = (ROOT / "docs" / "writing-lessons.md").read_text()
    index, toml, words = re.findall(r"```(?:toml|markdown)\n(.*?)```", text, re.DOTALL)
    folder = tmp_path / "freeze-a-worker"
    folder.mkdir()
    (tmp_path / "index.toml").write_text(index)
    (folder / "lesson.toml").write_text(toml)
    (folder / "text.md").write_text(words)
    done = lesson("check", "--lessons", str(tmp_path), "freeze-a-worker")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "It is handled when the worker goes on" in done.stdout


def test_that_an_unknown_lesson_is_said_with_those_there_are():
    done = lesson("check", "kill-the-boss")
    assert done.returncode == 2
    assert "no lesson kill-the-boss; there are: kill-the-worker" in done.stderr


def test_that_lessons_are_listed_a_line_each():
    done = lesson("list")
    assert done.stdout.startswith("kill-the-worker")
    assert len(done.stdout.splitlines()) == 1
