"""A phone of 360 pixels: nothing sticks out, and filters are a sheet."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.visitor import Visitor

PAGES = ("/", "/search?q=headphones", "/search?q=xylophone", "/c/electronics", "/b/norrvik", "/nowhere")


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_scrolls_sideways(phone: Visitor, path: str) -> None:
    await phone.visit(path)
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    phone.tolerate("404")


async def test_a_product_page_does_not_scroll_sideways(phone: Visitor) -> None:
    await phone.visit("/search?q=headphones")
    await phone.tiles.first.get_by_role("link").tap()
    await expect(phone.page.locator(".buy h1")).to_be_visible()
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_filters_are_a_sheet_that_tells_how_many_results_wait(phone: Visitor) -> None:
    await phone.visit("/search?q=headphones")
    norrvik = phone.page.get_by_label("Norrvik")
    await expect(norrvik).to_be_hidden()
    await phone.page.get_by_role("button", name="Filters").tap()
    await norrvik.check()
    shown = phone.page.get_by_role("button", name="Show 10 results")
    await expect(shown).to_be_visible()
    await shown.tap()
    await expect(norrvik).to_be_hidden()
    await expect(phone.tiles).to_have_count(10)
    await expect(phone.page.get_by_role("button", name=re.compile("Filters.*1"))).to_be_visible()


async def test_at_most_eight_suggestions_on_a_phone(phone: Visitor) -> None:
    await phone.visit("/")
    await phone.field.tap()
    await phone.field.press_sequentially("a")
    await expect(phone.suggestions.first).to_be_visible()
    assert await phone.suggestions.count() <= 8
