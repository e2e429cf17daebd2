# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the demo's database; to be run once before workers start: `python -m app.demo.prepare`."""

from __future__ import annotations

import os


def prepare() -> None:
    """Bring the database to the form the models need; nothing happens when it has it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.demo.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


if __name__ == "__main__":
    prepare()
