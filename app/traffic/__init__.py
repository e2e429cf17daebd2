# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as packets: HTTP and WebSocket as they were seen, Redis as the processes told, a comment for each step."""
