# SPDX-License-Identifier: GPL-3.0-or-later
"""Channelscope without its window: the live system, its events, and what they add up to."""
