# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window must not wait for: see docs/decisions/0001-what-is-late.md."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def imported():
    """The modules that are imported once the window can be made."""
    code = "import sys, app.lab, panels.window; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("late", ["redis", "scapy", "django", "websockets", "numpy"])
def test_that_the_window_does_not_wait_for(imported, late):
    assert "panels.window" in imported
    assert late not in imported


def test_that_everything_but_the_window_imports_without_qt():
    code = (
        "import sys; sys.modules['PyQt5'] = None\n"
        "import app.lab, app.player, app.commands.serve, app.commands.decode, app.commands.lesson, app.commands.doctor"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0
