"""Reviews in a browser: read beside the product, written with the keyboard and without script."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.catalog import BUYER, REVIEWED
from tests.browser.test_accessibility import violations
from tests.browser.visitor import Visitor, visiting
from tests.support.people import PASSWORD

FORM = f"{REVIEWED}/review"


async def sign_in(visitor: Visitor, following: str) -> None:
    """Go somewhere that asks for an account."""
    await visitor.visit(following)
    await visitor.page.get_by_label("E-mail").fill(BUYER)
    await visitor.page.get_by_label("Password").fill(PASSWORD)
    await visitor.page.get_by_role("button", name="Sign in").click()
    await expect(visitor.page.get_by_role("heading", name="Your review")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_of_reviews_have_no_serious_violation(browser: Browser, shop_address: str, scheme: str) -> None:
    async with visiting(browser, shop_address, color_scheme=scheme) as visitor:
        for path in (REVIEWED, f"{REVIEWED}/reviews?stars=5"):
            await visitor.visit(path)
            await expect(visitor.page.locator(".review").first).to_be_visible()
            assert await violations(visitor) == [], path
        await sign_in(visitor, FORM)
        assert await violations(visitor) == []


async def test_no_page_of_reviews_scrolls_sideways(phone: Visitor) -> None:
    for path in (REVIEWED, f"{REVIEWED}/reviews"):
        await phone.visit(path)
        assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    await sign_in(phone, FORM)
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_the_histogram_leads_to_reviews_with_so_many_stars(scriptless: Visitor) -> None:
    await scriptless.visit(REVIEWED)
    await scriptless.page.get_by_role("link", name="All 6 reviews").click()
    await expect(scriptless.page.locator(".review")).to_have_count(6)
    await scriptless.page.get_by_role("link", name="4 stars 2 reviews").click()
    await expect(scriptless.page.locator(".review")).to_have_count(2)
    await scriptless.page.get_by_role("link", name="Show all").click()
    await scriptless.page.get_by_role("link", name="Worst").click()
    await expect(scriptless.page.get_by_role("img", name="1 of 5 stars")).to_be_visible()


async def test_a_review_is_written_without_script(scriptless: Visitor) -> None:
    await sign_in(scriptless, FORM)
    await scriptless.page.get_by_label("4 stars").check()
    await scriptless.page.get_by_label("In one line").fill("Good value")
    await scriptless.page.get_by_role("button", name="Send your review").click()
    await expect(scriptless.page.get_by_text("once we have read it")).to_be_visible()
    await expect(scriptless.page.get_by_label("4 stars")).to_be_checked()
    await scriptless.page.get_by_role("button", name="Delete it").click()
    await expect(scriptless.page.get_by_role("heading", name="Reviews", exact=True)).to_be_visible()


async def test_stars_are_chosen_with_the_keyboard(visitor: Visitor) -> None:
    await sign_in(visitor, FORM)
    await visitor.page.get_by_label("1 star", exact=True).focus()
    for _ in range(2):
        await visitor.page.keyboard.press("ArrowRight")
    await expect(visitor.page.get_by_label("3 stars")).to_be_checked()
