"""Pictures in a real browser: the format and size it takes, and the place that is kept free for them."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.catalog import MUG
from tests.browser.visitor import Visitor, visiting

SHIFTS = """new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))
        .observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => done(sum), 100));
})"""
LOADED = "[...document.querySelectorAll('{0} img')].every((one) => one.complete && one.naturalWidth)"


async def taken(visitor: Visitor, selector: str) -> str:
    """The path of the file that a picture shows."""
    address = await visitor.page.locator(f"{selector} img").first.evaluate("one => one.currentSrc")
    return re.sub(r"^https?://[^/]+", "", str(address))


async def test_a_tile_takes_the_best_format_and_no_more_than_it_needs(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.until(LOADED.format(".tile:nth-child(-n+4)"))
    first = await taken(visitor, ".tile")
    assert re.fullmatch(r"/media/r/\w+\.avif", first)
    offered = await visitor.page.locator(".tile source[type='image/avif']").first.get_attribute("srcset")
    assert f"{first} 320w" in (offered or "")


@pytest.mark.parametrize("path", ["/", "/search?q=headphones", "/c/kitchen", "/b/norrvik", MUG])
async def test_nothing_jumps_while_pictures_come(visitor: Visitor, phone: Visitor, path: str) -> None:
    for one in (visitor, phone):
        await one.visit(path)
        assert await one.page.evaluate(SHIFTS) < 0.01


async def test_the_colour_goes_once_the_picture_is_there(visitor: Visitor) -> None:
    await visitor.visit(MUG)
    await visitor.until(LOADED.format("#picture-1"))
    await expect(visitor.page.locator("#picture-1 .tint")).to_be_hidden()


async def test_thumbnails_are_the_cut_and_a_closer_look_is_the_whole(visitor: Visitor) -> None:
    await visitor.visit(MUG)
    await visitor.until(LOADED.format(".gallery-thumbs"))
    thumb = visitor.page.locator(".gallery-thumbs img").first
    assert await thumb.evaluate("one => one.naturalWidth === one.naturalHeight")
    await visitor.page.get_by_role("link", name=re.compile("^Enlarge picture")).first.click()
    large = visitor.page.get_by_role("dialog").get_by_role("img", name="A mug from the side")
    await expect(large).to_be_visible()
    await visitor.until("document.querySelector('.zoom img').complete")
    assert await large.evaluate("one => Math.abs(one.naturalWidth / one.naturalHeight - 15 / 9) < 0.02")
    assert (await taken(visitor, ".zoom")).endswith(".avif")


async def test_suggested_products_show_the_same_pictures(visitor: Visitor) -> None:
    await visitor.visit("/")
    await visitor.field.press_sequentially("travel mug")
    await expect(visitor.page.locator(".suggest-product")).to_have_count(1)
    await visitor.until(LOADED.format(".suggest-picture"))
    shown = visitor.page.locator(".suggest-picture img")
    assert (await taken(visitor, ".suggest-picture")).endswith(".avif")
    assert await shown.evaluate("one => one.naturalWidth === one.naturalHeight")
    assert await shown.get_attribute("alt") == ""


async def test_without_script_pictures_are_the_same(browser: Browser, shop_address: str) -> None:
    async with visiting(browser, shop_address, java_script_enabled=False) as visitor:
        await visitor.visit("/search?q=headphones")
        assert any(address.endswith(".avif") for address in visitor.requests)
        assert not any(address.endswith(".webp") for address in visitor.requests)


async def test_the_account_is_reached_from_the_top_by_keyboard(visitor: Visitor, phone: Visitor) -> None:
    for one in (visitor, phone):
        await one.visit("/")
        link = one.page.get_by_role("banner").get_by_role("link", name="Your account")
        size = await link.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 44
        await link.focus()
        await one.page.keyboard.press("Enter")
        await one.page.wait_for_url("**/sign-in?next=/account")
