# SPDX-License-Identifier: GPL-3.0-or-later
"""Find, start, guard and stop the private Redis."""
