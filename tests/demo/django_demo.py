# SPDX-License-Identifier: GPL-3.0-or-later
"""Django with the demo's settings and a database of the tests' own; one process can set Django up only once."""

import pytest


@pytest.fixture(scope="session")
def _django(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHANNELSCOPE_DATA", str(tmp_path_factory.mktemp("demo")))
        patch.setenv("DJANGO_SETTINGS_MODULE", "app.demo.settings")
        patch.delenv("CHANNELSCOPE_HOSTS", raising=False)
        patch.delenv("CHANNELSCOPE_SECRET", raising=False)
        from app.demo.prepare import prepare

        prepare()
    yield
    from django.db import connections

    connections.close_all()


@pytest.fixture
def database(_django):
    """The demo's database, empty."""
    from django.contrib.sessions.models import Session

    from app.demo.models import ChatMessage, Job, Sweep

    ChatMessage.objects.all().delete()
    Job.objects.all().delete()
    Sweep.objects.all().delete()
    Session.objects.all().delete()
