# SPDX-License-Identifier: GPL-3.0-or-later
"""A console on Redis: what may be typed and why not, its answers as redis-cli prints them, what they mean to the layer.

Nothing is imported here: the guard of the private Redis needs `commands` alone, and soon.
"""
