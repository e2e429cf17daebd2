# SPDX-License-Identifier: GPL-3.0-or-later
"""What `manage.py` finds here."""
