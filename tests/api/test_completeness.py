"""How complete products are, and what they lack."""

import pytest

from tests.support.answers import expect_invalid, expect_problem, read_all, read_pages
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, unique
from tests.support.installation import Installation
from tests.support.people import make_person
from tests.support.pictures import show

LIST = "/api/v1/products/completeness"


async def bind(shop: Installation, category: Json, **attributes: bool) -> None:
    """Expect attributes of the products of a category: code -> whether it is required."""
    items = [{"code": code, "is_required": is_required} for code, is_required in attributes.items()]
    response = await shop.admin.put(f"/api/v1/categories/{category['id']}/attributes", json={"items": items})
    assert response.status_code == 200, response.text


async def read(shop: Installation, product: Json) -> tuple[int, list[tuple[str, bool]]]:
    """Score of a product, and what it lacks with whether that is required."""
    response = await shop.admin.get(f"/api/v1/products/{product['id']}/completeness")
    assert response.status_code == 200, response.text
    body = response.json()
    return body["score"], [(item["field"], item["required"]) for item in body["missing"]]


async def test_a_bare_product_lacks_everything_but_its_name(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, price=None)
    score, missing = await read(shared_shop, product)
    assert score == 14  # one of seven
    assert missing == [(name, False) for name in ("description", "price", "brand", "category", "image", "gtin")]


async def test_a_product_with_everything_has_100(shared_shop: Installation) -> None:
    category, brand = await make_category(shared_shop), await make_brand(shared_shop)
    code = (await make_attribute(shared_shop))["code"]
    await bind(shared_shop, category, **{code: True})
    product = await make_product(
        shared_shop,
        description="Words.",
        brand_id=brand["id"],
        category_id=category["id"],
        gtin="4006381333931",
        attributes={code: "x"},
    )
    await show(shared_shop, product)
    assert await read(shared_shop, product) == (100, [])


async def test_what_the_categories_expect_counts_wherever_it_is_bound(shared_shop: Installation) -> None:
    top = await make_category(shared_shop)
    leaf, other = await make_category(shared_shop, parent_id=top["id"]), await make_category(shared_shop)
    one, two, three, four = sorted([(await make_attribute(shared_shop))["code"] for _ in range(4)])
    await bind(shared_shop, top, **{one: True, two: False})
    await bind(shared_shop, leaf, **{three: False})
    await bind(shared_shop, other, **{four: True, three: False})
    product = await make_product(
        shared_shop, status="draft", category_id=leaf["id"], attributes={two: "x"}, category_ids=[other["id"]]
    )
    score, missing = await read(shared_shop, product)
    assert score == 100 * 4 // 11  # name, price, category and one of four attributes
    assert missing[-3:] == [(f"attributes.{one}", True), (f"attributes.{three}", False), (f"attributes.{four}", True)]
    await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"category_ids": []})
    assert (await read(shared_shop, product))[1][-2:] == [(f"attributes.{one}", True), (f"attributes.{three}", False)]


async def test_a_slug_leads_there_and_an_unchanged_answer_is_not_sent_again(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    by_id = await shared_shop.admin.get(f"/api/v1/products/{product['id']}/completeness")
    place = f"/api/v1/products/{product['slug']}/completeness"
    assert (await shared_shop.admin.get(place)).json() == by_id.json()
    again = await shared_shop.admin.get(place, headers={"If-None-Match": by_id.headers["etag"]})
    assert again.status_code == 304


async def test_each_answer_takes_one_statement(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    for path in (LIST, f"/api/v1/products/{product['slug']}/completeness"):
        with shared_shop.counted() as statements:
            assert (await shared_shop.admin.get(path)).status_code == 200
        assert len(statements) == 1


async def test_the_least_complete_come_first_page_by_page(empty_shop: Installation) -> None:
    brand = await make_brand(empty_shop)
    for number in range(3):
        await make_product(empty_shop, name=f"bare {number}", price=None)
        await make_product(empty_shop, name=f"priced {number}")
        await make_product(empty_shop, name=f"branded {number}", brand_id=brand["id"], description="x")
    pages = await read_pages(empty_shop.admin, "/products/completeness", limit=2)
    items = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [2, 2, 2, 2, 1]
    assert [item["score"] for item in items] == [14] * 3 + [28] * 3 + [57] * 3
    assert [item["name"].split()[0] for item in items] == ["bare"] * 3 + ["priced"] * 3 + ["branded"] * 3
    assert (await empty_shop.admin.get(LIST, params={"count": "exact", "limit": 1})).json()["total"] == 9


async def test_filters_narrow_the_list(empty_shop: Installation) -> None:
    top = await make_category(empty_shop)
    leaf, other = await make_category(empty_shop, parent_id=top["id"]), await make_category(empty_shop)
    code = (await make_attribute(empty_shop))["code"]
    await bind(empty_shop, leaf, **{code: False})
    bare = await make_product(empty_shop, name="bare", price=None, status="draft")
    await make_product(empty_shop, name="leaf", category_id=leaf["id"], description="x")
    full = await make_product(
        empty_shop,
        name="full",
        category_id=other["id"],
        category_ids=[leaf["id"]],
        attributes={code: "x"},
        gtin="4006381333931",
    )
    gone = await make_product(empty_shop, name="gone")
    await empty_shop.admin.delete(f"/api/v1/products/{gone['id']}")

    async def find(**filters: object) -> list[str]:
        return sorted(item["name"] for item in await read_all(empty_shop.admin, "/products/completeness", **filters))

    assert await find() == ["bare", "full", "leaf"]
    assert await find(category=top["slug"]) == ["full", "leaf"]
    assert await find(category=[other["id"], "nothing"]) == ["full"]
    assert await find(status="draft") == ["bare"]
    assert await find(status=["draft", "active"], below=15) == ["bare"]
    assert await find(missing="gtin") == ["bare", "leaf"]
    assert await find(missing="image") == ["bare", "full", "leaf"]
    assert await find(missing=f"attributes.{code}") == ["leaf"]
    assert await find(missing="attributes.nothing_like_it") == []
    await show(empty_shop, full)
    assert await find(missing="image") == ["bare", "leaf"]
    assert (await read(empty_shop, bare))[0] == 14


async def test_sellers_see_their_own_and_nobody_else_any(shared_shop: Installation) -> None:
    seller, other = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    made = await seller.client.post("/api/v1/products", json={"name": unique("Mine"), "status": "active"})
    product = made.json()
    place = f"/api/v1/products/{product['slug']}/completeness"
    assert [item["id"] for item in await read_all(seller.client, "/products/completeness")] == [product["id"]]
    assert await read_all(other.client, "/products/completeness") == []
    assert (await seller.client.get(place)).status_code == 200
    expect_problem(await other.client.get(place), 404, "not_found")
    buyer = await make_person(shared_shop, "buyer")
    for path in (LIST, place):
        expect_problem(await buyer.client.get(path), 403, "missing_scope")
        expect_problem(await shared_shop.client.get(path), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("missing=colour", "missing"),
        ("missing=attributes.", "missing"),
        ("missing=attributes.A", "missing"),
        ("missing=gtin%0A", "missing"),
        ("below=0", "below"),
        ("below=101", "below"),
        ("below=x", "below"),
        ("status=gone", "status"),
        ("cursor=x", "cursor"),
        ("count=estimated", "count"),
        ("sort=name", "sort"),
    ],
)
async def test_what_makes_no_sense_is_refused(shared_shop: Installation, query: str, pointer: str) -> None:
    expect_invalid(await shared_shop.admin.get(f"{LIST}?{query}"), pointer)
