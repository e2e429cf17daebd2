# SPDX-License-Identifier: GPL-3.0-or-later
"""The little of Markdown that lessons use, as rich text in the theme's colours.

Paragraphs, lists with "- ", **strong**, *emphasis* and `code`; everything else is taken as it stands.
"""

from __future__ import annotations

import html
import re

from panels.numbers import tied
from panels.theme import Theme

LINE_HEIGHT = 130  # percent


def to_html(text: str, theme: Theme) -> str:
    """Return rich text for a QLabel."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "".join(_block(block, theme) for block in blocks)


def bound(text: str) -> str:
    """Return a text whose lines do not break between a number and its unit, or at French punctuation."""
    return re.sub(r" (?=[;:?!»](\s|$))|(?<=«) ", "\N{NO-BREAK SPACE}", tied(text))


def _block(block: str, theme: Theme) -> str:
    lines = block.splitlines()
    style = f"line-height:{LINE_HEIGHT}%; margin:0 0 {theme.px(8)}px 0"
    if all(line.startswith("- ") for line in lines):
        items = "".join(f"<li>{_inline(line[2:], theme)}</li>" for line in lines)
        return f'<ul style="{style}; -qt-list-indent:0; margin-left:{theme.px(14)}px">{items}</ul>'
    return f'<p style="{style}">{_inline(" ".join(lines), theme)}</p>'


def _inline(text: str, theme: Theme) -> str:
    family, ground = theme.mono().family(), theme.color("raised").name()
    style = f"font-family:'{family}'; font-size:{theme.px(12)}px; background:{ground}"
    code = f'<span style="{style}">&nbsp;\\1&nbsp;</span>'
    text = html.escape(bound(text), quote=False)
    text = re.sub(r"`([^`]+)`", code, text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    return re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*", r"<i>\1</i>", text)
