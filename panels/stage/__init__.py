# SPDX-License-Identifier: GPL-3.0-or-later
"""The Stage: clients, interface server, channel layer and workers, with the messages that move between them.

`views` says what is shown, `layout` where, `cards`, `lanes` and `wiring` how it looks, `motion` what moves, `canvas` is
the picture one can click, and `panel` puts it into the window.
"""

from panels.stage.panel import StagePanel

__all__ = ["StagePanel"]
