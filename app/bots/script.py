# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bot does and when: the same seed and number make the same script, on every machine.

A move of the hand happens MOVES times a second; how many of them a message gathers is what the slider of the drawing
page sets. Lines are Lissajous curves; the talk is made of a few sentences.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOVES = 120  # a second: a fast mouse
PACES = (0, 60, 30, 10)  # messages a second at most, 0: one for each move
LINE = 144  # moves; every pace divides it
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7", "#8a93a3")
SENTENCES = (
    "Is anybody here?",
    "Grüße an alle 👋",
    "Every message waits in a list.",
    "Which worker took this one?",
    "At most once, they say.",
    "I am a bot, and I never tire.",
)


@dataclass(frozen=True)
class Said:
    """A message: `begins` and `ends` are seconds since the script began, `ends` is when it is sent; `text` is JSON.

    In a drawing the text has `"sent": null`, for the moment when it began.
    """

    begins: float
    ends: float
    text: str


def drawing(seed: int, number: int, pace: int) -> Iterator[Said]:
    """Yield what bot `number` draws, without end; `pace` is one of PACES."""
    gathered = MOVES // pace if pace else 1
    for move in range(0, 1 << 62, gathered):
        line, place = divmod(move, LINE)
        points = [value for n in range(place, place + gathered) for value in _point(seed, number, line, n)]
        count = len(points) // 2
        content = {"type": "draw", "points": points, "colour": COLOURS[number % len(COLOURS)], "width": 6}
        content |= {"begin": True} if place == 0 else {}
        content |= {"over": round(1000 * count / MOVES)} if count > 1 else {}
        yield Said(move / MOVES, (move + count - 1) / MOVES, json.dumps({**content, "sent": None}))


def talk(seed: int, number: int, every: float = 1.0) -> Iterator[Said]:
    """Yield what bot `number` says, a line about every so many seconds, without end."""
    dice, t = random.Random(f"talk {seed} {number}"), 0.0
    for line in range(1, 1 << 62):
        t += dice.uniform(0.5, 1.5) * every
        text = f"{dice.choice(SENTENCES)} ({number}.{line})"
        yield Said(t, t, json.dumps({"type": "chat", "data": text}, ensure_ascii=False))


def _point(seed: int, number: int, line: int, n: int) -> tuple[int, int]:
    x, y, size, across, down, turn = _curve(seed, number, line)
    angle = math.tau * n / LINE
    return round(x + size * math.sin(across * angle + turn)), round(y + size * math.sin(down * angle))


@lru_cache(maxsize=1024)
def _curve(seed: int, number: int, line: int) -> tuple[int, int, int, int, int, float]:
    dice = random.Random(f"draw {seed} {number} {line}")
    x, y, size = dice.randint(200, 800), dice.randint(200, 800), dice.randint(60, 190)
    return x, y, size, dice.randint(1, 3), dice.randint(1, 3), dice.uniform(0, math.tau)
