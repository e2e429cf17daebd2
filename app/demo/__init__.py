# SPDX-License-Identifier: GPL-3.0-or-later
"""The Django project that the demos run on."""
