# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket clients of our own."""
