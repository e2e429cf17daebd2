# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py manage`: a project's `manage.py`, with `channels` from here: `main.py manage migrate --settings …`."""

from __future__ import annotations

from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Run it; the words are all Django's."""
    from app.worker.project import manage

    manage(words)
    return 0
