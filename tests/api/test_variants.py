"""Variants: combinations of a product's options, one of them the default."""

import pytest

from mercato.platform.ids import new_id
from tests.support.answers import expect_invalid, expect_problem, read_all, read_pages
from tests.support.builders import Json, make_product, make_variants, price, unique
from tests.support.installation import Installation
from tests.support.variants import COLOURS, SIZES, add, at, defaults, make_image, of, patch, read

# --- variants with their product ----------------------------------------------------------------------------------------


async def test_a_product_is_made_with_all_its_variants_at_once(shared_shop: Installation) -> None:
    sku = unique("TEE-")
    made = await make_product(
        shared_shop,
        price=None,
        stock=0,
        sku=sku,
        variants=[
            {"options": {"Size": "S", "Colour": "Red"}, "price": price(1500), "stock": 3, "gtin": "4006381333931"},
            {"options": {"Size": "M", "Colour": "Red"}, "price": price(1200), "is_default": True, "sku": f"{sku}-X"},
            {"options": {"Size": "M", "Colour": "Blue"}, "price": price(1300), "position": 0},
        ],
    )
    assert made["options"] == [{"name": "Size", "values": ["S", "M"]}, {"name": "Colour", "values": ["Red", "Blue"]}]
    assert (made["price"], made["in_stock"]) == (price(1200), True)
    found = {v["sku"]: (v["options"], v["price"], v["is_default"]) for v in made["variants"]}
    assert found == {
        f"{sku}-S-RED": ({"Size": "S", "Colour": "Red"}, price(1500), False),
        f"{sku}-X": ({"Size": "M", "Colour": "Red"}, price(1200), True),
        f"{sku}-M-BLUE": ({"Size": "M", "Colour": "Blue"}, price(1300), False),
    }
    assert (made["version"], [v["version"] for v in made["variants"]]) == (1, [1, 1, 1])
    assert next(v["gtin"] for v in made["variants"] if v["gtin"]) == "04006381333931"


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"variants": [{"options": {"Size": "XL"}}]}, "/variants/0/options/Size", "unknown_option_value"),
        ({"variants": [{"options": {"Size": "S"}}, {}]}, "/variants/1/options/Size", "missing_option"),
        ({"variants": [{"options": {"Size": "S", "a/b": "c"}}]}, "/variants/0/options/a~1b", "unknown_option"),
        (
            {"variants": [{"options": {"Size": s}, "is_default": True} for s in ("S", "M")]},
            "/variants/1/is_default",
            "two_defaults",
        ),
        ({"variants": [{"options": {"Size": "S"}, "gtin": "4006381333932"}]}, "/variants/0/gtin", "gtin_check_digit"),
        ({"variants": [{"options": {"Size": "S"}, "stock": -1}]}, "/variants/0/stock", None),
        (
            {"variants": [{"options": {"Size": "S"}, "compare_at_price": price(1)}]},
            "/variants/0/compare_at_price",
            None,
        ),
        ({"variants": [{"options": {"Size": "S"}, "image_ids": [str(new_id())]}]}, "/variants/0/image_ids/0", None),
        ({"variants": [{"options": {"Size": "S"}}], "price": price(5)}, "/price", "with_variants"),
        ({"variants": [{"options": {"Size": "S"}}], "stock": 5}, "/stock", "with_variants"),
        ({"variants": [{"options": {"Size": "S"}, "id": str(new_id())}]}, "/variants/0/id", "unknown_field"),
        ({"variants": [{"options": {"Size": "S"}}] * 201}, "/variants", None),
    ],
)
async def test_a_variant_that_makes_no_sense_is_refused_by_its_place(
    shared_shop: Installation, fields: Json, pointer: str, code: str | None
) -> None:
    body = {"name": "x", "options": [SIZES], **fields}
    expect_invalid(await shared_shop.admin.post("/api/v1/products", json=body), pointer, code)


async def test_two_variants_of_one_combination_are_refused(shared_shop: Installation) -> None:
    body = {"name": "x", "variants": [{"options": {"Size": "S"}}, {"options": {"Size": "S"}}]}
    expect_problem(await shared_shop.admin.post("/api/v1/products", json=body), 409, "options_taken")
    body = {"name": "x", "variants": [{}, {}]}
    expect_problem(await shared_shop.admin.post("/api/v1/products", json=body), 409, "options_missing")


async def test_price_and_stock_of_a_product_with_several_variants_are_said_of_each(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES)
    here = f"/api/v1/products/{made['id']}"
    for said in ({"price": price(5)}, {"stock": 1}, {"sku": "X"}, {"gtin": "4006381333931"}, {"weight_grams": 1}):
        problem = expect_problem(await shared_shop.admin.patch(here, json=said), 409, "has_variants")
        assert "/variants/{id}" in problem["detail"]
        expect_problem(await shared_shop.admin.put(here, json={"name": "x", **said}), 409, "has_variants")
    assert await read(shared_shop, made) == made


# --- one variant --------------------------------------------------------------------------------------------------------


async def test_a_variant_is_added_read_changed_and_deleted(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES], sku=unique("TEE-"))
    response = await shared_shop.admin.post(at(product), json={"options": {"Size": "L"}, "price": price(900)})
    made = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == of(made)
    assert made["product_id"] == product["id"]
    assert made["sku"] == product["variants"][0]["sku"] + "-L"
    assert (made["position"], made["is_default"], made["version"]) == (1, False, 1)

    read_back = await shared_shop.client.get(of(made))
    assert (read_back.json(), read_back.headers["etag"]) == (made, response.headers["etag"])
    unchanged = await shared_shop.client.get(of(made), headers={"If-None-Match": response.headers["etag"]})
    assert unchanged.status_code == 304

    changed = await patch(shared_shop, of(made), price=price(800), weight_grams=5, options={"Size": "M"})
    assert (changed["price"], changed["weight_grams"], changed["options"]) == (price(800), 5, {"Size": "M"})
    assert changed["version"] == 2
    now = await read(shared_shop, product)
    assert now["price"] == price(800)
    assert now["version"] == product["version"] + 2

    assert (await shared_shop.admin.delete(of(made))).status_code == 204
    expect_problem(await shared_shop.client.get(of(made)), 404, "not_found")
    expect_problem(await shared_shop.admin.delete(of(made)), 404, "not_found")
    assert len((await read(shared_shop, product))["variants"]) == 1
    assert (await add(shared_shop, product, options={"Size": "M"}, sku=made["sku"]))["sku"] == made["sku"]


async def test_an_edit_that_changes_nothing_is_no_new_version(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    variant = product["variants"][0]
    kept = {name: variant[name] for name in ("sku", "options", "price", "stock", "is_default", "image_ids", "position")}
    assert (await patch(shared_shop, of(variant), **kept))["version"] == variant["version"]
    assert await read(shared_shop, product) == product


async def test_a_put_replaces_a_variant_but_not_what_names_it(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    variant = product["variants"][1]
    response = await shared_shop.admin.put(of(variant), json={"price": price(7)})
    replaced = response.json()
    assert response.status_code == 200, replaced
    for field in ("sku", "options", "is_default", "position"):
        assert replaced[field] == variant[field], field
    assert (replaced["price"], replaced["stock"], replaced["allow_backorder"]) == (price(7), 0, False)


async def test_variants_are_listed_in_order_page_by_page(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES, COLOURS)
    for key in (product["id"], product["slug"]):
        pages = await read_pages(shared_shop.client, f"/products/{key}/variants", limit=4)
        assert [len(page) for page in pages] == [4, 2]
        assert [v["sku"] for page in pages for v in page] == [v["sku"] for v in product["variants"]]
    counted = await shared_shop.client.get(at(product), params={"count": "exact", "limit": 1})
    assert counted.json()["total"] == 6
    await patch(shared_shop, of(product["variants"][5]), position=0)
    first, second, *_ = await read_all(shared_shop.client, f"/products/{product['id']}/variants")
    assert [first["id"], second["id"]] == [product["variants"][0]["id"], product["variants"][5]["id"]]


async def test_reads_of_variants_are_one_statement_each(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    for address in (at(product), of(product["variants"][0])):
        with shared_shop.counted() as statements:
            assert (await shared_shop.client.get(address)).status_code == 200
        assert len(statements) == 1


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({}, "/options/Size", "missing_option"),
        ({"options": {"Size": "XL"}}, "/options/Size", "unknown_option_value"),
        ({"options": {"Size": "M", "Fit": "slim"}}, "/options/Fit", "unknown_option"),
        ({"options": {"size": "M"}}, "/options/size", "unknown_option"),
        ({"options": {"Size": None}}, "/options", None),
        ({"options": {"Size": "M"}, "price": {"amount": 1, "currency": "XYZ"}}, "/price", None),
        ({"options": {"Size": "M"}, "price": {"amount": 1.5, "currency": "EUR"}}, "/price/amount", None),
        (
            {"options": {"Size": "M"}, "price": price(1), "compare_at_price": price(2, "USD")},
            "/compare_at_price/currency",
            "currency_mismatch",
        ),
        ({"options": {"Size": "M"}, "gtin": "4006381333932"}, "/gtin", "gtin_check_digit"),
        ({"options": {"Size": "M"}, "gtin": "123"}, "/gtin", None),
        ({"options": {"Size": "M"}, "sku": " x"}, "/sku", None),
        ({"options": {"Size": "M"}, "image_ids": [str(new_id())]}, "/image_ids/0", "unknown_reference"),
        ({"options": {"Size": "M"}, "position": -1}, "/position", None),
        ({"options": {"Size": "M"}, "version": 1}, "/version", "unknown_field"),
    ],
)
async def test_input_for_a_variant_is_refused_by_its_place(
    shared_shop: Installation, fields: Json, pointer: str, code: str | None
) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    expect_invalid(await shared_shop.admin.post(at(product), json=fields), pointer, code)
    if fields:
        expect_invalid(await shared_shop.admin.patch(of(product["variants"][0]), json=fields), pointer, code)


async def test_a_combination_and_a_sku_belong_to_one_live_variant(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    other = await make_product(shared_shop, sku=unique("SKU-"))
    small, medium, large = product["variants"]
    taken = {"options": {"Size": "S"}}
    expect_problem(await shared_shop.admin.post(at(product), json=taken), 409, "options_taken")
    expect_problem(await shared_shop.admin.patch(of(medium), json=taken), 409, "options_taken")
    expect_problem(await shared_shop.admin.put(of(medium), json=taken), 409, "options_taken")
    sku = {"sku": other["variants"][0]["sku"]}
    expect_problem(await shared_shop.admin.patch(of(large), json=sku), 409, "sku_taken")
    expect_problem(await shared_shop.admin.patch(of(large), json={"sku": small["sku"]}), 409, "sku_taken")
    await shared_shop.admin.delete(of(small))
    assert (await patch(shared_shop, of(medium), **taken))["options"] == {"Size": "S"}


async def test_a_product_without_options_takes_no_second_variant(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    for body in ({}, {"options": {"Size": "M"}}):
        expect_problem(await shared_shop.admin.post(at(product), json=body), 409, "options_missing")
    expect_problem(await shared_shop.admin.post(at(product, "/generate"), json={}), 409, "options_missing")


async def test_the_last_variant_stays(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    expect_problem(await shared_shop.admin.delete(of(product["variants"][0])), 409, "last_variant")


# --- the default --------------------------------------------------------------------------------------------------------


async def test_there_is_one_default_and_it_moves(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    small, medium, large = product["variants"]
    assert defaults(product) == [small["sku"]]
    moved = await patch(shared_shop, of(large), is_default=True)
    assert (moved["is_default"], moved["version"]) == (True, 2)
    now = await read(shared_shop, product)
    assert defaults(now) == [large["sku"]]
    assert now["version"] == product["version"] + 1
    expect_problem(await shared_shop.admin.patch(of(large), json={"is_default": False}), 409, "default_required")
    expect_problem(await shared_shop.admin.put(of(large), json={"is_default": False}), 409, "default_required")
    assert (await patch(shared_shop, of(medium), is_default=False))["version"] == 1


async def test_a_new_variant_can_become_the_default(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    made = await add(shared_shop, product, options={"Size": "L"}, is_default=True)
    assert defaults(await read(shared_shop, product)) == [made["sku"]]


async def test_the_next_variant_becomes_the_default_when_the_default_is_deleted(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    small, medium, large = product["variants"]
    await patch(shared_shop, of(large), is_default=True)
    await shared_shop.admin.delete(of(large))
    assert defaults(await read(shared_shop, product)) == [small["sku"]]
    await shared_shop.admin.delete(of(small))
    assert defaults(await read(shared_shop, product)) == [medium["sku"]]


# --- pictures -----------------------------------------------------------------------------------------------------------


async def test_a_variant_shows_some_of_the_products_pictures_in_its_order(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    images = [await make_image(shared_shop, product, n) for n in range(3)]
    other = await make_image(shared_shop, await make_product(shared_shop))
    variant = product["variants"][0]
    changed = await patch(shared_shop, of(variant), image_ids=[images[2], images[0], images[2]])
    assert (changed["image_ids"], changed["version"]) == ([images[2], images[0]], variant["version"] + 1)
    assert (await read(shared_shop, product))["variants"][0]["image_ids"] == [images[2], images[0]]
    response = await shared_shop.admin.patch(of(variant), json={"image_ids": [images[1], other]})
    expect_invalid(response, "/image_ids/1", "unknown_reference")
    added = await patch(shared_shop, of(product["variants"][1]), image_ids=[images[1]])
    assert added["image_ids"] == [images[1]]
    await shared_shop.execute("DELETE FROM product_image WHERE id = $1", images[2])
    assert (await read(shared_shop, product))["variants"][0]["image_ids"] == [images[0]]
    assert (await patch(shared_shop, of(variant), image_ids=[]))["image_ids"] == []
