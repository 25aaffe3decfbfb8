"""Markup in descriptions, from the API to the pages and into search."""

import pytest

from tests.api.resources import BRANDS, CATEGORIES, PRODUCTS, Resource
from tests.support.answers import expect_invalid
from tests.support.builders import make_brand, make_category, make_product, unique
from tests.support.installation import Installation

NASTY = '<p onclick="steal()">Warm</p><script>steal()</script><img src=x onerror=steal()><ul><li>wool</ul>'
CLEAN = "<p>Warm</p><ul><li>wool</li></ul>"
described = pytest.mark.parametrize("resource", [PRODUCTS, CATEGORIES, BRANDS], ids=lambda resource: resource.path)


@described
async def test_only_harmless_markup_is_stored(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop, description=NASTY)
    assert made["description"] == CLEAN
    address = resource.address(made)
    assert (await shared_shop.client.get(address)).json()["description"] == CLEAN
    patched = await shared_shop.admin.patch(address, json={"description": f"{NASTY}!"})
    assert patched.json()["description"] == f"{CLEAN}!"
    replaced = await shared_shop.admin.put(address, json={"name": unique("New "), "description": NASTY})
    assert replaced.json()["description"] == CLEAN


@described
async def test_what_was_read_can_be_written_back_unchanged(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop, description=NASTY)
    again = await shared_shop.admin.patch(resource.address(made), json={"description": made["description"]})
    assert (again.json()["description"], again.json()["version"]) == (made["description"], made["version"])


@described
async def test_plain_text_is_stored_as_it_was_written(shared_shop: Installation, resource: Resource) -> None:
    text = "Fish & chips, 5 < 6\n\n“So what?” & more <3"
    assert (await resource.make(shared_shop, description=text))["description"] == text


@described
async def test_markup_that_grows_too_long_by_cleaning_is_refused(shared_shop: Installation, resource: Resource) -> None:
    body = {**resource.make_body(), "description": "<p>" + "&" * 10_000}
    expect_invalid(await shared_shop.admin.post(f"/api/v1{resource.path}", json=body), "/description", "too_long")


async def test_a_page_shows_markup_as_markup(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, description=NASTY)
    page = (await shared_shop.client.get(f"/p/{made['slug']}")).text
    assert CLEAN in page
    assert "steal()" not in page


async def test_a_page_trusts_no_row_that_came_past_the_services(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    await shared_shop.execute("UPDATE product SET description = $2 WHERE id = $1", made["id"], NASTY)
    page = (await shared_shop.client.get(f"/p/{made['slug']}")).text
    assert CLEAN in page
    assert "steal()" not in page


async def test_a_page_shows_plain_text_as_text(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, description="5 < 6 & more")
    page = (await shared_shop.client.get(f"/p/{made['slug']}")).text
    assert "<p>5 &lt; 6 &amp; more</p>" in page


async def test_pages_of_categories_and_brands_lead_with_text(shared_shop: Installation) -> None:
    category = await make_category(shared_shop, description="<p>For &amp; <b>against</b></p>")
    brand = await make_brand(shared_shop, description="<p>For &amp; <b>against</b></p>")
    await make_product(shared_shop, category_id=category["id"], brand_id=brand["id"])
    await shared_shop.resources.taxonomy.load()
    for address in (f"/c/{category['slug']}", f"/b/{brand['slug']}"):
        page = " ".join((await shared_shop.client.get(address)).text.split())
        assert "For &amp; against" in page, page


async def test_search_finds_words_not_tags(shared_shop: Installation) -> None:
    word = unique()
    await make_product(
        shared_shop, description=f'<p><em>{word}</em> &amp; <a href="https://x.example/{word}hidden">so</a></p>'
    )
    await shared_shop.drain()
    found = (await shared_shop.client.get("/api/v1/search", params={"q": word})).json()
    assert found["total"] == 1
    assert found["hits"][0]["highlight"]["description"].strip().startswith(f"<mark>{word}</mark>")
    hidden = (await shared_shop.client.get("/api/v1/search", params={"q": f'"{word}hidden"'})).json()
    assert hidden["total"] == 0
