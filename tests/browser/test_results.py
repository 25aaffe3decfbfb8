"""Results: filters, order, pages and history, all of it in the address."""

import re

from playwright.async_api import expect

from tests.browser.visitor import Visitor


async def test_a_filter_narrows_and_back_restores(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.get_by_label("Norrvik").check()
    await visitor.page.wait_for_url("**/search?q=headphones&brand=norrvik")
    await expect(visitor.page.locator(".count strong")).to_have_text("10")
    await expect(visitor.page.get_by_role("link", name="Remove Norrvik")).to_be_visible()
    # Counts of the other brands stay: choosing one is no dead end.
    await expect(visitor.page.locator("#filter-brand .option-count")).to_have_text(["10", "10", "10"])
    await visitor.page.go_back()
    await expect(visitor.page.locator(".count strong")).to_have_text("30")
    await expect(visitor.page.get_by_label("Norrvik")).not_to_be_checked()
    await visitor.page.go_forward()
    await expect(visitor.page.get_by_label("Norrvik")).to_be_checked()


async def test_focus_stays_on_the_filter_that_was_used(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    box = visitor.page.get_by_label("Aurelio")
    await box.focus()
    await visitor.page.keyboard.press("Space")
    await visitor.page.wait_for_url("**brand=aurelio")
    await expect(visitor.page.get_by_label("Aurelio")).to_be_focused()


async def test_filters_add_up_and_clear_all_takes_them_back(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.get_by_label("Norrvik").check()
    await visitor.page.wait_for_url("**brand=norrvik")
    await visitor.page.get_by_label("Red").check()
    await visitor.page.wait_for_url("**attr.color=Red")
    await visitor.page.get_by_label("Lowest price in EUR").fill("20,00")
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_url("**price_min=20**")
    assert visitor.place == "/search?q=headphones&brand=norrvik&price_min=20&attr.color=Red"
    await visitor.page.get_by_role("link", name="Clear all").click()
    await visitor.page.wait_for_url("**/search?q=headphones")
    await expect(visitor.page.locator(".count strong")).to_have_text("30")


async def test_the_price_slider_moves_by_keys_and_writes_the_field(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.get_by_label("Highest price", exact=True).focus()
    for _ in range(5):
        await visitor.page.keyboard.press("PageDown")
    await visitor.page.wait_for_url("**price_max=**")
    highest = await visitor.page.get_by_label("Highest price in EUR").input_value()
    assert f"price_max={highest}" in visitor.place
    assert await visitor.count() < 30


async def test_a_number_with_many_values_is_a_range(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.get_by_label("Least battery life in h").fill("30")
    await visitor.page.keyboard.press("Enter")
    await visitor.page.wait_for_url("**attr.battery_life=30..")
    await expect(visitor.page.get_by_role("link", name="Remove Battery life: from 30")).to_be_visible()
    await expect(visitor.page.locator(".count strong")).to_have_text("10")


async def test_order_and_pages_are_in_the_address(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.get_by_label("Sort by").select_option(label="Price, high to low")
    await visitor.page.wait_for_url("**sort=-price")
    prices = await visitor.tiles.locator(".price").all_inner_texts()
    amounts = [float(text.strip("€")) for text in prices]
    assert amounts == sorted(amounts, reverse=True)
    await visitor.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Page 2").click()
    await visitor.page.wait_for_url("**page=2")
    await expect(visitor.tiles).to_have_count(6)
    assert await visitor.page.evaluate("scrollY") == 0
    await visitor.page.reload()
    await expect(visitor.tiles).to_have_count(6)


async def test_a_product_opens_and_back_returns_to_the_same_place(visitor: Visitor) -> None:
    await visitor.visit("/search?q=headphones")
    await visitor.page.get_by_label("Sort by").select_option(label="Price, low to high")
    await visitor.page.wait_for_url("**sort=price")
    tile = visitor.tiles.nth(16)
    await tile.scroll_into_view_if_needed()
    name = await tile.get_by_role("heading").inner_text()
    await visitor.until("history.state && history.state.y > 0")
    before = await visitor.page.evaluate("scrollY")
    await tile.get_by_role("link").click()
    await expect(visitor.page.locator("h1")).to_have_text(name)
    await visitor.page.go_back()
    await expect(visitor.tiles.nth(16).get_by_role("heading")).to_have_text(name)
    await visitor.until(f"Math.abs(scrollY - {before}) < 4")


async def test_the_category_tree_leads_down_and_keeps_the_filters(visitor: Visitor) -> None:
    await visitor.visit("/c/electronics?brand=norrvik")
    tree = visitor.page.get_by_role("navigation", name="Categories")
    await tree.get_by_role("link", name=re.compile("^Headphones")).click()
    await visitor.page.wait_for_url("**/c/electronics/audio/headphones?brand=norrvik")
    await expect(visitor.page.locator("h1")).to_have_text("Headphones")
    await expect(visitor.page.locator(".count strong")).to_have_text("10")


async def test_a_search_without_results_offers_ways_on(visitor: Visitor) -> None:
    await visitor.visit("/search?q=xylophone")
    await expect(visitor.page.locator(".nothing h2").first).to_have_text("Nothing found for “xylophone”")
    await expect(visitor.field).to_have_value("xylophone")
    await expect(visitor.page.locator(".nothing .tile")).to_have_count(6)


async def test_pictures_of_a_product_can_be_paged_and_enlarged(visitor: Visitor) -> None:
    await visitor.visit("/search?q=kettle")
    await visitor.tiles.first.get_by_role("link").click()
    await visitor.page.get_by_role("list", name="Pictures").get_by_role("link").nth(1).click()
    await visitor.until("document.getElementById('gallery').scrollLeft > 100")
    await visitor.page.get_by_role("link", name=re.compile("^Enlarge picture")).nth(1).click()
    dialog = visitor.page.get_by_role("dialog")
    await expect(dialog.get_by_role("img")).to_be_visible()
    await visitor.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_a_long_filter_can_be_searched(visitor: Visitor) -> None:
    await visitor.visit("/search")
    await visitor.page.get_by_role("searchbox", name="Find in brand").fill("NORR")
    await expect(visitor.page.locator("#filter-brand .option-label:visible")).to_have_text(["Norrvik"])
    await visitor.page.get_by_label("Norrvik").check()
    await visitor.page.wait_for_url("**/search?brand=norrvik")
    await expect(visitor.page.locator("#filter-brand .option-label:visible")).to_have_text(["Norrvik"])


async def test_a_filter_longer_than_the_page_holds_is_searched_by_the_server(visitor: Visitor) -> None:
    await visitor.visit("/search")
    find = visitor.page.get_by_role("searchbox", name="Find in material")
    labels = visitor.page.locator("#filter-attr-material .option-label")
    await expect(labels).to_have_count(48)
    await find.press_sequentially("wood 60")
    await expect(labels).to_have_text(["Wood 60"])
    await visitor.page.get_by_label("Wood 60").check()
    await visitor.page.wait_for_url("**/search?attr.material=Wood+60")
    await expect(visitor.tiles).to_have_count(1)
