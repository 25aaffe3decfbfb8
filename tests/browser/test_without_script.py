"""Everything that matters works without script: a form and links."""

from playwright.async_api import expect

from tests.browser.visitor import Visitor


async def test_a_person_finds_filters_sorts_and_opens_without_script(scriptless: Visitor) -> None:
    await scriptless.visit("/")
    await scriptless.field.fill("wirless hedphones")
    await scriptless.field.press("Enter")
    await expect(scriptless.page.locator(".count strong")).to_have_text("30")
    await scriptless.page.get_by_label("Norrvik").check()
    await scriptless.page.get_by_label("Sort by").select_option("-price")
    await scriptless.page.get_by_role("button", name="Apply filters").click()
    await expect(scriptless.page.locator(".count strong")).to_have_text("10")
    await expect(scriptless.page.get_by_label("Norrvik")).to_be_checked()
    await expect(scriptless.page.get_by_label("Sort by")).to_have_value("-price")
    await scriptless.tiles.first.get_by_role("link").click()
    await expect(scriptless.page.locator("h1")).to_have_text("Norrvik Wireless headphones 29")
    assert not any(".js" in url for url in scriptless.requests)


async def test_pages_and_removable_filters_are_links(scriptless: Visitor) -> None:
    await scriptless.visit("/c/electronics?attr.wireless=true")
    await scriptless.page.get_by_role("link", name="Remove Wireless: Yes").click()
    await expect(scriptless.page.locator(".count strong")).to_have_text("34")
    await scriptless.page.get_by_role("link", name="Next").click()
    await expect(scriptless.tiles).to_have_count(10)


async def test_nothing_that_needs_script_is_shown(scriptless: Visitor) -> None:
    await scriptless.visit("/search?q=headphones")
    await expect(scriptless.page.locator(".slider")).to_be_hidden()
    await expect(scriptless.page.locator("#suggest")).to_be_hidden()
