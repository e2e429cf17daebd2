# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer on Redis: names, messages, and its sync and asyncio faces."""
