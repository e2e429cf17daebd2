# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of event has its line."""

import msgspec
import pytest

from app import events as e
from app.telling import CUT, subject, tell

VALUES = {str: "x1", float: 1.5, int: 3, bool: True, bytes: b"\x80"}


def sample(kind):
    """Return an event of a kind with something in every field."""
    fields = {}
    for field in msgspec.structs.fields(kind):
        if field.type in VALUES:
            fields[field.name] = VALUES[field.type]
        elif field.default is msgspec.NODEFAULT:
            arguments = getattr(field.type, "__args__", ("",))
            if getattr(field.type, "__origin__", None) is dict:
                fields[field.name] = {"x1": 0.5}
                continue
            fields[field.name] = () if getattr(field.type, "__origin__", None) is tuple else arguments[0]
    return kind(**fields)


@pytest.mark.parametrize("kind", e.kinds(), ids=lambda kind: kind.__name__)
def test_that_every_kind_of_event_has_one_line(kind):
    line = tell(sample(kind))
    assert line
    assert not set("\n<") & set(line)


def test_that_a_line_says_what_happened_to_which_message():
    event = e.MessageExpired(t=0.0, source="redis", key="0123456789abcdef" * 2)
    assert tell(event) == "message 01234567 expired unread"
    assert subject(event) == ("message", "0123456789abcdef" * 2)


def test_that_a_long_text_is_cut_to_one_line():
    line = tell(e.LogLine(t=0.0, source="worker-1", text="Traceback\n" + "word " * 200))
    assert len(line) == CUT
    assert line.startswith("Traceback word")
    assert line.endswith("…")


def test_that_a_frame_that_breaks_a_rule_says_so():
    frame = e.FrameSeen(
        t=0.0, source="server", connection="c1", direction="client", row=7, opcode=1, fin=False, length=2,
        violations=("WS-03",),
    )  # fmt: skip
    assert tell(frame) == "c1: TEXT frame of 2 bytes from the client, more follows, breaks WS-03"
    assert subject(frame) == ("frame", "7")
