# SPDX-License-Identifier: GPL-3.0-or-later
"""The Inspector: what is selected, in full."""

from panels.inspector.panel import InspectorPanel

__all__ = ["InspectorPanel"]
