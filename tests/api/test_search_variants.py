"""Variants in search: one hit a product, found by the values of its options, with the variant that fits best."""

from tests.api.searching import SEARCH, ask, find, options, settle
from tests.support.builders import (
    Json,
    make_attribute,
    make_category,
    make_product,
    make_variants,
    price,
    unique,
    unique_gtin,
)
from tests.support.installation import Installation
from tests.support.pictures import show

SIZES = {"name": "Size", "values": ["S", "M", "L"]}


def colours(*values: str) -> Json:
    """An option that no other test has, with these values."""
    return {"name": unique("Colour ").strip(), "values": list(values)}


def code_of(option: Json) -> str:
    """The code of the attribute that goes with an option."""
    return str(option["name"]).lower().replace(" ", "_")


async def hit(shop: Installation, **parameters: object) -> Json:
    """The only hit of a search."""
    [found] = (await ask(shop, **parameters))["hits"]
    found_hit: Json = found
    return found_hit


async def matched(shop: Installation, **parameters: object) -> dict[str, str]:
    """The options of the variant that fits a search best."""
    options_of: dict[str, str] = (await hit(shop, **parameters))["matched_variant"]["options"]
    return options_of


async def sell_out(shop: Installation, product: Json, *skus: str) -> None:
    """Leave nothing of these variants."""
    for variant in product["variants"]:
        if variant["sku"] in skus:
            response = await shop.admin.patch(f"/api/v1/variants/{variant['id']}", json={"stock": 0})
            assert response.status_code == 200, response.text


async def test_a_product_with_one_variant_has_no_matched_variant(shared_shop: Installation) -> None:
    word = unique("Word")
    await make_product(shared_shop, name=word, options=[SIZES])
    await settle(shared_shop)
    assert (await hit(shared_shop, q=word))["matched_variant"] is None


async def test_a_product_with_several_variants_is_one_hit_with_all_of_a_variant(shared_shop: Installation) -> None:
    word = unique("Word")
    product = await make_variants(shared_shop, SIZES, name=word)
    await settle(shared_shop)
    found = await hit(shared_shop, q=word)
    first = product["variants"][0]
    assert found["matched_variant"] == {
        "id": first["id"],
        "sku": first["sku"],
        "options": {"Size": "S"},
        "price": price(1000),
        "in_stock": True,
        "image": None,
    }


async def test_values_of_options_are_found_and_choose_the_variant(shared_shop: Installation) -> None:
    word, red, blue = unique("Word"), unique("red"), unique("blue")
    await make_variants(shared_shop, SIZES, colours(red.title(), f"Dark {blue}"), name=word)
    await settle(shared_shop)
    assert await find(shared_shop, q=red) == [word]
    assert red.title() in (await matched(shared_shop, q=f"{word} {red}")).values()
    assert f"Dark {blue}" in (await matched(shared_shop, q=f"{word} {blue}")).values()
    assert f"Dark {blue}" in (await matched(shared_shop, q=f"{word} {blue[:8]}")).values()
    assert (await matched(shared_shop, q=f"{word} {blue} l"))["Size"] == "L"


async def test_a_variant_in_stock_comes_first_then_the_default(shared_shop: Installation) -> None:
    word = unique("Word")
    product = await make_variants(shared_shop, SIZES, name=word)
    small, medium, large = product["variants"]
    await shared_shop.admin.patch(f"/api/v1/variants/{medium['id']}", json={"is_default": True})
    await settle(shared_shop)
    assert await matched(shared_shop, q=word) == {"Size": "M"}
    await sell_out(shared_shop, product, medium["sku"], small["sku"])
    await settle(shared_shop)
    assert await matched(shared_shop, q=word) == {"Size": "L"}
    assert large["options"] == {"Size": "L"}


async def test_a_sku_or_gtin_chooses_its_variant_even_when_it_is_sold_out(shared_shop: Installation) -> None:
    product = await make_variants(shared_shop, SIZES)
    large = product["variants"][2]
    sku, gtin = unique("SKU-77-"), unique_gtin()
    response = await shared_shop.admin.patch(
        f"/api/v1/variants/{large['id']}", json={"sku": sku, "gtin": gtin, "stock": 0}
    )
    assert response.status_code == 200, response.text
    await settle(shared_shop)
    for q in (sku, sku.lower().replace("-", " "), gtin):
        found = (await ask(shared_shop, q=q))["hits"][0]
        assert (found["id"], found["matched_variant"]["sku"]) == (product["id"], sku), q
        assert found["matched_variant"]["in_stock"] is False


async def test_an_attribute_named_like_an_option_filters_and_counts_products(shared_shop: Installation) -> None:
    option = colours("Red", "Blue", "Green")
    await make_attribute(shared_shop, code=code_of(option), type="color", is_facet=True)
    category = await make_category(shared_shop)
    both = await make_variants(shared_shop, SIZES, option, category_id=category["id"], name="Both")
    await make_variants(shared_shop, {**option, "values": ["Red"]}, category_id=category["id"], name="Red only")
    await make_product(shared_shop, category_id=category["id"], name="Plain", attributes={code_of(option): "Blue"})
    await settle(shared_shop)
    here = {"category": category["slug"]}
    filtered = f"attr.{code_of(option)}"
    assert sorted(await find(shared_shop, **here, **{filtered: "Red"})) == ["Both", "Red only"]
    assert sorted(await find(shared_shop, **here, **{filtered: "Blue"})) == ["Both", "Plain"]
    assert await find(shared_shop, **here, **{filtered: "Pink"}) == []
    result = await ask(shared_shop, **here, **{filtered: ["Blue", "Green"]})
    assert options(result, filtered) == {"Red": 2, "Blue": 2, "Green": 1}
    chosen = {found["name"]: found["matched_variant"] for found in result["hits"]}
    assert chosen["Plain"] is None
    assert chosen["Both"]["options"][option["name"]] == "Blue"
    await sell_out(shared_shop, both, *(v["sku"] for v in both["variants"] if v["options"][option["name"]] == "Blue"))
    await settle(shared_shop)
    found = await ask(shared_shop, **here, **{filtered: ["Blue", "Green"]})
    assert {h["name"]: h["matched_variant"] for h in found["hits"]}["Both"]["options"][option["name"]] == "Green"


async def test_the_facet_of_an_option_is_offered_without_being_asked_for(shared_shop: Installation) -> None:
    option = colours("Red", "Blue")
    await make_attribute(shared_shop, code=code_of(option), type="color", is_facet=True, name="Tint")
    category = await make_category(shared_shop)
    await make_variants(shared_shop, option, category_id=category["id"])
    shared_shop.resources.taxonomy._usage_due_at = 0.0
    await settle(shared_shop)
    result = await ask(shared_shop, category=category["slug"])
    assert options(result, f"attr.{code_of(option)}") == {"Red": 1, "Blue": 1}


async def test_numbers_among_options_take_ranges(shared_shop: Installation) -> None:
    option = {"name": unique("Volume ").strip(), "values": ["250", "350", "500"]}
    await make_attribute(shared_shop, code=code_of(option), type="number", is_facet=True, unit="ml")
    category = await make_category(shared_shop)
    await make_variants(shared_shop, option, category_id=category["id"], name="Mug")
    await settle(shared_shop)
    filtered = f"attr.{code_of(option)}"
    found = await hit(shared_shop, category=category["slug"], **{filtered: "300..400"})
    assert found["matched_variant"]["options"] == {option["name"]: "350"}
    assert await find(shared_shop, category=category["slug"], **{filtered: "..200"}) == []
    assert (await matched(shared_shop, category=category["slug"], **{filtered: "500.0"})) == {option["name"]: "500"}


async def test_a_definition_that_comes_later_makes_a_filter_of_the_option(shared_shop: Installation) -> None:
    option = colours("Red", "Blue")
    product = await make_variants(shared_shop, option)
    await settle(shared_shop)
    attribute = await make_attribute(shared_shop, code=code_of(option), type="color", is_facet=True)
    await settle(shared_shop)
    filtered = f"attr.{code_of(option)}"
    assert await find(shared_shop, **{filtered: "Blue"}) == [product["name"]]
    await shared_shop.admin.patch(f"/api/v1/attributes/{attribute['code']}", json={"is_facet": False})
    await settle(shared_shop)
    response = await shared_shop.client.get(SEARCH, params={filtered: "Blue"})
    assert response.status_code == 400


async def test_the_picture_of_the_variant_comes_with_it(shared_shop: Installation) -> None:
    word = unique("Word")
    product = await make_variants(shared_shop, SIZES, name=word)
    ids = [
        await show(shared_shop, product, f"seen-{place}.webp", alt="Seen", position=place, size=(8, 9))
        for place in range(2)
    ]
    response = await shared_shop.admin.patch(
        f"/api/v1/variants/{product['variants'][2]['id']}", json={"image_ids": [ids[1]]}
    )
    assert response.status_code == 200, response.text
    await settle(shared_shop)
    found = await hit(shared_shop, q=f"{word} l")
    assert found["matched_variant"]["image"] == {
        "url": "/media/seen-1.webp", "alt": "Seen", "width": 8, "height": 9, "dominant_color": None, "renditions": None
    }  # fmt: skip
    assert (await hit(shared_shop, q=f"{word} m"))["matched_variant"]["image"] is None


async def test_a_change_of_a_variant_follows_into_search(shared_shop: Installation) -> None:
    word, late = unique("Word"), unique("late")
    product = await make_variants(shared_shop, SIZES, name=word)
    await settle(shared_shop)
    response = await shared_shop.admin.patch(
        f"/api/v1/products/{product['id']}", json={"options": [{"name": "Size", "values": ["S", "M", "L", late]}]}
    )
    assert response.status_code == 200
    await shared_shop.admin.patch(f"/api/v1/variants/{product['variants'][1]['id']}", json={"options": {"Size": late}})
    await settle(shared_shop)
    assert (await hit(shared_shop, q=late))["matched_variant"]["options"] == {"Size": late}
    await shared_shop.admin.delete(f"/api/v1/variants/{product['variants'][1]['id']}")
    await settle(shared_shop)
    assert await find(shared_shop, q=late) == []


# --- while the engine is away --------------------------------------------------------------------------------------------


async def test_the_database_finds_and_chooses_variants_too(shared_shop: Installation) -> None:
    option = colours("Red", "Blue")
    number = {"name": unique("Volume ").strip(), "values": ["250", "350"]}
    await make_attribute(shared_shop, code=code_of(option), type="color", is_facet=True)
    await make_attribute(shared_shop, code=code_of(number), type="number", is_facet=True)
    word = unique("Word")
    product = await make_variants(shared_shop, option, number, name=f"{word} mug")
    await make_product(shared_shop, name=f"{word} plate")
    await settle(shared_shop)
    search = shared_shop.resources.search
    search._engine_rests_until = float("inf")
    try:
        for parameters, wanted in (
            ({"q": f"{word} blue"}, {option["name"]: "Blue", number["name"]: "250"}),
            ({"q": f"blue 350 {word}"}, {option["name"]: "Blue", number["name"]: "350"}),
            ({f"attr.{code_of(option)}": "Blue"}, {option["name"]: "Blue", number["name"]: "250"}),
            ({f"attr.{code_of(number)}": "300.."}, {option["name"]: "Red", number["name"]: "350"}),
            ({"q": product["variants"][3]["sku"]}, {option["name"]: "Blue", number["name"]: "350"}),
        ):
            response = await shared_shop.client.get(SEARCH, params=parameters)
            result = response.json()
            assert result["degraded"] is True
            assert result["hits"][0]["id"] == product["id"], parameters
            assert result["hits"][0]["matched_variant"]["options"] == wanted, parameters
        plate = (await shared_shop.client.get(SEARCH, params={"q": f"{word} plate"})).json()["hits"][0]
        assert plate["matched_variant"] is None
        none = await shared_shop.client.get(SEARCH, params={f"attr.{code_of(option)}": "Pink"})
        assert none.json()["total"] == 0
    finally:
        search._engine_rests_until = 0.0


async def test_the_price_of_the_variant_is_in_the_currency_asked_for(shared_shop: Installation) -> None:
    word = unique("Word")
    product = await make_variants(shared_shop, SIZES, name=word)
    response = await shared_shop.admin.put(
        f"/api/v1/variants/{product['variants'][1]['id']}/prices", json={"prices": [{"price": price(1100, "USD")}]}
    )
    assert response.status_code == 200, response.text
    await settle(shared_shop)
    assert (await hit(shared_shop, q=f"{word} m"))["matched_variant"]["price"] == price(1000)
    asked = await hit(shared_shop, q=f"{word} m", currency="USD")
    assert asked["matched_variant"]["price"] == price(1100, "USD")
    assert (await hit(shared_shop, q=f"{word} l", currency="USD"))["matched_variant"]["price"] is None
