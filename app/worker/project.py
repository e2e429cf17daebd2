# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody's own Django project: its folder first on the path, and `import channels` finds ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.channels import alias

OURS = Path(__file__).parent.parent


def enter(folder: str) -> None:
    """Make a project's modules importable, and its folder the working one, as `manage.py` has it; "": stay here.

    Raises:
        ImportError: the project has a package `app`, which would be taken for ours.
    """
    alias.install()
    if folder:
        if any(path.exists() and not path.samefile(OURS) for path in (Path(folder, "app"), Path(folder, "app.py"))):
            raise ImportError(f"{folder} has an app of its own, and Channelscope has that name: call it otherwise.")
        os.chdir(folder)
        sys.path.insert(0, folder)


def manage(words: Sequence[str]) -> None:
    """Run a command of Django's in the project of the current folder, where `channels` means ours."""
    enter(os.getcwd())
    from django.core.management import execute_from_command_line

    execute_from_command_line(["main.py manage", *words])
