"""A real browser on a real server."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright

from mercato.devstack import Stack
from mercato.devstack.ports import free_port
from mercato.devstack.probe import http_get
from tests.browser.catalog import fill
from tests.browser.visitor import Visitor, visiting
from tests.support.installation import environment_of, new_installation

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
START_S = 60


@pytest.fixture(scope="session")
async def shop_address(stack: Stack, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a server of its own process, with the catalog of `catalog.py`."""
    media = tmp_path_factory.mktemp("pictures")
    async with new_installation(stack, template, media_dir=media) as shop:
        await fill(shop)
        port = free_port()
        environment = environment_of(shop.settings) | {"MERCATO_PORT": str(port), "MERCATO_LOG_LEVEL": "error"}
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "mercato", "api", env=environment)
        try:
            await _ready(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            await process.wait()


async def _ready(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_S):
        while process.returncode is None:
            answer = await http_get(f"http://127.0.0.1:{port}/health/ready")
            if answer is not None and answer.status == 200:
                return
            await asyncio.sleep(0.05)
    pytest.fail("the server ended")


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
