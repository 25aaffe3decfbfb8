"""What is particular to products: the default variant, references, attributes and the schedule."""

import pytest

from mercato.platform.ids import new_id
from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation


def address(product: Json) -> str:
    """Where a product is."""
    return f"/api/v1/products/{product['id']}"


async def patch(shop: Installation, product: Json, **fields: object) -> Json:
    """The product after a change."""
    response = await shop.admin.patch(address(product), json=fields)
    assert response.status_code == 200, response.text
    changed: Json = response.json()
    return changed


async def make_full_product(shop: Installation, **fields: object) -> Json:
    """A product in which every field is set."""
    brand, category, attribute = await make_brand(shop), await make_category(shop), await make_attribute(shop)
    full = {
        "description": "Line one.\nLine two.",
        "brand_id": brand["id"],
        "category_id": category["id"],
        "attributes": {attribute["code"]: "steel"},
        "tags": ["new", "gift"],
        "external_ref": unique("ref-"),
        "sku": unique("SKU-"),
        "gtin": "4006381333931",
        "price": price(1999),
        "compare_at_price": price(2499),
        "stock": 7,
        "allow_backorder": True,
        "weight_grams": 350,
        "publish_at": "2020-01-01T00:00:00Z",
        "unpublish_at": "2999-01-01T00:00:00Z",
    }
    return await make_product(shop, **full, **fields)


# --- create --------------------------------------------------------------------------------------------------------------


async def test_a_name_is_enough_for_a_draft(shared_shop: Installation) -> None:
    response = await shared_shop.admin.post("/api/v1/products", json={"name": "Only a name"})
    made = response.json()
    assert (made["status"], made["price"], made["in_stock"], made["attributes"], made["tags"]) == (
        "draft",
        None,
        False,
        {},
        [],
    )
    [variant] = made["variants"]
    assert variant["sku"].startswith("SKU-")
    assert (variant["is_default"], variant["stock"], variant["price"]) == (True, 0, None)
    assert made["rating"] == {"average": None, "count": 0}
    assert (made["images"], made["seller_id"]) == ([], None)


async def test_everything_that_is_given_comes_back(shared_shop: Installation) -> None:
    made = await make_full_product(shared_shop)
    assert made["description"] == "Line one.\nLine two."
    assert (made["price"], made["compare_at_price"]) == (price(1999), price(2499))
    assert made["tags"] == ["new", "gift"]
    assert list(made["attributes"].values()) == ["steel"]
    assert made["publish_at"].startswith("2020-01-01T00:00:00")
    [variant] = made["variants"]
    expected = {
        "gtin": "04006381333931",
        "stock": 7,
        "allow_backorder": True,
        "weight_grams": 350,
        "price": price(1999),
    }
    assert {field: variant[field] for field in expected} == expected


async def test_stock_or_backorder_makes_a_product_available(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, stock=0)
    assert made["in_stock"] is False
    assert (await patch(shared_shop, made, stock=1))["in_stock"] is True
    assert (await patch(shared_shop, made, stock=0, allow_backorder=True))["in_stock"] is True


@pytest.mark.parametrize("field", ["brand_id", "category_id"])
async def test_a_reference_must_lead_somewhere(shared_shop: Installation, field: str) -> None:
    for wrong, code in ((str(new_id()), "unknown_reference"), ("not-an-id", "invalid"), (5, "invalid")):
        response = await shared_shop.admin.post("/api/v1/products", json={"name": "x", field: wrong})
        expect_invalid(response, f"/{field}", code)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stock", -1),
        ("stock", 1_000_000_001),
        ("stock", 1.5),
        ("stock", "5"),
        ("stock", True),
        ("weight_grams", -1),
        ("status", "published"),
        ("sku", ""),
        ("sku", " x"),
        ("sku", "x\n"),
        ("sku", "x" * 81),
        ("gtin", "1234"),
        ("gtin", "4006381333932"),
        ("gtin", "٤٠٠٦٣٨١٣٣٣٩٣١"),
        ("gtin", 4006381333931),
        ("tags", "new"),
        ("tags", ["x"] * 51),
        ("external_ref", ""),
        ("description", "nul\0"),
        ("description", "x" * 20_001),
        ("name", "x" * 251),
        ("publish_at", "yesterday"),
        ("publish_at", "2026-01-01T00:00:00"),
        ("publish_at", "0001-01-01T00:00:00+14:00"),
        ("publish_at", "9999-12-31T23:59:59-14:00"),
        ("attributes", []),
        ("attributes", {"Bad Code": 1}),
        ("attributes", {"unknown": {"nested": 1}}),
    ],
)
async def test_a_value_that_does_not_fit_its_field_is_refused_by_name(
    shared_shop: Installation, field: str, value: object
) -> None:
    for body, send in (({"name": "x"}, shared_shop.admin.post), ({}, shared_shop.admin.patch)):
        at = "/api/v1/products" if body else address(await make_product(shared_shop))
        expect_invalid(await send(at, json={**body, field: value}), f"/{field}")


@pytest.mark.parametrize("tag", ["", " ", "a\nb", "x" * 101, 5])
async def test_a_tag_that_is_no_label_is_refused_by_its_place(shared_shop: Installation, tag: object) -> None:
    response = await shared_shop.admin.post("/api/v1/products", json={"name": "x", "tags": ["fine", tag]})
    expect_invalid(response, "/tags/1")


async def test_a_gtin_of_any_length_is_kept_with_14_digits(shared_shop: Installation) -> None:
    for gtin in ("96385074", "036000291452", "4006381333931", "10036000291459"):
        made = await make_product(shared_shop, gtin=gtin)
        assert made["variants"][0]["gtin"] == gtin.zfill(14)


async def test_a_schedule_must_not_end_before_it_starts(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, publish_at="2026-01-02T00:00:00Z")
    response = await shared_shop.admin.patch(address(made), json={"unpublish_at": "2026-01-02T00:00:00Z"})
    expect_invalid(response, "/unpublish_at", "schedule_reversed")


# --- change --------------------------------------------------------------------------------------------------------------


async def test_a_patch_of_the_price_alone_counts_as_a_change_of_the_product(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    changed = await patch(shared_shop, made, price=price(500))
    assert (changed["price"], changed["version"]) == (price(500), 2)
    assert changed["variants"][0]["version"] == 2
    assert changed["updated_at"] > made["updated_at"]


async def test_a_patch_leaves_what_it_does_not_name(shared_shop: Installation) -> None:
    made = await make_full_product(shared_shop)
    changed = await patch(shared_shop, made, stock=3)
    ignored = {"version", "updated_at", "variants"}
    assert {k: v for k, v in changed.items() if k not in ignored} == {k: v for k, v in made.items() if k not in ignored}
    assert changed["variants"] == [{**made["variants"][0], "stock": 3, "version": 2}]


async def test_null_clears_what_may_be_empty(shared_shop: Installation) -> None:
    made = await make_full_product(shared_shop)
    of_product = ("brand_id", "category_id", "external_ref", "publish_at", "unpublish_at")
    of_variant = ("gtin", "weight_grams", "price", "compare_at_price")
    changed = await patch(shared_shop, made, **dict.fromkeys(of_product + of_variant))
    cleared = ("brand", "category", "external_ref", "publish_at", "unpublish_at", "price", "compare_at_price")
    assert {field: changed[field] for field in cleared} == dict.fromkeys(cleared)
    assert changed["categories"] == []
    assert (changed["variants"][0]["gtin"], changed["variants"][0]["weight_grams"]) == (None, None)


@pytest.mark.parametrize("field", ["name", "slug", "description", "status", "sku", "stock", "tags", "attributes"])
async def test_null_is_refused_where_a_value_must_be(shared_shop: Installation, field: str) -> None:
    made = await make_product(shared_shop)
    expect_invalid(await shared_shop.admin.patch(address(made), json={field: None}), f"/{field}")


async def test_a_patch_merges_attributes_and_null_removes_one(shared_shop: Installation) -> None:
    keep, change, drop = [(await make_attribute(shared_shop))["code"] for _ in range(3)]
    made = await make_product(shared_shop, attributes={keep: "a", change: "b", drop: "c"})
    changed = await patch(shared_shop, made, attributes={change: "B", drop: None})
    assert changed["attributes"] == {keep: "a", change: "B"}


async def test_a_put_replaces_all_attributes_and_keeps_the_sku(shared_shop: Installation) -> None:
    made = await make_full_product(shared_shop)
    code = (await make_attribute(shared_shop))["code"]
    response = await shared_shop.admin.put(address(made), json={"name": "New", "attributes": {code: "brass"}})
    replaced = response.json()
    assert replaced["attributes"] == {code: "brass"}
    cleared = ("brand", "category", "external_ref", "publish_at", "unpublish_at", "price", "compare_at_price")
    assert {field: replaced[field] for field in cleared} == dict.fromkeys(cleared)
    assert (replaced["status"], replaced["tags"], replaced["description"]) == ("draft", [], "")
    [variant] = replaced["variants"]
    assert (variant["id"], variant["sku"]) == (made["variants"][0]["id"], made["variants"][0]["sku"])
    assert (variant["stock"], variant["gtin"], variant["allow_backorder"]) == (0, None, False)


# --- conflicts and deletion ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "code"), [("sku", "sku_taken"), ("external_ref", "external_ref_taken")])
async def test_sku_and_external_reference_belong_to_one_live_product(
    shared_shop: Installation, field: str, code: str
) -> None:
    value = unique("V-")
    first = await make_product(shared_shop, **{field: value})
    second = await make_product(shared_shop)
    body = {"name": "x", field: value}
    expect_problem(await shared_shop.admin.post("/api/v1/products", json=body), 409, code)
    expect_problem(await shared_shop.admin.patch(address(second), json={field: value}), 409, code)
    expect_problem(await shared_shop.admin.put(address(second), json=body), 409, code)
    await shared_shop.admin.delete(address(first))
    await make_product(shared_shop, **{field: value})


async def test_a_failed_create_leaves_nothing_behind(shared_shop: Installation) -> None:
    sku, slug = unique("SKU-"), unique("slug-")
    await make_product(shared_shop, sku=sku)
    expect_problem(
        await shared_shop.admin.post("/api/v1/products", json={"name": "x", "slug": slug, "sku": sku}), 409, "sku_taken"
    )
    expect_problem(await shared_shop.admin.get(f"/api/v1/products/{slug}"), 404, "not_found")
