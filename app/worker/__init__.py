# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process: take a message, run its consumer, say so."""
