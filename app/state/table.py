# SPDX-License-Identifier: GPL-3.0-or-later
"""The large tables of a state: dicts that note what changes in them, so that a moment is kept without copying all."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any, NamedTuple, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Change(NamedTuple):
    """What became of a table: `gone` was taken out, then `put` was put in; `is_whole`: it had been empty before."""

    gone: dict[Any, None]
    put: dict[Any, Any]
    is_whole: bool = False

    def apply(self, table: dict[Any, Any]) -> None:
        """Let a table that is as it was before become as it was after, the order of its keys included."""
        if self.is_whole:
            dict.clear(table)
        for key in self.gone:
            dict.pop(table, key, None)
        dict.update(table, self.put)


class Table(dict[_K, _V]):
    """A dict whose values are never changed in place; it notes its changes from the first `take` on."""

    _gone: dict[_K, None]
    _put: dict[_K, _V] | None = None

    def __setitem__(self, key: _K, value: _V) -> None:
        super().__setitem__(key, value)
        if self._put is not None:
            self._put[key] = value

    def __delitem__(self, key: _K) -> None:
        super().__delitem__(key)
        if self._put is not None:
            self._put.pop(key, None)
            self._gone[key] = None

    def pop(self, key: _K, *default: Any) -> Any:
        """Take a key out and return its value."""
        if key in self or not default:
            value = self[key]
            del self[key]
            return value
        return default[0]

    def drop(self, keys: Sequence[_K]) -> list[_V]:
        """Take many keys out at once and return their values."""
        values = [dict.pop(self, key) for key in keys]
        if self._put is not None:
            for key in keys:
                self._put.pop(key, None)
            self._gone.update(dict.fromkeys(keys))
        return values

    # The rest of what changes a dict, by means of those two.
    clear = MutableMapping.clear
    popitem = MutableMapping.popitem
    setdefault = MutableMapping.setdefault
    update = MutableMapping.update

    def copy(self) -> Table[_K, _V]:
        """Return another with the same values, that notes nothing yet."""
        other: Table[_K, _V] = Table()
        dict.update(other, self)
        return other

    def take(self, is_whole: bool = False) -> Change:
        """Return what changed since this was asked before, all of it if it never was; from now on note anew."""
        if is_whole or self._put is None:
            change = Change({}, dict(self), is_whole=True)
        else:
            change = Change(self._gone, self._put)
        self.note()
        return change

    def note(self) -> None:
        """Note changes from now on, and nothing that was before."""
        self._gone, self._put = {}, {}
