# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for routing and consumers: say what becomes of a message, and run other consumers of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from msgspec.structs import replace

from app import versions
from app.lab.workers import WorkerVerbs
from app.layer import MessageTooLarge
from app.layer.messages import encode
from app.live import SetUpError
from app.live.explaining import NoAnswer
from app.live.launch import PREPARE_DEMO, application_args
from app.orders import ExplainRoute
from app.settings import Settings
from app.versions import MODULES, Version

OWN_PROJECT = "this is your own project: edit its files where they are, and restart the workers"


class RoutingVerbs(WorkerVerbs):
    """Explain and edit."""

    def explain_route(self, channel: str, content: Mapping[str, Any] | None = None, key: str = "") -> Future[None]:
        """Say which route has a message, and why the others have it not (`RouteExplained`).

        Args:
            channel: the message's.
            content: what is in it; None: what was in the newest message that was sent on this channel.
            key: of the message, if it was really sent.
        """

        async def work() -> None:
            order = self._question(channel, content, key)
            live = self._live
            try:
                self._take(await live.explainer.ask(order, application_args(live.settings), live.worker_environment()))
            except NoAnswer as error:
                raise SetUpError(str(error)) from None

        return self._do("explain_route", work)

    def check_consumers(
        self, source: str, module: str = "consumers", others: Mapping[str, str] | None = None
    ) -> Future[None]:
        """Say whether a text of one of the demo's modules can be loaded (`ConsumersChecked`); nothing is restarted.

        `others` are the texts of all other modules that are to differ from the shipped ones; None: those that do now.
        """

        async def work() -> None:
            await self._check(self._version(self._with(module, source, others)), module)

        return self._do("check_consumers", work)

    def use_consumers(
        self, source: str, module: str = "consumers", others: Mapping[str, str] | None = None
    ) -> Future[None]:
        """Run another text of one of the demo's modules: workers are restarted one by one, if it can be loaded."""

        async def work() -> None:
            await self._use(self._with(module, source, others), module)

        return self._do("use_consumers", work)

    def edit_consumers(self, find: str, replace: str, module: str = "consumers") -> Future[None]:
        """Run a demo's module with one part of its text replaced by another; where nothing is to be found, added."""

        async def work() -> None:
            self._with(module, "")  # is there such a module?
            text = self._live.version.text(module)
            if not find:
                return await self._use(self._with(module, text + replace), module)
            if text.count(find) != 1:
                raise SetUpError(f"{module} has {find!r} {text.count(find)} times; expected it once")
            await self._use(self._with(module, text.replace(find, replace)), module)

        return self._do("edit_consumers", work)

    def use_version(self, version: str) -> Future[None]:
        """Run a version that comes with the program: "shipped" or "talk"."""

        async def work() -> None:
            try:
                texts = versions.texts_of(version)
            except KeyError:
                raise SetUpError(f"there is no version {version!r}; there is shipped, talk") from None
            await self._use(texts, "")

        return self._do("use_version", work)

    def _question(self, channel: str, content: Mapping[str, Any] | None, key: str) -> ExplainRoute:
        if content is None:
            sent = self._newest.get(channel)
            if sent is None:
                raise SetUpError(f"no message was sent on {channel} in this run")
            return ExplainRoute(channel, sent.body, sent.key)
        try:
            return ExplainRoute(channel, encode(dict(content)), key)
        except (TypeError, ValueError, OverflowError, MessageTooLarge) as error:
            raise SetUpError(f"this is no message: {error}") from None

    def _with(self, module: str, text: str, others: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the texts of the version that runs, or these others, with another one for this module."""
        if self.settings.django_settings != Settings.django_settings:
            raise SetUpError(OWN_PROJECT)
        for name in (module, *(others or ())):
            if name not in MODULES:
                raise SetUpError(f"the demo has no module {name!r} to edit; there is {', '.join(MODULES)}")
        return {**(self._live.version.texts if others is None else others), module: text}

    def _version(self, texts: Mapping[str, str]) -> Version:
        return Version.of(texts, next(self._version_numbers))

    async def _use(self, texts: Mapping[str, str], module: str) -> None:
        async with self._editing:
            version = self._version(texts)
            if not await self._check(version, module):
                return
            async with self._turn:
                self._live.version = version
                self._live.explainer.outdate()
                self._tell_version()
            await self._renew_all()

    async def _check(self, version: Version, module: str) -> bool:
        live = self._live
        try:
            checked = await live.explainer.check(
                [*application_args(live.settings), "--prepare", PREPARE_DEMO], live.worker_environment(version)
            )
        except NoAnswer as error:
            raise SetUpError(str(error)) from None
        self._take(replace(checked, module=module))
        return checked.is_good
