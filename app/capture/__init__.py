# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets without Qt: capture files, link layers, TCP reassembly with explicit gaps."""
