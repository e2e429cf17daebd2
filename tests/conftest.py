# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: offscreen Qt, and a browser that is skipped where there is none (but not in CI)."""

import os
import shutil

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PyQt5")


def chromium() -> str:
    """Return the path of a Chromium, "" when there is none."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )


def pytest_collection_modifyitems(config, items):
    if chromium():
        return
    reason = "no Chromium on this machine: apt-get install chromium"
    for item in items:
        if "browser" in item.keywords:
            if os.environ.get("CI") == "true":
                item.add_marker(pytest.mark.usefixtures("missing_browser"))
            else:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def missing_browser():
    pytest.fail("no Chromium on this machine, and CI must test with one")
