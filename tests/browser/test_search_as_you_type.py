"""The search field: suggestions, keys, and results that follow the typing."""

import re

from playwright.async_api import Route, expect

from tests.browser.visitor import Visitor


async def test_a_misspelt_search_is_suggested_chosen_with_arrows_and_restored_by_back(visitor: Visitor) -> None:
    await visitor.visit("/")
    await visitor.field.press_sequentially("wirless hedphones", delay=20)
    await expect(visitor.suggestions.first).to_have_text("wireless headphones")
    await visitor.field.press("ArrowDown")
    active = await visitor.field.get_attribute("aria-activedescendant")
    chosen = visitor.page.locator(f"#{active}")
    await expect(chosen).to_have_attribute("aria-selected", "true")
    await expect(visitor.field).to_have_value("wireless headphones")
    await visitor.field.press("Enter")
    await expect(visitor.page.locator("h1")).to_have_text("Results for “wireless headphones”")
    await visitor.page.go_back()
    await expect(visitor.page.locator("h1")).to_contain_text("Find it before you finish typing")
    await expect(visitor.field).to_have_value("")


async def test_results_follow_the_typing_in_one_history_entry(visitor: Visitor) -> None:
    await visitor.visit("/")
    before = await visitor.page.evaluate("history.length")
    await visitor.field.press_sequentially("kettle", delay=40)
    await visitor.page.wait_for_url("**/search?q=kettle")
    await expect(visitor.page.locator("h1")).to_have_text("Results for “kettle”")
    await visitor.field.press("Enter")
    await expect(visitor.tiles).to_have_count(4)
    assert await visitor.page.evaluate("history.length") == before + 1
    assert await visitor.page.title() == "“kettle” | Mercato"


async def test_words_are_corrected_and_the_field_keeps_what_was_typed(visitor: Visitor) -> None:
    await visitor.visit("/search?q=hedphones")
    await expect(visitor.page.locator(".note")).to_contain_text("headphones")
    await expect(visitor.field).to_have_value("hedphones")
    assert await visitor.count() == 30


async def test_a_stale_request_is_cancelled_and_never_shown_over_a_newer_one(visitor: Visitor) -> None:
    await visitor.visit("/search")
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await visitor.page.route("**/suggest?q=kett&**", hold)
    async with visitor.page.expect_request("**/suggest?q=kett&**"):
        await visitor.field.press_sequentially("kett")
    await visitor.field.press_sequentially("le")
    await expect(visitor.suggestions.filter(has_text="Kettle").first).to_be_visible()
    assert any("q=kett&" in url for url in visitor.aborted)
    await visitor.page.unroute_all(behavior="ignoreErrors")
    assert len(held) == 1


async def test_slash_focuses_and_escape_closes_then_clears(visitor: Visitor) -> None:
    await visitor.visit("/search?q=kettle")
    await visitor.page.keyboard.press("/")
    await expect(visitor.field).to_be_focused()
    await expect(visitor.field).to_have_attribute("aria-expanded", "true")
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.field).to_have_attribute("aria-expanded", "false")
    await expect(visitor.field).to_have_value("kettle")
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.field).to_have_value("")
    await expect(visitor.field).to_be_focused()


async def test_arrows_wrap_through_the_typed_words_and_tab_leaves(visitor: Visitor) -> None:
    await visitor.visit("/")
    await visitor.field.press_sequentially("head")
    await expect(visitor.suggestions.first).to_be_visible()
    await visitor.field.press("ArrowUp")
    last = await visitor.suggestions.last.get_attribute("id")
    await expect(visitor.field).to_have_attribute("aria-activedescendant", str(last))
    await visitor.field.press("ArrowDown")
    await expect(visitor.field).to_have_value("head")
    assert await visitor.field.get_attribute("aria-activedescendant") is None
    await visitor.field.press("Tab")
    await expect(visitor.page.locator("#suggest")).to_be_hidden()


async def test_a_suggested_product_opens_its_page(visitor: Visitor) -> None:
    await visitor.visit("/")
    await visitor.field.press_sequentially("electric kettle")
    await visitor.page.locator(".suggest-product").filter(has_text="Electric kettle").first.click()
    await visitor.page.wait_for_url("**/p/*")
    await expect(visitor.page.locator("h1")).to_contain_text("Electric kettle")


async def test_recent_searches_are_offered_before_anything_is_typed(visitor: Visitor) -> None:
    await visitor.visit("/")
    await visitor.field.fill("portable speaker")
    await visitor.field.press("Enter")
    await expect(visitor.page.locator("h1")).to_contain_text("portable speaker")
    await visitor.visit("/")
    await visitor.field.click()
    recent = visitor.page.get_by_role("group", name="Recent searches")
    await expect(recent.get_by_role("option")).to_have_text(["portable speaker"])
    await visitor.page.get_by_role("button", name="Clear recent searches").click()
    await expect(recent).to_have_count(0)


async def test_failed_suggestions_say_so_and_can_be_tried_again(visitor: Visitor) -> None:
    await visitor.visit("/p/" + await _slug(visitor))
    await visitor.page.route("**/suggest?**", lambda route: route.abort())
    async with visitor.page.expect_event("requestfailed", lambda request: "q=kettle" in request.url):
        await visitor.field.fill("kettle")
    await expect(visitor.page.locator("#suggest")).to_contain_text("did not load")
    await visitor.page.unroute("**/suggest?**")
    await visitor.page.get_by_role("button", name="Try again").click()
    await expect(visitor.suggestions.first).to_be_visible()
    visitor.tolerate("ERR_FAILED")


async def test_failed_results_keep_the_old_ones_and_can_be_tried_again(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.route("**/search?q=headphones&brand=*", lambda route: route.fulfill(status=503))
    await visitor.page.get_by_label("Norrvik").check()
    alert = visitor.page.get_by_role("alert")
    await expect(alert).to_contain_text("did not load")
    await expect(visitor.tiles).to_have_count(24)
    await visitor.page.unroute("**/search?q=headphones&brand=*")
    await alert.get_by_role("button", name="Try again").click()
    await expect(visitor.tiles).to_have_count(10)
    await expect(alert).to_have_count(0)
    visitor.tolerate("503")


async def test_the_number_of_suggestions_and_results_is_announced(visitor: Visitor) -> None:
    await visitor.visit("/search")
    live = visitor.page.get_by_role("status")
    await visitor.field.press_sequentially("electric kettle")
    await expect(live).to_have_text(re.compile(r"^(\d+ suggestions?|4 results for electric kettle)$"))
    await visitor.field.press("Enter")
    await visitor.page.get_by_label("In stock only").check()
    await expect(live).to_have_text("4 results for electric kettle")


async def _slug(visitor: Visitor) -> str:
    await visitor.visit("/search?q=kettle")
    href = await visitor.tiles.first.get_by_role("link").get_attribute("href")
    assert href is not None
    return href.removeprefix("/p/")
