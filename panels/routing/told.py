# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a message, route by route, as rich text in the theme's colours."""

from __future__ import annotations

import html
from collections.abc import Iterator

from app.events import FilterTried, RouteExplained, RouteTried
from app.versions import PACKAGE
from panels.theme import Theme

NEAR = 16  # characters on from where it stops fitting, of expression and value
WHAT_DEFAULTS_DO = {
    "app.channels.defaults.accept": "it accepts every socket that nobody else decided on",
    "app.channels.defaults.ignore": "it does nothing",
    "app.channels.handler.DjangoViews": "Django's views answer; urls.py chooses which",
}
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
        kwargs = "".join(f", {name}={value!r}" for name, value in told.kwargs.items())
        yield self.mono(f"{self._consumer(told.consumer)}{html.escape(f'(message{kwargs})')}")
        if told.problem:
            yield self._in(f"✕ This call would fail: {html.escape(told.problem)}.", "bad")
        if what := WHAT_DEFAULTS_DO.get(told.consumer) if told.is_default else "":
            yield self._in(f"No route of the application is for it: {what}.", "flight")
        elif any(route.kind == "include" and route.outcome == "matched" for route in told.routes):
            yield self._in("The message is whole: what was cut off is cut off for inner routes only.", "muted")

    def _nobody(self, told: RouteExplained, expiry: float) -> Iterator[str]:
        channel = html.escape(told.channel)
        if "!" in told.channel or "?" in told.channel:
            yield f"{self._in('–', 'muted')} <b>{channel} is a reply channel</b>"
            yield "The interface server takes what is sent there; no worker does, and no routing is asked."
        elif not told.is_listened:
            yield f"{self._in('✕', 'bad')} <b>No worker listens to {channel}</b>"
            yield f"No route is for this channel. The message would wait in Redis and expire after {expiry:g} s."
        else:
            yield f"{self._in('✕', 'bad')} <b>No route</b>"
            yield "A worker would take the message, find nobody for it, log an error and drop it (its fate: no route)."

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
        what = "include" if route.kind == "include" else self._consumer(route.consumer, role, is_short=True)
        name = self._in(what, "muted") if is_quiet else f"<b>{what}</b>"
        yield self._row(number, self._in(sign, color), f"{name} {said}", depth)
        if not is_quiet:
            for one in route.filters:
                yield self._row("", "", self._filter(one), depth)
        if route.kind == "include" and route.outcome in ("matched", "no match"):
            for place, inner in enumerate(route.inner, 1):
                yield from self._route(f"{number}.{place}", inner, channel, depth + 1)

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
            return self.mono(self._in(f"{key} ~ {_typed(pattern)}", "muted")) + self._in("  not tried", "muted")
        if one.outcome == "missing":
            why = f"the message has no {key}"
            return self.mono(f"{key} ~ {self._in(_typed(pattern), 'bad')}") + self._in(f"  {why}", "bad")
        if one.outcome == "not text":
            why = f"{_typed(value[:60])} is no text, so it matches nothing"
            return self.mono(f"{key} ~ {self._in(_typed(pattern), 'bad')}") + self._in(f"  {why}", "bad")
        fits = one.pattern_fitted if one.pattern_fitted >= 0 else 0
        rest_role = "bad" if one.outcome == "failed" else "muted"
        upper = self._in(_typed(pattern[:fits]), "good") + self._in(_typed(pattern[fits:]), "bad")
        lower = self._in(_typed(value[: one.fitted]), "good") + self._in(_typed(value[one.fitted :]), rest_role)
        pad = "&nbsp;" * (len(one.key))
        return self.mono(f"{key} ~ {upper}<br>{pad} = {lower}") + self._why(one)

    def _why(self, one: FilterTried) -> str:
        if one.rest is not None:
            rest = _typed(one.rest)
            return "<br>" + self._in("inner routes see ", "muted") + self.mono(rest or self._in("nothing", "muted"))
        if one.outcome == "matched" or one.pattern_fitted < 0:
            return ""
        wanted, found = _short(one.pattern[one.pattern_fitted :]), _short(one.value[one.fitted :])
        shown = self.mono(_typed(wanted))
        if wanted == "$":
            text = f"the value should end here, but {self.mono(_typed(found))} follows"
        elif not found:
            text = f"the value ends here, and {shown} wants more"
        else:
            text = f"{shown} does not fit {self.mono(_typed(found))}"
        return "<br>" + self._in(text, "bad")

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


def _short(text: str) -> str:
    return text if len(text) <= NEAR else f"{text[:NEAR]}…"


def _typed(text: str) -> str:
    """Return text as HTML in which spaces count."""
    return html.escape(text).replace(" ", "&nbsp;")
