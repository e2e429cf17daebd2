# SPDX-License-Identifier: GPL-3.0-or-later
"""`import channels` finds ours, where no other package of that name is installed: Channels 1.x code runs unmodified.

`channels.sessions` is then the very module `app.channels.sessions`, not a second copy with exceptions of its own.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

NAME = "channels"
OURS = "app.channels"
OLD_NAMES = {"channels.tests": "app.channels.test"}  # as it was called before 1.1


def install() -> None:
    """Let `import channels` find ours, from now on."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Stands first, because the path of our package would lead others to its modules under a second name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == NAME:
            return None if self._is_installed(path) else self._spec(fullname)
        is_ours = fullname.startswith(NAME + ".") and sys.modules.get(NAME) is sys.modules.get(OURS)
        return self._spec(fullname) if is_ours else None

    def _is_installed(self, path: Sequence[str] | None) -> bool:
        """Whether another finder knows the package; a folder of that name without modules in it is none."""
        others = (finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        specs = (finder.find_spec(NAME, path) for finder in others)
        return any(spec is not None and spec.origin is not None for spec in specs)

    def _spec(self, fullname: str) -> ModuleSpec | None:
        ours = "app." + fullname
        for old, new in OLD_NAMES.items():
            if fullname == old or fullname.startswith(old + "."):
                ours = new + fullname.removeprefix(old)
        found = importlib.util.find_spec(ours)
        if found is None:
            return None
        spec = ModuleSpec(fullname, _Loader(ours), origin=found.origin, is_package=found.parent == ours)
        spec.submodule_search_locations = found.submodule_search_locations
        return spec


class _Loader(Loader):
    """Loads a module by giving the one that has another name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put the other name's there
