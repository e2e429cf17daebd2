# SPDX-License-Identifier: GPL-3.0-or-later
"""What puts events in the inbox."""
