# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's consumers as text: the modules that may be edited, and the versions that come with the program.

A version is what differs from the shipped one: the texts of some modules by their names. Nothing is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

DEMO = Path(__file__).parent / "demo"
MODULES = {
    "consumers": "Chat",
    "drawing": "Drawing",
    "game": "Game",
    "turns": "Turns",
    "jobs": "Jobs",
    "routing": "Routing",
}
SHIPPED, TALK, EDITED = "shipped", "talk", "edited"
PACKAGE = "app.demo."
_NAMED = DEMO / "versions"


@lru_cache
def shipped(module: str) -> str:
    """Return the text of a module as it came."""
    return (DEMO / f"{module}.py").read_text(encoding="utf-8")


def texts_of(name: str) -> dict[str, str]:
    """Return the modules of a version that differ from the shipped one; raises KeyError for one that is not there."""
    if name not in (SHIPPED, TALK):
        raise KeyError(name)
    return {} if name == SHIPPED else dict(_named(name))


@lru_cache
def _named(name: str) -> dict[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted((_NAMED / name).glob("*.py"))}


def name_of(texts: Mapping[str, str]) -> str:
    """Return the name of a version by its texts."""
    return next((name for name in (SHIPPED, TALK) if texts == texts_of(name)), EDITED)


@dataclass(frozen=True)
class Version:
    """What runs: a number that no other has, and the texts of the modules that differ."""

    number: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return "shipped", "talk" or "edited"."""
        return name_of(self.texts)

    def text(self, module: str) -> str:
        """Return the text of a module."""
        return self.texts.get(module) or shipped(module)

    @classmethod
    def of(cls, texts: Mapping[str, str], number: int) -> Version:
        """Return the version with these texts; a module that is as it came does not differ."""
        return cls(number, {name: text for name, text in texts.items() if text != shipped(name)})

    def environment(self, folder: Path | None) -> dict[str, str]:
        """Return what a worker must find in its environment; the texts are put into the run's folder for it.

        Each version has a folder of its own there, so that workers of the one before keep theirs, and Python never
        takes an old .pyc for a new text.
        """
        if not self.texts or folder is None or not folder.exists():  # it went with Redis: a reset begins anew
            return {}
        place = folder / f"code-{self.number}"
        if not place.exists():
            place.mkdir(mode=0o700)
            for name, text in self.texts.items():
                (place / f"{name}.py").write_text(text, encoding="utf-8")
        return {"CHANNELSCOPE_CODE": str(place)}
