"""axe finds nothing serious, in light and in dark."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.browser.catalog import MUG
from tests.browser.visitor import Visitor, visiting

PAGES = ("/", "/search?q=headphones&brand=norrvik", "/search?q=xylophone", "/c/electronics", "/b/norrvik", "/nowhere")
SERIOUS = {"serious", "critical"}


async def violations(visitor: Visitor) -> list[str]:
    """What axe complains of, worst first."""
    results = await Axe().run(visitor.page)
    return [
        f"{found['id']}: {[node['html'] for node in found['nodes']]}"
        for found in results.response["violations"]
        if found["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_serious_violation(browser: Browser, shop_address: str, scheme: str) -> None:
    async with visiting(browser, shop_address, color_scheme=scheme) as visitor:
        for path in PAGES:
            await visitor.visit(path)
            assert await violations(visitor) == [], path
        visitor.tolerate("404")


async def test_a_product_page_has_no_serious_violation(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.tiles.first.get_by_role("link").click()
    await expect(visitor.page.locator(".buy h1")).to_be_visible()
    assert await violations(visitor) == []


async def test_pictures_of_categories_and_products_have_no_serious_violation(visitor: Visitor) -> None:
    for path in (MUG, "/c/kitchen"):
        await visitor.visit(path)
        assert await violations(visitor) == [], path


async def test_open_suggestions_have_no_serious_violation(visitor: Visitor) -> None:
    await visitor.visit("/")
    await visitor.field.press_sequentially("headphones")
    await expect(visitor.suggestions.first).to_be_visible()
    assert await violations(visitor) == []


async def test_the_open_filter_sheet_has_no_serious_violation(phone: Visitor) -> None:
    await phone.visit("/search?q=headphones")
    await phone.page.get_by_role("button", name="Filters").tap()
    assert await violations(phone) == []


async def test_the_keyboard_reaches_content_by_the_skip_link(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.keyboard.press("Tab")
    await expect(visitor.page.get_by_role("link", name="Skip to content")).to_be_focused()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.locator("main")).to_be_focused()
