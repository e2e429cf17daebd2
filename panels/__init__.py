# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: the only code that imports PyQt5 and pyqtgraph."""
