# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 6455 without I/O, standard library only: bytes in, values out."""
