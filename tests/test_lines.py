# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal shows of events: the same words as in the window, each line with its process."""

import pytest

from app import events as e
from app.lines import EACH, RARE, line_of, print_line, words_of


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (e.WorkerExited(t=0.0, source="lab", worker="worker-2", status=0, signal="KILL"), "worker-2 ended by SIGKILL"),
        (e.LogLine(t=0.0, source="worker-1", text="a consumer prints"), "worker-1: a consumer prints"),
        (e.LogLine(t=0.0, source="server", text="no", level="error"), "server: error: no"),
        (e.RedisLost(t=0.0, source="server", reason="refused"), "server: Redis does not answer: refused"),
        (
            e.ConsumerFailed(
                t=0.0, source="w", worker="w", key="0123456789", consumer="core.chat", error="no", traceback="Trace"
            ),
            "w: core.chat raised no for message 01234567; the worker goes on\nTrace",
        ),
    ],
)  # fmt: skip
def test_that_a_line_names_the_process_once(event, line):
    assert line_of(event)[9:] == line
    assert not words_of(event).startswith("worker-")


def test_that_a_terminal_shows_what_is_rare_and_of_each_message_only_where_that_is_wanted(capsys):
    runs = e.ConsumerStarted(t=0.0, source="w", worker="w", key="0123456789", channel="x", consumer="core.chat")
    print_line(runs)
    assert not capsys.readouterr().out
    print_line(runs, EACH)
    assert "w runs core.chat for message 01234567 from x" in capsys.readouterr().out
    print_line(e.BytesSeen(t=0.0, source="s", connection="c1", direction="client", offset=0, length=3), RARE)
    assert not capsys.readouterr().out
