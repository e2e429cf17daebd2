# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that keeps together what belongs together."""

import pytest

from panels.prose import bound


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("it waits 15 s, then", "it waits 15_s, then"),
        ("after 8 seconds", "after 8 seconds"),
        ("5 of 6 steps", "5 of 6 steps"),
        ("Que devient-il ?", "Que devient-il_?"),
        ("« bonjour » : oui ;", "«_bonjour_»_: oui_;"),
        ("asgi: :group a ?b", "asgi: :group a ?b"),
    ],
)
def test_that_lines_do_not_break_there(text, kept):
    assert bound(text) == kept.replace("_", "\u00a0")
