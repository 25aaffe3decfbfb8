"""Options of a product, and the combinations that are made of them."""

import pytest

from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import make_product, make_variants, price, unique
from tests.support.installation import Installation
from tests.support.variants import COLOURS, SIZES, at, generate, of, patch_product, read

# --- options of a product -----------------------------------------------------------------------------------------------


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


# --- generated ----------------------------------------------------------------------------------------------------------


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
