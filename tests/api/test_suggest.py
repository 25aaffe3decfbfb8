"""Suggestions as one types."""

import pytest

from tests.api.searching import SEARCH, settle
from tests.support.answers import expect_invalid
from tests.support.builders import Json, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation

SUGGEST = f"{SEARCH}/suggest"


async def suggest(shop: Installation, q: str, **parameters: str) -> Json:
    """What is suggested by the engine."""
    response = await shop.client.get(SUGGEST, params={"q": q, **parameters})
    assert response.status_code == 200, response.text
    found: Json = response.json()
    assert found["degraded"] is False
    return found


def names(suggested: list[Json]) -> list[str]:
    """What the suggestions are called."""
    return [item["name"] for item in suggested]


async def test_products_categories_and_brands_are_suggested_with_what_leads_to_them(shared_shop: Installation) -> None:
    word = unique("Lamp")
    top = await make_category(shared_shop)
    category = await make_category(shared_shop, name=f"{word} shelf", parent_id=top["id"])
    brand = await make_brand(shared_shop, name=f"{word} & Co")
    made = await make_product(
        shared_shop, name=word, brand_id=brand["id"], category_id=category["id"], price=price(700)
    )
    await settle(shared_shop)
    found = await suggest(shared_shop, word[:-2].lower())
    assert found["query"] == word[:-2].lower()
    [product] = found["products"]
    assert (product["id"], product["slug"], product["name"], product["price"]) == (
        made["id"],
        made["slug"],
        word,
        price(700),
    )
    [shelf] = found["categories"]
    assert (shelf["id"], shelf["slug"], shelf["product_count"]) == (category["id"], category["slug"], 1)
    assert shelf["path"] == f"{top['slug']}/{category['slug']}"
    [company] = found["brands"]
    assert (company["id"], company["slug"], company["product_count"]) == (brand["id"], brand["slug"], 1)


async def test_marks_stand_in_text_that_is_safe_to_show(shared_shop: Installation) -> None:
    word = unique("Lamp")
    brand = await make_brand(shared_shop, name=f"<i>{word}</i> & Co")
    await make_product(shared_shop, name=f"<b>{word}</b>", brand_id=brand["id"])
    await settle(shared_shop)
    found = await suggest(shared_shop, word)
    assert found["products"][0]["highlight"] == f"&lt;b&gt;<mark>{word}</mark>&lt;/b&gt;"
    assert found["brands"][0]["highlight"] == f"&lt;i&gt;<mark>{word}</mark>&lt;/i&gt; &amp; Co"


async def test_typos_are_forgiven(shared_shop: Installation) -> None:
    word = unique("Lamp")
    await make_product(shared_shop, name=word)
    await settle(shared_shop)
    assert names((await suggest(shared_shop, word[:5] + "z" + word[6:]))["products"]) == [word]


async def test_queries_are_suggested_from_what_the_shop_has(empty_shop: Installation) -> None:
    brand = await make_brand(empty_shop, name="Acme")
    category = await make_category(empty_shop, name="Headphones")
    for number in range(3):
        await make_product(
            empty_shop, name=f"Model {number}", brand_id=brand["id"], category_id=category["id"], tags=["Wireless"]
        )
    await settle(empty_shop)
    queries = {item["query"] for item in (await suggest(empty_shop, "head"))["queries"]}
    assert queries >= {"headphones", "acme headphones"}
    assert "wireless" in {item["query"] for item in (await suggest(empty_shop, "wirel"))["queries"]}
    typed = {item["query"] for item in (await suggest(empty_shop, "headphones"))["queries"]}
    assert "headphones" not in typed


async def test_nothing_typed_suggests_what_is_popular(empty_shop: Installation) -> None:
    await make_product(empty_shop, name="Rare")
    await make_product(empty_shop, name="Loved")
    await empty_shop.execute("UPDATE product SET popularity = 5 WHERE name = 'Loved'")
    await settle(empty_shop)
    assert names((await suggest(empty_shop, ""))["products"]) == ["Loved", "Rare"]


@pytest.mark.parametrize("limit", [1, 2, 5, 20])
async def test_there_are_no_more_suggestions_than_asked_for(shared_shop: Installation, limit: int) -> None:
    word = unique("Lamp")
    category, brand = await make_category(shared_shop, name=word), await make_brand(shared_shop, name=word)
    for number in range(6):
        await make_product(
            shared_shop, name=f"{word} {number}", category_id=category["id"], brand_id=brand["id"], tags=[word]
        )
    await settle(shared_shop)
    found = await suggest(shared_shop, word[:6], limit=str(limit))
    total = sum(len(found[kind]) for kind in ("queries", "products", "categories", "brands"))
    assert 1 <= total <= limit
    assert len(found["products"]) >= min(3, limit)


async def test_renamed_and_emptied_suggestions_follow(shared_shop: Installation) -> None:
    old, new = unique("Old"), unique("New")
    brand = await make_brand(shared_shop, name=old)
    made = await make_product(shared_shop, brand_id=brand["id"])
    await settle(shared_shop)
    await shared_shop.admin.patch(f"/api/v1/brands/{brand['id']}", json={"name": new})
    await settle(shared_shop)
    assert names((await suggest(shared_shop, new))["brands"]) == [new]
    assert (await suggest(shared_shop, old))["brands"] == []
    await shared_shop.admin.delete(f"/api/v1/products/{made['id']}")
    await settle(shared_shop)
    assert (await suggest(shared_shop, new))["brands"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("q=a&colour=red", "colour"),
        ("limit=0", "limit"),
        ("limit=21", "limit"),
        ("q=" + "x" * 201, "q"),
        ("q=%00", "q"),
        ("attr.x=1", "attr.x"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_refused_by_name(
    shared_shop: Installation, query: str, pointer: str
) -> None:
    expect_invalid(await shared_shop.client.get(f"{SUGGEST}?{query}"), pointer)


@pytest.mark.parametrize("q", ['"', "\\", "<script>", "🍵", "%", "\u202e", " "])
async def test_no_text_breaks_suggestions(shared_shop: Installation, q: str) -> None:
    await suggest(shared_shop, q)
