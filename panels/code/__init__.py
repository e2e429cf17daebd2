# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's consumers as text: looked at, edited, checked, run by the workers, and taken back."""

from panels.code.panel import CodePanel

__all__ = ["CodePanel"]
