# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a message, route by route, as rich text in the theme's colours."""

from __future__ import annotations

import html
from collections.abc import Iterator

from app.events import FilterTried, RouteExplained, RouteTried
from app.layer.messages import decode
from app.routing_words import WHAT_DEFAULTS_DO, call, nobody, why
from app.versions import PACKAGE
from panels.theme import Theme

SIGNS = {
    "matched": ("✓", "good"), "other channel": ("·", "muted"), "filter failed": ("✕", "bad"),
    "no match": ("✕", "bad"), "not tried": ("–", "muted"),
}  # fmt: skip


class Told:
    """Writes explanations for one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme

    def answer(self, told: RouteExplained, expiry: float) -> str:
        """Return what a worker would do with the message: a sentence, the call, and what is odd about it."""
        return "<br>".join(self._answer(told, expiry))

    def routes(self, told: RouteExplained) -> str:
        """Return the routes in their order, as rows of a table."""
        rows: list[str] = []
        for number, route in enumerate(told.routes, 1):
            rows += self._route(str(number), route, told.channel, 0)
        return f'<table cellspacing="0" cellpadding="{self.theme.px(2)}" width="100%">{"".join(rows)}</table>'

    # --- the answer ---

    def _answer(self, told: RouteExplained, expiry: float) -> Iterator[str]:
        if not told.consumer:
            yield from self._nobody(told, expiry)
            return
        place = f"Route {told.number} of {len(told.routes)} has it"
        yield f"{self._in('✓', 'good')} <b>{place}</b>" + self._in(
            ", one that the framework adds" if told.is_default else "", "muted"
        )
        yield self.mono(f"{self._consumer(told.consumer)}{html.escape(call(told))}")
        names = ", ".join(html.escape(name) for name in decode(told.body)[1])
        yield self._in(f"the message has {names or 'nothing in it'}", "muted")
        if told.problem:
            yield self._in(f"✕ This call would fail: {html.escape(told.problem)}.", "bad")
        if what := WHAT_DEFAULTS_DO.get(told.consumer) if told.is_default else "":
            yield self._in(f"No route of the application is for it: {what}.", "muted" if told.view else "flight")
            if told.view:
                yield self.mono(_typed(told.view))
        elif any(route.kind == "include" and route.outcome == "matched" for route in told.routes):
            yield self._in("The message is whole: what was cut off is cut off for inner routes only.", "muted")

    def _nobody(self, told: RouteExplained, expiry: float) -> Iterator[str]:
        head, sentence = nobody(told, expiry)
        yield f"{self._in('✕', 'bad')} <b>{html.escape(head)}</b>"
        yield html.escape(sentence)

    # --- routes ---

    def _route(self, number: str, route: RouteTried, channel: str, depth: int) -> Iterator[str]:
        sign, color = SIGNS[route.outcome]
        said = {
            "other channel": self._in(f"for {html.escape(', '.join(route.channels))}", "muted"),
            "not tried": self._in("not tried: the first match wins" if depth == 0 else "not tried", "muted"),
            "no match": self._in("nothing inside for it" if route.kind == "include" else "not for it", "bad"),
        }.get(route.outcome, "")
        is_quiet = route.outcome in ("other channel", "not tried")
        role = "muted" if is_quiet else "accent"
        what = self._include(route) if route.kind == "include" else self._consumer(route.consumer, role, is_short=True)
        name = self._in(what, "muted") if is_quiet else f"<b>{what}</b>"
        yield self._row(number, self._in(sign, color), f"{name} {said}", depth)
        if not is_quiet:
            for one in route.filters:
                yield self._row("", "", self._filter(one), depth)
        if route.kind == "include" and route.outcome in ("matched", "no match"):
            for place, inner in enumerate(route.inner, 1):
                yield from self._route(f"{number}.{place}", inner, channel, depth + 1)

    def _include(self, route: RouteTried) -> str:
        if route.outcome != "not tried":
            return "include"
        filters = ", ".join(f"{one.key} ~ {one.pattern}" for one in route.filters)
        return f"include {self.mono(_typed(filters))}<br>"

    def _row(self, number: str, sign: str, text: str, depth: int) -> str:
        indent = self.theme.px(18) * depth
        return (
            f'<tr><td align="right" width="{self.theme.px(30)}">{self._in(number, "muted")}</td>'
            f'<td width="{self.theme.px(14)}" align="center">{sign}</td>'
            f'<td style="padding-left:{indent}px">{text}</td></tr>'
        )

    def _filter(self, one: FilterTried) -> str:
        """Return the expression and under it the value: what fits in one colour, what does not in another."""
        key, pattern, value = _typed(one.key), one.pattern, one.value
        if one.outcome == "not tried":
            return self.mono(self._in(f"{key} ~ {_typed(pattern)}", "muted")) + self._in("&nbsp; not tried", "muted")
        fits = max(one.pattern_fitted, 0)
        upper = self._in(_typed(pattern[:fits]), "good") + self._in(_typed(pattern[fits:]), "bad")
        shown = f"{key} ~ {upper}"
        if one.outcome in ("matched", "failed"):
            rest_role = "bad" if one.outcome == "failed" else "muted"
            lower = self._in(_typed(value[: one.fitted]), "good") + self._in(_typed(value[one.fitted :]), rest_role)
            shown += f"<br>{'&nbsp;' * len(one.key)} = {lower}"
        if one.rest is not None:
            rest = _typed(one.rest) or self._in("nothing", "muted")
            return f"{self.mono(shown)}<br>{self._in('inner routes see ', 'muted')}{self.mono(rest)}"
        reason = "".join(self.mono(_typed(text)) if is_typed else html.escape(text) for text, is_typed in why(one))
        return self.mono(shown) + (f"<br>{self._in(reason, 'bad')}" if reason else "")

    # --- pieces ---

    def mono(self, text: str) -> str:
        """Return HTML in the font of what is typed."""
        family, size = self.theme.mono().family(), self.theme.px(12)
        return f"<span style=\"font-family:'{family}'; font-size:{size}px\">{text}</span>"

    def _in(self, text: str, role: str) -> str:
        return f'<span style="color:{self.theme.color(role).name()}">{text}</span>' if text else ""

    def _consumer(self, name: str, role: str = "accent", is_short: bool = False) -> str:
        """Return a consumer's name; one of the demo's is a link to its text."""
        module, _, function = name.rpartition(".")
        shown = html.escape(f"{module.rpartition('.')[2]}.{function}" if is_short else name)
        if not name.startswith(PACKAGE):
            return shown
        style = "text-decoration:none; color:" + self.theme.color(role).name()
        return f'<a href="consumer:{html.escape(name)}" style="{style}">{shown}</a>'


def _typed(text: str) -> str:
    """Return text as HTML in which spaces count."""
    return html.escape(text).replace(" ", "&nbsp;")
