# SPDX-License-Identifier: GPL-3.0-or-later
"""The Django project that the demos run on; modules that were edited in the window lie in a folder of the run."""

import os

if _edited := os.environ.get("CHANNELSCOPE_CODE"):
    __path__.insert(0, _edited)
