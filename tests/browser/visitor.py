"""A person at a browser: a fresh profile and a page, watched from the first request on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, Request

PATIENCE_S = 10


class Visitor:
    """A page, and what went wrong on it: errors of scripts, broken policies, requests to other hosts."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.disturbances: list[str] = []
        self.aborted: list[str] = []
        self.requests: list[str] = []
        self._address = address
        page.on("console", self._hear)
        page.on("pageerror", self._fail)
        page.on("request", self._watch)
        page.on("requestfailed", lambda request: self.aborted.append(request.url))

    @property
    def field(self) -> Locator:
        """The search field."""
        return self.page.get_by_label("Search products")

    @property
    def suggestions(self) -> Locator:
        """The options of the suggestion list."""
        return self.page.locator("#suggest-list").get_by_role("option")

    @property
    def tiles(self) -> Locator:
        """The products of the results."""
        return self.page.locator(".results .grid .tile")

    @property
    def place(self) -> str:
        """Path and query of the address."""
        return self.page.url.removeprefix(self._address)

    async def visit(self, path: str) -> None:
        """Open a page and wait until its script has run."""
        await self.page.goto(path, wait_until="load")

    async def count(self) -> int:
        """The number of results that the page tells."""
        return int((await self.page.locator(".count strong").inner_text()).replace(",", ""))

    async def until(self, condition: str) -> None:
        """Wait until a condition of the page holds (the policy of the pages forbids Playwright's own way, which uses eval)."""
        for _ in range(PATIENCE_S * 50):
            if await self.page.evaluate(condition):
                return
            await asyncio.sleep(0.02)
        pytest.fail(f"never became true: {condition}")

    def tolerate(self, text: str) -> None:
        """Take back complaints that a test provoked."""
        self.disturbances = [told for told in self.disturbances if text not in told]

    def assert_undisturbed(self) -> None:
        """Nothing went wrong on the page, and no other host was asked."""
        assert self.disturbances == []

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.disturbances.append(f"{message.type}: {message.text}")

    def _fail(self, error: Error) -> None:
        self.disturbances.append(f"script: {error}")

    def _watch(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((self._address, "data:")):
            self.disturbances.append(f"asked another host: {request.url}")


@asynccontextmanager
async def visiting(browser: Browser, address: str, **options: Any) -> AsyncIterator[Visitor]:
    """Somebody with a fresh profile; at the end, nothing may have gone wrong."""
    context = await browser.new_context(base_url=address, **options)
    context.set_default_timeout(1000 * PATIENCE_S)
    visitor = Visitor(await context.new_page(), address)
    yield visitor
    visitor.assert_undisturbed()
    await context.close()
