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
    # Killed in the middle of a migration, one may leave tables that Django did not note yet: fake_initial takes them.
    call_command("migrate", interactive=False, verbosity=0, fake_initial=True)


if __name__ == "__main__":
    prepare()
