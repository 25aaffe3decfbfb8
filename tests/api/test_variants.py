"""Variants: combinations of a product's options, one of them the default."""

from functools import partial

import httpx
import pytest

from mercato.platform.ids import new_id
from tests.support.answers import at_once, expect_invalid, expect_problem, read_all, read_pages
from tests.support.builders import Json, make_product, make_variants, price, unique
from tests.support.installation import Installation
from tests.support.people import make_person
from tests.support.pictures import show

SIZES = {"name": "Size", "values": ["S", "M", "L"]}
COLOURS = {"name": "Colour", "values": ["Red", "Blue"]}


def at(product: Json, rest: str = "") -> str:
    """Where a product's variants are."""
    return f"/api/v1/products/{product['id']}/variants{rest}"


def of(variant: Json) -> str:
    """Where one variant is."""
    return f"/api/v1/variants/{variant['id']}"


async def read(shop: Installation, product: Json) -> Json:
    """The product as it is now."""
    found: Json = (await shop.admin.get(f"/api/v1/products/{product['id']}")).json()
    return found


async def patch(shop: Installation, address: str, **fields: object) -> Json:
    """A resource after a change."""
    response = await shop.admin.patch(address, json=fields)
    assert response.status_code == 200, response.text
    changed: Json = response.json()
    return changed


async def patch_product(shop: Installation, product: Json, **fields: object) -> Json:
    """A product after a change."""
    return await patch(shop, f"/api/v1/products/{product['id']}", **fields)


async def add(shop: Installation, product: Json, **fields: object) -> Json:
    """Another variant."""
    response = await shop.admin.post(at(product), json=fields)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def generate(shop: Installation, product: Json, **fields: object) -> list[Json]:
    """All variants, with those that were missing."""
    response = await shop.admin.post(at(product, "/generate"), json=fields)
    assert response.status_code == 200, response.text
    page = response.json()
    assert page["next_cursor"] is None
    items: list[Json] = page["items"]
    return items


def defaults(product: Json) -> list[str]:
    """SKUs of the variants that are the default."""
    return [variant["sku"] for variant in product["variants"] if variant["is_default"]]


async def make_image(shop: Installation, product: Json, position: int = 0) -> str:
    """A picture of the product; gives its id."""
    return await show(shop, product, f"{position}.webp", position=position)


# --- options of a product ------------------------------------------------------------------------------------------------


async def test_a_product_without_options_has_one_variant_without_options(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    assert made["options"] == []
    [variant] = made["variants"]
    assert (variant["options"], variant["is_default"], variant["image_ids"]) == ({}, True, [])


async def test_the_first_variant_of_a_product_with_options_is_the_first_combination(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, options=[SIZES, COLOURS], sku=unique("TEE-"))
    assert made["options"] == [SIZES, COLOURS]
    [variant] = made["variants"]
    assert variant["options"] == {"Size": "S", "Colour": "Red"}


async def test_options_keep_their_order_and_a_new_value_disturbs_nobody(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, COLOURS)
    more = {"name": "Size", "values": ["XS", "S", "M", "L"]}
    changed = await patch_product(shared_shop, made, options=[COLOURS, more])
    assert changed["options"] == [COLOURS, more]
    assert [v["options"] for v in changed["variants"]] == [v["options"] for v in made["variants"]]


async def test_a_renamed_option_is_renamed_in_all_variants(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, COLOURS)
    renamed = {**COLOURS, "name": "Color"}
    changed = await patch_product(shared_shop, made, options=[SIZES, renamed])
    assert {tuple(sorted(v["options"].items())) for v in changed["variants"]} == {
        (("Color", colour), ("Size", size)) for colour in COLOURS["values"] for size in SIZES["values"]
    }


async def test_an_option_that_is_added_gives_the_variants_its_first_value(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES)
    changed = await patch_product(shared_shop, made, options=[COLOURS, SIZES])
    assert [v["options"] for v in changed["variants"]] == [{"Colour": "Red", "Size": size} for size in SIZES["values"]]


async def test_an_option_with_one_value_left_can_be_taken_away(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, {"name": "Colour", "values": ["Red"]})
    changed = await patch_product(shared_shop, made, options=[SIZES])
    assert [v["options"] for v in changed["variants"]] == [{"Size": size} for size in SIZES["values"]]


async def test_an_option_that_tells_variants_apart_cannot_be_taken_away(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, COLOURS)
    here = f"/api/v1/products/{made['id']}"
    expect_problem(await shared_shop.admin.patch(here, json={"options": [SIZES]}), 409, "options_taken")
    expect_problem(await shared_shop.admin.patch(here, json={"options": []}), 409, "option_in_use")
    assert await read(shared_shop, made) == made


async def test_a_value_that_a_variant_has_cannot_be_taken_away(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES)
    fewer = {"name": "Size", "values": ["S", "M"]}
    here = f"/api/v1/products/{made['id']}"
    expect_problem(await shared_shop.admin.patch(here, json={"options": [fewer]}), 409, "option_in_use")
    assert (await shared_shop.admin.delete(of(made["variants"][2]))).status_code == 204
    assert (await patch_product(shared_shop, made, options=[fewer]))["options"] == [fewer]


async def test_the_options_of_an_only_variant_can_be_taken_away(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, options=[SIZES])
    changed = await patch_product(shared_shop, made, options=[])
    assert (changed["options"], changed["variants"][0]["options"]) == ([], {})


async def test_a_put_that_says_nothing_of_options_leaves_them_and_the_variants(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES)
    response = await shared_shop.admin.put(f"/api/v1/products/{made['id']}", json={"name": "New"})
    replaced = response.json()
    assert response.status_code == 200, replaced
    assert (replaced["options"], replaced["variants"]) == (made["options"], made["variants"])


@pytest.mark.parametrize(
    ("options", "pointer", "code"),
    [
        ([SIZES, {"name": "size", "values": ["1"]}], "/options/1/name", "duplicate_option"),
        ([{"name": "Shoe size", "values": ["1"]}, {"name": "shoe_size", "values": ["1"]}], "/options/1/name", None),
        ([{"name": "Size", "values": ["S", "M", "s"]}], "/options/0/values/2", "duplicate_value"),
        ([{"name": "Size", "values": []}], "/options/0/values", None),
        ([{"name": "Size"}], "/options/0/values", "missing_field"),
        ([{"name": "Size", "values": ["S"], "x": 1}], "/options/0/x", "unknown_field"),
        ([{"name": "", "values": ["S"]}], "/options/0/name", None),
        ([{"name": "Size ", "values": ["S"]}], "/options/0/name", None),
        ([{"name": "x" * 61, "values": ["S"]}], "/options/0/name", None),
        ([{"name": "Size", "values": ["S\0"]}], "/options/0/values/0", None),
        ([{"name": "Size", "values": ["x" * 101]}], "/options/0/values/0", None),
        ([{"name": "Size", "values": [1]}], "/options/0/values/0", None),
        ([{"name": "Size", "values": [str(n) for n in range(101)]}], "/options/0/values", None),
        ([{"name": str(n), "values": ["S"]} for n in range(6)], "/options", None),
        ({"Size": ["S"]}, "/options", None),
        (None, "/options", None),
    ],
)
async def test_options_that_make_no_sense_are_refused_by_their_place(
    shared_shop: Installation, options: object, pointer: str, code: str | None
) -> None:
    made = await make_product(shared_shop)
    body = {"name": "x", "options": options}
    expect_invalid(await shared_shop.admin.post("/api/v1/products", json=body), pointer, code)
    expect_invalid(await shared_shop.admin.put(f"/api/v1/products/{made['id']}", json=body), pointer, code)
    expect_invalid(
        await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"options": options}), pointer, code
    )
    expect_invalid(await shared_shop.admin.post(at(made, "/generate"), json={"options": options}), pointer, code)


# --- variants with their product -----------------------------------------------------------------------------------------


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


# --- one variant ---------------------------------------------------------------------------------------------------------


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


# --- the default ---------------------------------------------------------------------------------------------------------


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


# --- generated -----------------------------------------------------------------------------------------------------------


async def test_combinations_are_generated_like_the_default(shared_shop: Installation) -> None:
    sku = unique("TEE-")
    product = await make_product(
        shared_shop, sku=sku, price=price(1500), compare_at_price=price(2000), weight_grams=200, allow_backorder=True
    )
    made = await generate(shared_shop, product, options=[SIZES, COLOURS], stock=4)
    assert [v["options"] for v in made] == [
        {"Size": size, "Colour": colour} for size in SIZES["values"] for colour in COLOURS["values"]
    ]
    assert [v["sku"] for v in made] == [sku, *(f"{sku}-{x}" for x in ("S-BLUE", "M-RED", "M-BLUE", "L-RED", "L-BLUE"))]
    for variant in made[1:]:
        assert (variant["price"], variant["compare_at_price"]) == (price(1500), price(2000))
        assert (variant["stock"], variant["weight_grams"], variant["allow_backorder"]) == (4, 200, True)
    assert made[0]["id"] == product["variants"][0]["id"]
    now = await read(shared_shop, product)
    assert now["version"] == product["version"] + 1
    assert [v["id"] for v in now["variants"]] == [v["id"] for v in made]


async def test_generating_again_makes_only_what_is_missing(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES, COLOURS)
    before = await read(shared_shop, product)
    assert [v["id"] for v in await generate(shared_shop, product)] == [v["id"] for v in before["variants"]]
    assert await read(shared_shop, product) == before
    await shared_shop.admin.delete(of(before["variants"][3]))
    again = await generate(shared_shop, product, price=price(99), stock=1)
    assert len(again) == 6
    [new] = [v for v in again if v["id"] not in {v["id"] for v in before["variants"]}]
    assert (new["options"], new["price"]) == (before["variants"][3]["options"], price(99))
    more = {"name": "Size", "values": [*SIZES["values"], "XL"]}
    assert len(await generate(shared_shop, product, options=[more, COLOURS])) == 8


async def test_a_generated_sku_that_is_taken_gets_a_number(shared_shop: Installation) -> None:
    sku = unique("TEE-")
    await make_product(shared_shop, sku=f"{sku}-M")
    product = await make_product(shared_shop, sku=sku)
    options = [{"name": "Size", "values": ["S", "M", "M ½", "☂"]}]
    made = await generate(shared_shop, product, options=options)
    assert [v["sku"] for v in made] == [sku, f"{sku}-M-2", f"{sku}-M-1-2", f"{sku}-2"]


async def test_a_product_has_at_most_200_variants(shared_shop: Installation) -> None:
    many = [{"name": "A", "values": [str(n) for n in range(100)]}, {"name": "B", "values": ["x", "y", "z"]}]
    product = await make_product(shared_shop)
    response = await shared_shop.admin.post(at(product, "/generate"), json={"options": many})
    expect_problem(response, 409, "too_many_variants")
    many[1]["values"] = ["x", "y"]
    made = await generate(shared_shop, product, options=many)
    assert len(made) == 200
    assert len({v["sku"] for v in made}) == 200
    wider = [many[0], {"name": "B", "values": ["x", "y", "z"]}]
    await patch_product(shared_shop, product, options=wider)
    body = {"options": {"A": "0", "B": "z"}}
    expect_problem(await shared_shop.admin.post(at(product), json=body), 409, "too_many_variants")


# --- pictures ------------------------------------------------------------------------------------------------------------


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


# --- callers and versions ------------------------------------------------------------------------------------------------


async def test_sellers_write_variants_of_their_own_products(shared_shop: Installation) -> None:
    seller, other = [await make_person(shared_shop, "seller") for _ in range(2)]
    response = await seller.client.post("/api/v1/products", json={"name": "Mine", "options": [SIZES]})
    draft = response.json()
    variant = draft["variants"][0]

    async def tries(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [
            await client.post(at(draft), json={"options": {"Size": "M"}}),
            await client.post(at(draft, "/generate"), json={}),
            await client.patch(of(variant), json={"stock": 1}),
            await client.put(of(variant), json={"stock": 1}),
            await client.delete(of(variant)),
        ]

    assert [r.status_code for r in await tries(other.client)] == [404] * 5
    assert [r.status_code for r in await tries(shared_shop.client)] == [401] * 5
    for client in (other.client, shared_shop.client):
        expect_problem(await client.get(of(variant)), 404, "not_found")
        expect_problem(await client.get(at(draft)), 404, "not_found")
    assert (await seller.client.get(of(variant))).status_code == 200
    assert [r.status_code for r in await tries(seller.client)] == [201, 200, 200, 200, 204]

    await shared_shop.admin.patch(f"/api/v1/products/{draft['id']}", json={"status": "active"})
    variant = (await read(shared_shop, draft))["variants"][0]
    for refused in (await tries(other.client))[2:]:
        expect_problem(refused, 403, "not_owner")
    assert (await shared_shop.client.get(of(variant))).status_code == 200
    buyer = await make_person(shared_shop)
    expect_problem(await buyer.client.patch(of(variant), json={"stock": 1}), 403, "missing_scope")


async def test_what_is_not_there_is_not_found(shared_shop: Installation) -> None:
    for address in (f"/api/v1/variants/{new_id()}", f"/api/v1/products/{new_id()}/variants"):
        expect_problem(await shared_shop.admin.get(address), 404, "not_found")
    expect_problem(await shared_shop.admin.patch(f"/api/v1/variants/{new_id()}", json={}), 404, "not_found")
    expect_problem(await shared_shop.admin.get("/api/v1/variants/no-id"), 404, "not_found")
    expect_problem(await shared_shop.admin.post("/api/v1/products/nope/variants", json={}), 404, "not_found")
    product = await make_product(shared_shop)
    assert (await shared_shop.admin.delete(f"/api/v1/products/{product['id']}")).status_code == 204
    expect_problem(await shared_shop.admin.get(of(product["variants"][0])), 404, "not_found")
    expect_problem(await shared_shop.admin.patch(of(product["variants"][0]), json={"stock": 1}), 404, "not_found")


async def test_a_change_based_on_an_old_version_is_refused(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    variant = product["variants"][0]
    await patch(shared_shop, of(variant), stock=9)
    stale = {"If-Match": f'"{variant["version"]}"'}
    for response in (
        await shared_shop.admin.patch(of(variant), json={"stock": 1}, headers=stale),
        await shared_shop.admin.put(of(variant), json={"stock": 1}, headers=stale),
        await shared_shop.admin.delete(of(variant), headers=stale),
    ):
        assert expect_problem(response, 412, "stale_version")["current_version"] == 3
    fresh = await shared_shop.admin.patch(of(variant), json={"stock": 1}, headers={"If-Match": '"3"'})
    assert fresh.status_code == 200


async def test_a_repeated_request_adds_one_variant(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    send = partial(
        shared_shop.admin.post, at(product), json={"options": {"Size": "M"}}, headers={"Idempotency-Key": unique()}
    )
    first, again = await send(), await send()
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len((await read(shared_shop, product))["variants"]) == 2


async def test_changes_of_variants_are_in_the_audit_log_of_their_product(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    image = await make_image(shared_shop, product)
    variant = await add(shared_shop, product, options={"Size": "M"}, image_ids=[image])
    events = await read_all(shared_shop.admin, "/audit", resource=product["id"])
    found = [(event["resource"], event["action"]) for event in events]
    assert ({"type": "variant", "id": variant["id"]}, "create") in found
    assert "variant_image" in {resource["type"] for resource, _action in found}


# --- at once -------------------------------------------------------------------------------------------------------------


async def test_of_many_that_add_the_same_combination_one_succeeds(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    answers = await at_once(*[partial(shared_shop.admin.post, at(product), json={"options": {"Size": "M"}})] * 8)
    assert sorted(response.status_code for response in answers) == [201, *[409] * 7]
    assert len((await read(shared_shop, product))["variants"]) == 2


async def test_many_that_claim_the_default_leave_one(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES, COLOURS)
    answers = await at_once(
        *(partial(shared_shop.admin.patch, of(v), json={"is_default": True}) for v in product["variants"] * 2)
    )
    assert {response.status_code for response in answers} == {200}
    assert len(defaults(await read(shared_shop, product))) == 1


async def test_deleting_all_variants_at_once_leaves_one_which_is_the_default(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES, COLOURS)
    answers = await at_once(*(partial(shared_shop.admin.delete, of(v)) for v in product["variants"]))
    assert sorted(response.status_code for response in answers) == [*[204] * 5, 409]
    now = await read(shared_shop, product)
    assert defaults(now) == [now["variants"][0]["sku"]]


async def test_room_for_variants_is_counted_right_by_many_at_once(shared_shop: Installation) -> None:
    options = [{"name": "A", "values": [str(n) for n in range(100)]}, {"name": "B", "values": ["x", "y", "z"]}]
    product = await make_product(
        shared_shop,
        price=None,
        stock=0,
        options=options,
        variants=[{"options": {"A": str(n), "B": b}} for n in range(98) for b in ("x", "y")],
    )
    assert len(product["variants"]) == 196
    answers = await at_once(
        *(partial(shared_shop.admin.post, at(product), json={"options": {"A": str(n), "B": "z"}}) for n in range(10))
    )
    assert sorted(response.status_code for response in answers) == [*[201] * 4, *[409] * 6]


async def test_options_and_variants_that_change_at_once_fit_together(shared_shop: Installation) -> None:
    product = await make_product(shared_shop, options=[SIZES])
    fewer = [{"name": "Size", "values": ["S"]}]
    at_product = f"/api/v1/products/{product['id']}"
    answers = await at_once(
        partial(shared_shop.admin.post, at(product), json={"options": {"Size": "L"}}),
        partial(shared_shop.admin.patch, at_product, json={"options": fewer}),
    )
    assert sorted(response.status_code for response in answers) in ([200, 400], [201, 409])
    now = await read(shared_shop, product)
    for variant in now["variants"]:
        assert variant["options"]["Size"] in now["options"][0]["values"]


async def test_shoppers_see_a_changed_variant_at_once(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    here = f"/api/v1/products/{product['id']}"
    image = await make_image(shared_shop, product)
    variant = product["variants"][2]
    for change, field, expected in (
        ({"price": price(5)}, "price", price(5)),
        ({"is_default": True}, "is_default", True),
        ({"image_ids": [image]}, "image_ids", [image]),
        ({"image_ids": []}, "image_ids", []),
    ):
        for _ in range(2):  # the second time from memory
            assert (await shared_shop.client.get(here)).status_code == 200
        await patch(shared_shop, of(variant), **change)
        seen = (await shared_shop.client.get(here)).json()["variants"][2]
        assert (seen["id"], seen[field]) == (variant["id"], expected)
    await shared_shop.admin.delete(of(variant))
    assert len((await shared_shop.client.get(here)).json()["variants"]) == 2
