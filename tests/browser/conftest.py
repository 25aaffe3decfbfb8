"""A real browser on a real server."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright

from mercato.devstack import Stack
from tests.browser.catalog import fill, render_pictures
from tests.browser.visitor import Visitor, visiting
from tests.support.installation import new_installation
from tests.support.server import serving

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
async def shop_address(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a server of its own process, with the catalog of `catalog.py`."""
    media = tmp_path_factory.mktemp("pictures")
    async with new_installation(stack, template, media_dir=media) as shop:
        await fill(shop)
        await render_pictures(shop, media / "worker.log")
        async with serving(shop.settings) as address:
            yield address


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, headless."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(browser: Browser, shop_address: str) -> AsyncIterator[Visitor]:
    """Somebody at a desk."""
    async with visiting(browser, shop_address, viewport={"width": 1280, "height": 900}) as visitor:
        yield visitor


@pytest.fixture
async def phone(browser: Browser, shop_address: str) -> AsyncIterator[Visitor]:
    """Somebody with a small phone."""
    viewport: ViewportSize = {"width": 360, "height": 740}
    async with visiting(browser, shop_address, viewport=viewport, has_touch=True, is_mobile=True) as visitor:
        yield visitor


@pytest.fixture
async def scriptless(browser: Browser, shop_address: str) -> AsyncIterator[Visitor]:
    """Somebody who has switched scripts off."""
    async with visiting(browser, shop_address, java_script_enabled=False) as visitor:
        yield visitor
