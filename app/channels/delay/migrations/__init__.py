# SPDX-License-Identifier: GPL-3.0-or-later
"""How the table of delayed messages came about."""
