# SPDX-License-Identifier: GPL-3.0-or-later
"""The Channels 1.x application interface: messages, channels, groups, routing, sessions."""
