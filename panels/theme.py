# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours, type and spacing: one frozen palette for dark, one for light, and the style sheet made from it.

Field colours are the Okabe-Ito set, so that they survive colour blindness; a letter or shape always goes with them.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from string import Template

from PyQt5.QtGui import QColor, QFont, QFontDatabase, QPalette
from PyQt5.QtWidgets import QApplication

SIZES = {"title": 20, "heading": 15, "body": 13, "small": 11}  # pixels at scale 1; nothing is smaller


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as #RRGGBB."""

    name: str
    background: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    bad: str
    flight: str
    selection: str
    bad_soft: str
    flight_soft: str
    fin: str
    opcode: str
    mask: str
    length: str
    masking_key: str
    payload: str
    opcode_text: str
    mask_text: str
    length_text: str
    masking_key_text: str


DARK = Palette(
    name="dark",
    background="#12151B",
    panel="#191D25",
    raised="#20252F",
    line="#2C333F",
    text="#E6E9EF",
    muted="#929BAB",
    accent="#4AA3FF",
    on_accent="#0B1220",
    good="#2FBF8F",
    bad="#F0616D",
    flight="#FFB454",
    selection="#1F3550",
    bad_soft="#3A2229",
    flight_soft="#3A3122",
    fin="#E69F00",
    opcode="#56B4E9",
    mask="#CC79A7",
    length="#009E73",
    masking_key="#D55E00",
    payload="#737C9E",
    opcode_text="#56B4E9",
    mask_text="#CC79A7",
    length_text="#1FBF92",
    masking_key_text="#F0803C",
)
LIGHT = Palette(
    name="light",
    background="#F3F4F7",
    panel="#FFFFFF",
    raised="#F0F2F6",
    line="#D9DDE5",
    text="#1D222B",
    muted="#5F697B",
    accent="#1769D2",
    on_accent="#FFFFFF",
    good="#0B8A5F",
    bad="#C9303E",
    flight="#B36000",
    selection="#C5D8EF",
    bad_soft="#FBEAEC",
    flight_soft="#FBF1E0",
    fin="#E69F00",
    opcode="#56B4E9",
    mask="#CC79A7",
    length="#009E73",
    masking_key="#D55E00",
    payload="#737C9E",
    opcode_text="#1769D2",
    mask_text="#A3427A",
    length_text="#00795A",
    masking_key_text="#B54F00",
)
PALETTES = {palette.name: palette for palette in (DARK, LIGHT)}


# Painting a row asks for a dozen colours and fonts; a font that is kept has found its glyphs already. Whoever changes
# one makes a copy first: QFont(theme.sans()).
@lru_cache(maxsize=256)
def _color(name: str, alpha: int) -> QColor:
    color = QColor(name)
    color.setAlpha(alpha)
    return color


@lru_cache(maxsize=64)
def _font(family: str, pixels: int, bold: bool, is_mono: bool = False) -> QFont:
    font = QFont(family) if family else QFont()
    font.setPixelSize(pixels)
    font.setWeight(QFont.DemiBold if bold else QFont.Normal)
    if is_mono:
        font.setStyleHint(QFont.Monospace)
    return font


class Theme:
    """The palette in force, the fonts, and the scale; panels ask it, never remember it.

    `scale` multiplies every font and every measure that goes through `px`.
    """

    def __init__(self, name: str = "dark", scale: float = 1.0) -> None:
        self.palette = PALETTES[name]
        self.scale = scale
        families = set(QFontDatabase().families())
        self._sans = next((name for name in ("Inter", "Cantarell", "Noto Sans", "DejaVu Sans") if name in families), "")
        self._mono = next((name for name in ("JetBrains Mono", "DejaVu Sans Mono") if name in families), "monospace")

    def at(self, scale: float) -> Theme:
        """Return this theme as it is now, at another scale."""
        other = copy(self)
        other.scale = scale
        return other

    def use(self, name: str) -> None:
        """Put on another palette: "dark" or "light"."""
        self.palette = PALETTES[name]

    def color(self, role: str, alpha: int = 255) -> QColor:
        """Return the colour of a palette role, with an alpha of 0 to 255."""
        return _color(getattr(self.palette, role), alpha)

    def px(self, size: float) -> int:
        """Return a measure at the scale in force."""
        return round(size * self.scale)

    def sans(self, size: str = "body", bold: bool = False) -> QFont:
        """Return the interface font in one of SIZES."""
        return _font(self._sans, self.px(SIZES[size]), bold)

    def mono(self, size: str = "body", bold: bool = False) -> QFont:
        """Return the font for bytes, keys and times in one of SIZES."""
        return _font(self._mono, self.px(SIZES[size]), bold, is_mono=True)

    def apply(self, app: QApplication) -> None:
        """Give the application this theme's fonts, palette and style sheet."""
        app.setStyle("Fusion")
        app.setFont(self.sans())
        app.setPalette(self._qt_palette())
        app.setStyleSheet(self._style_sheet())

    def _qt_palette(self) -> QPalette:
        palette = QPalette()
        roles = {
            QPalette.Window: "background",
            QPalette.Base: "panel",
            QPalette.AlternateBase: "raised",
            QPalette.Button: "raised",
            QPalette.Highlight: "accent",
            QPalette.HighlightedText: "on_accent",
            QPalette.WindowText: "text",
            QPalette.Text: "text",
            QPalette.ButtonText: "text",
            QPalette.ToolTipBase: "raised",
            QPalette.ToolTipText: "text",
            QPalette.Link: "accent",
        }
        for role, name in roles.items():
            palette.setColor(role, self.color(name))
        for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
            palette.setColor(QPalette.Disabled, role, self.color("muted"))
        return palette

    def _style_sheet(self) -> str:
        template = resources.files("panels").joinpath("resources/style.qss").read_text()
        values = {name: getattr(self.palette, name) for name in self.palette.__dataclass_fields__}
        values |= {f"size_{name}": f"{self.px(size)}px" for name, size in SIZES.items()}
        values |= {f"px{size}": f"{self.px(size)}px" for size in (1, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32)}
        values |= {"mono": self._mono, "sans": self._sans or "sans-serif"}
        return Template(template).substitute(values)
