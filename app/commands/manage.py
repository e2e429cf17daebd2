# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py manage`: a project's `manage.py`, with `channels` from here: `main.py manage migrate --settings …`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from app.commands.line import fail


def main(words: Sequence[str]) -> int:
    """Run it; the words are all Django's."""
    from app.worker.project import manage

    if not any(word.startswith("--settings") for word in words) and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        return fail("whose? Say --settings MODULE, as in: main.py manage migrate --settings project.settings")
    manage(words)
    return 0
