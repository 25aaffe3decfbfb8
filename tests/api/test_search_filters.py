"""Filters of search and the facets beside the results."""

import pytest

from tests.api.searching import SEARCH, ask, find, options, settle, stocked
from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation


async def make_facet(shop: Installation, **fields: object) -> str:
    """An attribute that is a filter of search; gives its code."""
    return str((await make_attribute(shop, is_facet=True, **fields))["code"])


# --- filters -------------------------------------------------------------------------------------------------------------


async def test_a_category_includes_what_is_below_by_id_or_slug(shared_shop: Installation) -> None:
    top = await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=top["id"])
    await make_product(shared_shop, name="In top", category_id=top["id"])
    await make_product(shared_shop, name="In leaf", category_id=leaf["id"])
    await settle(shared_shop)
    for key in ("id", "slug"):
        assert sorted(await find(shared_shop, category=top[key])) == ["In leaf", "In top"]
        assert await find(shared_shop, category=leaf[key]) == ["In leaf"]


async def test_repeated_values_are_alternatives_and_different_filters_all_hold(shared_shop: Installation) -> None:
    one, two, three = [await make_brand(shared_shop) for _ in range(3)]
    category = await stocked(
        shared_shop,
        {"name": "a", "brand_id": one["id"], "stock": 1},
        {"name": "b", "brand_id": two["id"], "stock": 0},
        {"name": "c", "brand_id": three["id"], "stock": 1},
        {"name": "d", "stock": 1},
    )
    both = [one["slug"], two["id"]]
    assert sorted(await find(shared_shop, category=category, brand=both)) == ["a", "b"]
    assert await find(shared_shop, category=category, brand=both, in_stock="true") == ["a"]
    assert await find(shared_shop, category=category, brand=both, in_stock="false") == ["b"]
    other = await stocked(shared_shop, {"name": "e", "brand_id": one["id"]})
    assert sorted(await find(shared_shop, category=[category, other], brand=one["slug"])) == ["a", "e"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"price_min": 200}, ["200", "300"]),
        ({"price_max": 200}, ["100", "200"]),
        ({"price_min": 101, "price_max": 299}, ["200"]),
        ({"price_min": 200, "price_max": 200}, ["200"]),
        ({"price_max": 200, "currency": "USD"}, ["$200"]),
        ({"currency": "USD"}, ["$200"]),
        ({"price_min": 0}, ["100", "200", "300"]),
        ({"price_min": 301, "price_max": 10**15}, []),
    ],
)
async def test_a_price_range_is_inclusive_and_of_one_currency(
    shared_shop: Installation, parameters: Json, expected: list[str]
) -> None:
    category = await stocked(
        shared_shop,
        *({"name": str(amount), "price": price(amount)} for amount in (100, 200, 300)),
        {"name": "$200", "price": price(200, "USD")},
        {"name": "unpriced", "price": None},
    )
    assert sorted(await find(shared_shop, category=category, **parameters)) == expected


async def test_ratings_from_a_minimum_on_are_found(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "4.5"}, {"name": "4.0"}, {"name": "3.9"}, {"name": "unrated"})
    await shared_shop.execute(
        "UPDATE product SET rating_average = name::numeric WHERE name <> 'unrated' AND category_id = $1", category
    )
    await shared_shop.drain()
    assert sorted(await find(shared_shop, category=category, rating_min=4)) == ["4.0", "4.5"]
    assert await find(shared_shop, category=category, rating_min=4.5) == ["4.5"]


@pytest.mark.parametrize(
    ("definition", "values", "wanted", "expected"),
    [
        ({"type": "text"}, ["oak", "pine", "ash"], ["oak", "ash"], ["ash", "oak"]),
        ({"type": "text"}, ['15" "wide"', "a\\b", "x"], ['15" "wide"'], ['15" "wide"']),
        ({"type": "text"}, ['15" "wide"', "a\\b", "x"], ["a\\b"], ["a\\b"]),
        ({"type": "text"}, ["oak"], ['x" OR "oak'], []),
        ({"type": "enum", "options": ["S", "M", "L"]}, ["S", "M", "L"], ["M"], ["M"]),
        ({"type": "color"}, ["red", "blue"], ["blue"], ["blue"]),
        ({"type": "boolean"}, [True, False], ["true"], [True]),
        ({"type": "boolean"}, [True, False], ["false"], [False]),
        ({"type": "date"}, ["2026-01-31", "2026-02-01"], ["2026-01-31"], ["2026-01-31"]),
        ({"type": "number"}, [5, 10, 20.5], ["10"], [10]),
        ({"type": "number"}, [5, 10, 20.5], ["20.50"], [20.5]),
        ({"type": "number"}, [5, 10, 20.5], ["5..10"], [10, 5]),
        ({"type": "number"}, [5, 10, 20.5], ["10.."], [10, 20.5]),
        ({"type": "number"}, [5, 10, 20.5], ["..9.99"], [5]),
        ({"type": "number"}, [5, 10, 20.5], ["..6", "20.."], [20.5, 5]),
        ({"type": "number"}, [-5, 0, 5], ["-5..0"], [-5, 0]),
    ],
)
async def test_values_of_an_attribute_filter_as_their_type_does(
    shared_shop: Installation, definition: Json, values: list[object], wanted: list[str], expected: list[object]
) -> None:
    code = await make_facet(shared_shop, **definition)
    category = await stocked(
        shared_shop, *({"name": str(value), "attributes": {code: value}} for value in values), {"name": "none"}
    )
    found = await find(shared_shop, category=category, **{f"attr.{code}": wanted})
    assert sorted(found) == [str(value) for value in expected]


async def test_different_attributes_all_hold(shared_shop: Installation) -> None:
    size, colour = await make_facet(shared_shop), await make_facet(shared_shop)
    category = await stocked(
        shared_shop,
        {"name": "small red", "attributes": {size: "small", colour: "red"}},
        {"name": "small blue", "attributes": {size: "small", colour: "blue"}},
        {"name": "large red", "attributes": {size: "large", colour: "red"}},
    )
    filters = {f"attr.{size}": "small", f"attr.{colour}": ["red", "green"]}
    assert await find(shared_shop, category=category, **filters) == ["small red"]


@pytest.mark.parametrize(
    "value", ["wide", "..", "", "1..2..3", "nan", "inf", "1e999", "nan..", "..inf", "20..10", "5cm"]
)
async def test_what_is_no_number_does_not_filter_a_number(shared_shop: Installation, value: str) -> None:
    code = await make_facet(shared_shop, type="number")
    await settle(shared_shop)
    response = await shared_shop.client.get(SEARCH, params={f"attr.{code}": value})
    expect_invalid(response, f"attr.{code}")
    await ask(shared_shop)


async def test_an_attribute_that_is_no_filter_is_refused(shared_shop: Installation) -> None:
    code = (await make_attribute(shared_shop))["code"]
    await settle(shared_shop)
    response = await shared_shop.client.get(SEARCH, params={f"attr.{code}": "x"})
    expect_invalid(response, f"attr.{code}", "unknown_filter")
    expect_invalid(await shared_shop.client.get(SEARCH, params={"facets": f"attr.{code}"}), "facets", "unknown_facet")


async def test_a_facet_is_named_with_its_prefix(shared_shop: Installation) -> None:
    code = await make_facet(shared_shop)
    await settle(shared_shop)
    expect_invalid(await shared_shop.client.get(SEARCH, params={"facets": code}), "facets", "unknown_facet")


async def test_unknown_brands_and_categories_find_nothing(shared_shop: Installation) -> None:
    for filters in ({"brand": "no-such-brand"}, {"category": "no-such-category"}, {"brand": '"] OR x'}):
        assert await find(shared_shop, **filters) == []


# --- facets --------------------------------------------------------------------------------------------------------------


async def test_counts_of_a_facet_ignore_its_own_choice_and_keep_all_others(shared_shop: Installation) -> None:
    colour = await make_facet(shared_shop, type="color")
    one, two = await make_brand(shared_shop), await make_brand(shared_shop)
    category = await stocked(
        shared_shop,
        {"name": "a", "brand_id": one["id"], "attributes": {colour: "red"}},
        {"name": "b", "brand_id": one["id"], "attributes": {colour: "blue"}},
        {"name": "c", "brand_id": two["id"], "attributes": {colour: "red"}},
        {"name": "d", "brand_id": two["id"], "attributes": {colour: "red"}},
    )
    free = await ask(shared_shop, category=category)
    assert options(free, "brand") == {one["slug"]: 2, two["slug"]: 2}
    assert options(free, f"attr.{colour}") == {"red": 3, "blue": 1}

    chosen = await ask(shared_shop, category=category, brand=one["slug"])
    assert chosen["total"] == 2
    assert options(chosen, "brand") == {one["slug"]: 2, two["slug"]: 2}
    assert options(chosen, f"attr.{colour}") == {"red": 1, "blue": 1}

    both = await ask(shared_shop, category=category, brand=one["slug"], **{f"attr.{colour}": "red"})
    assert both["total"] == 1
    assert options(both, "brand") == {one["slug"]: 1, two["slug"]: 2}
    assert options(both, f"attr.{colour}") == {"red": 1, "blue": 1}


async def test_a_facet_has_names_for_people_and_says_what_is_chosen(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop, name="Acme & Söhne")
    size = await make_facet(shared_shop, name="Screen size", type="number", unit="in")
    category = await stocked(
        shared_shop, *({"brand_id": brand["id"], "attributes": {size: value}} for value in (15.0, 5.5))
    )
    result = await ask(shared_shop, category=category, brand=brand["slug"], facets=f"brand,attr.{size}")
    in_brand, in_size = result["facets"]
    assert (in_brand["id"], in_brand["label"], in_brand["type"]) == ("brand", "Brand", "brand")
    assert in_brand["options"] == [
        {"value": brand["slug"], "label": "Acme & Söhne", "count": 2, "selected": True, "parent": None}
    ]
    assert (in_size["label"], in_size["type"], in_size["unit"]) == ("Screen size", "number", "in")
    assert [(option["label"], option["selected"]) for option in in_size["options"]] == [("5.5", False), ("15", False)]


async def test_a_chosen_value_stays_when_nothing_has_it_any_more(shared_shop: Installation) -> None:
    colour = await make_facet(shared_shop, type="color")
    brand = await make_brand(shared_shop)
    category = await stocked(shared_shop, {"attributes": {colour: "red"}})
    result = await ask(shared_shop, category=category, brand=brand["slug"], **{f"attr.{colour}": "green"})
    assert result["total"] == 0
    assert options(result, "brand") == {brand["slug"]: 0}
    assert options(result, f"attr.{colour}")["green"] == 0


async def test_categories_are_counted_with_what_is_below_and_name_their_parent(shared_shop: Installation) -> None:
    top = await make_category(shared_shop, name="Top")
    leaf = await make_category(shared_shop, name="Leaf", parent_id=top["id"])
    brand = await make_brand(shared_shop)
    for category in (top, leaf, leaf):
        await make_product(shared_shop, category_id=category["id"], brand_id=brand["id"])
    await settle(shared_shop)
    result = await ask(shared_shop, brand=brand["slug"], facets="category", category=leaf["slug"])
    assert result["total"] == 2
    [facet] = result["facets"]
    assert [(o["value"], o["label"], o["count"], o["selected"], o["parent"]) for o in facet["options"]] == [
        (top["slug"], "Top", 3, False, None),
        (leaf["slug"], "Leaf", 2, True, top["slug"]),
    ]


async def test_ratings_count_upwards_and_availability_by_stock(shared_shop: Installation) -> None:
    category = await stocked(
        shared_shop, {"name": "4.5", "stock": 0}, {"name": "3.2"}, {"name": "1.0"}, {"name": "unrated"}
    )
    await shared_shop.execute(
        "UPDATE product SET rating_average = name::numeric WHERE name <> 'unrated' AND category_id = $1", category
    )
    await shared_shop.drain()
    result = await ask(shared_shop, category=category)
    assert options(result, "rating") == {"4": 1, "3": 2, "2": 2, "1": 3}
    assert options(result, "in_stock") == {"true": 3, "false": 1}


async def test_the_price_range_of_the_results_is_told_whatever_range_is_chosen(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, *({"price": price(amount)} for amount in (100, 1999, 30_000)))
    for parameters in ({}, {"price_min": 500}, {"price_min": 500, "price_max": 600}):
        stats = (await ask(shared_shop, category=category, **parameters))["facet_stats"]
        assert stats == {"price": {"min": 100, "max": 30_000}}


async def test_only_the_facets_asked_for_are_counted_in_the_order_asked(shared_shop: Installation) -> None:
    code = await make_facet(shared_shop)
    category = await stocked(shared_shop, {"attributes": {code: "x"}})

    async def ids(**parameters: object) -> list[str]:
        return [facet["id"] for facet in (await ask(shared_shop, category=category, **parameters))["facets"]]

    assert await ids(facets=f"attr.{code},brand") == [f"attr.{code}", "brand"]
    assert await ids(facets=["in_stock", "brand"]) == ["in_stock", "brand"]
    assert await ids(facets="") == []
    assert await ids(facets="brand,brand") == ["brand"]


async def test_facets_follow_the_words_that_are_searched(shared_shop: Installation) -> None:
    one, two = await make_brand(shared_shop), await make_brand(shared_shop)
    category = await stocked(
        shared_shop,
        {"name": "Red Kettle", "brand_id": one["id"]},
        {"name": "Red Teapot", "brand_id": two["id"]},
    )
    result = await ask(shared_shop, category=category, q="kettle", brand=one["slug"])
    assert options(result, "brand") == {one["slug"]: 1}


# --- searching inside a facet --------------------------------------------------------------------------------------------


async def test_values_of_a_facet_are_found_by_what_is_typed(shared_shop: Installation) -> None:
    colour = await make_facet(shared_shop, name="Colour", type="color")
    mark = unique("Brand")
    brands = [await make_brand(shared_shop, name=f"{kind} {mark}") for kind in ("Alpha", "Beta")]
    category = await stocked(
        shared_shop,
        {"brand_id": brands[0]["id"], "attributes": {colour: "petrol blue"}},
        {"brand_id": brands[1]["id"], "attributes": {colour: "navy blue"}},
        {"brand_id": brands[1]["id"], "attributes": {colour: "red"}},
    )

    async def values(facet: str, **parameters: str) -> list[tuple[str, int]]:
        response = await shared_shop.client.get(f"{SEARCH}/facets/{facet}", params={"category": category, **parameters})
        assert response.status_code == 200, response.text
        return [(option["value"], option["count"]) for option in response.json()["options"]]

    assert await values("brand", q="alpha") == [(brands[0]["slug"], 1)]
    assert await values("brand", q=mark[:8]) == [(brands[1]["slug"], 2), (brands[0]["slug"], 1)]
    assert sorted(await values(f"attr.{colour}", q="blue")) == [("navy blue", 1), ("petrol blue", 1)]
    assert await values(f"attr.{colour}", q="blue", brand=brands[1]["slug"]) == [("navy blue", 1)]
    chosen = await values(f"attr.{colour}", q="blue", **{f"attr.{colour}": "red"})
    assert ("navy blue", 1) in chosen


@pytest.mark.parametrize(
    "facet", ["price", "rating", "in_stock", "colour", "attr.no_such_attribute", "attr.", "x" * 71]
)
async def test_what_is_no_facet_to_search_in_is_not_found(shared_shop: Installation, facet: str) -> None:
    response = await shared_shop.client.get(f"{SEARCH}/facets/{facet}")
    assert response.status_code == (400 if len(facet) > 70 else 404)


async def test_searching_inside_a_facet_refuses_what_it_cannot_use(shared_shop: Installation) -> None:
    expect_invalid(await shared_shop.client.get(f"{SEARCH}/facets/brand?sort=price"), "sort", "unknown_parameter")
    expect_invalid(await shared_shop.client.get(f"{SEARCH}/facets/brand?attr.nope=1"), "attr.nope", "unknown_filter")
    expect_problem(await shared_shop.client.get(f"{SEARCH}/facets/brand?price_min=2&price_max=1"), 400, "invalid_input")


async def test_a_short_ladder_of_values_keeps_its_own_order(shared_shop: Installation) -> None:
    ladder = ["S", "M", "L"]
    size = await make_facet(shared_shop, type="enum", options=ladder)
    many = await make_facet(shared_shop, type="enum", options=[*ladder, *(f"X{n}" for n in range(9))])
    values = ("L", "L", "L", "S", "S", "M")
    category = await stocked(shared_shop, *({"attributes": {size: value, many: value}} for value in values))
    result = await ask(shared_shop, category=category, facets=[f"attr.{size}", f"attr.{many}"])
    assert list(options(result, f"attr.{size}")) == ladder
    assert list(options(result, f"attr.{many}")) == ["L", "S", "M"]
