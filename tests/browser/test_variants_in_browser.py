"""Choosing a variant: with the keyboard, and without script."""

from playwright.async_api import expect

from tests.browser.catalog import MUG, REVIEWED
from tests.browser.test_accessibility import violations
from tests.browser.visitor import Visitor


async def test_a_choice_shows_its_variant_in_place_and_keeps_the_focus(visitor: Visitor) -> None:
    await visitor.visit(MUG)
    await expect(visitor.page.locator(".buy-price")).to_contain_text("€15.00")
    await visitor.page.get_by_role("radio", name="S", exact=True).focus()
    await visitor.page.keyboard.press("ArrowRight")
    await expect(visitor.page.locator(".buy-price")).to_contain_text("€17.00")
    await expect(visitor.page.get_by_role("radio", name="M", exact=True)).to_be_focused()
    assert visitor.place == f"{MUG}?variant=MUG-RED-M"
    await visitor.page.keyboard.press("ArrowRight")
    await expect(visitor.page.locator(".stock")).to_have_text("Only 2 left")
    await expect(visitor.page.locator("#live")).to_contain_text("€19.00")
    await expect(visitor.page.locator(".specs")).to_contain_text("MUG-RED-L")
    assert await violations(visitor) == []


async def test_a_combination_that_does_not_exist_leads_to_the_nearest(visitor: Visitor) -> None:
    await visitor.visit(MUG)
    blue = visitor.page.get_by_role("radio", name="Blue (not in this combination)")
    await blue.click()  # the page leads on, so there is nothing left that could be checked
    await expect(visitor.page.locator(".buy-price")).to_contain_text("€18.00")
    await expect(visitor.page.get_by_role("radio", name="M", exact=True)).to_be_checked()
    await visitor.page.get_by_role("radio", name="L (sold out)").check()
    await expect(visitor.page.locator(".stock")).to_have_text("Sold out")
    await visitor.page.reload()
    await expect(visitor.page.locator(".buy-price")).to_contain_text("€20.00")


async def test_the_form_chooses_without_script(scriptless: Visitor) -> None:
    await scriptless.visit(MUG)
    await scriptless.page.get_by_role("radio", name="L", exact=True).check()
    await scriptless.page.get_by_role("button", name="Show this choice").click()
    await expect(scriptless.page.locator(".buy-price")).to_contain_text("€19.00")
    assert scriptless.place == f"{MUG}?variant=MUG-RED-L"


async def test_the_choices_do_not_scroll_a_phone_sideways(phone: Visitor) -> None:
    await phone.visit(MUG)
    assert await phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_further_pictures_do_not_widen_the_page(phone: Visitor) -> None:
    await phone.visit(REVIEWED)
    pictures = phone.page.locator(".gallery-pictures")
    await pictures.evaluate("list => list.append(...[...list.children].map(one => one.cloneNode(true)))")
    assert await phone.page.locator(".gallery-pictures li").count() == 4
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 360
