"""Whatever changes a product, by whatever way: search shows it after the next drain."""

import pytest

from tests.api.searching import ask, find, options, settle, stocked
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation
from tests.support.pictures import show


async def change(shop: Installation, path: str, **fields: object) -> None:
    """Change something through the API, and let the index follow."""
    response = await shop.admin.patch(f"/api/v1{path}", json=fields)
    assert response.status_code == 200, response.text
    await settle(shop)


async def execute(shop: Installation, sql: str, *values: object) -> None:
    """Change something in the database itself, and let the index follow."""
    await shop.execute(sql, *values)
    await settle(shop)


async def only_hit(shop: Installation, **filters: object) -> Json:
    """The one hit there is."""
    [hit] = (await ask(shop, **filters))["hits"]
    found: Json = hit
    return found


# --- products ------------------------------------------------------------------------------------------------------------


async def test_a_renamed_product_is_found_by_its_new_name_only(shared_shop: Installation) -> None:
    old, new = unique("Old"), unique("New")
    made = await make_product(shared_shop, name=old)
    await settle(shared_shop)
    await change(shared_shop, f"/products/{made['id']}", name=new)
    assert (await find(shared_shop, q=new), await find(shared_shop, q=old)) == ([new], [])


async def test_a_changed_price_shows_filters_and_sorts(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "a", "price": price(100)}, {"name": "b", "price": price(200)})
    [hit] = (await ask(shared_shop, category=category, price_max=150))["hits"]
    await change(shared_shop, f"/products/{hit['id']}", price=price(300))
    assert await find(shared_shop, category=category, price_max=150) == []
    assert await find(shared_shop, category=category, sort="price") == ["b", "a"]
    assert (await ask(shared_shop, category=category, sort="-price"))["hits"][0]["price"] == price(300)


@pytest.mark.parametrize("hide", [{"status": "draft"}, {"status": "archived"}, {"publish_at": "2999-01-01T00:00:00Z"}])
async def test_an_unpublished_product_disappears_and_comes_back(shared_shop: Installation, hide: Json) -> None:
    category = await stocked(shared_shop, {"name": "Lamp"})
    made = await only_hit(shared_shop, category=category)
    await change(shared_shop, f"/products/{made['id']}", **hide)
    assert await find(shared_shop, category=category) == []
    await change(shared_shop, f"/products/{made['id']}", status="active", publish_at=None)
    assert await find(shared_shop, category=category) == ["Lamp"]


async def test_a_deleted_product_disappears(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Lamp"})
    made = await only_hit(shared_shop, category=category)
    await shared_shop.admin.delete(f"/api/v1/products/{made['id']}")
    await settle(shared_shop)
    assert (await ask(shared_shop, category=category))["total"] == 0


async def test_a_product_that_moves_to_another_category_moves_in_search(shared_shop: Installation) -> None:
    category, other = await stocked(shared_shop, {"name": "Lamp"}), await make_category(shared_shop)
    made = await only_hit(shared_shop, category=category)
    await change(shared_shop, f"/products/{made['id']}", category_id=other["id"])
    assert await find(shared_shop, category=category) == []
    assert await find(shared_shop, category=other["id"]) == ["Lamp"]


@pytest.mark.parametrize(
    ("sql", "field", "expected"),
    [
        ("UPDATE product SET name = 'By hand' WHERE id = $1", "name", "By hand"),
        ("UPDATE variant SET price_amount = 777 WHERE product_id = $1", "price", price(777)),
        ("UPDATE variant SET stock = 0 WHERE product_id = $1", "in_stock", False),
        ("UPDATE variant SET sku = 'HAND-' || id WHERE product_id = $1 RETURNING sku", "sku", None),
        (
            "UPDATE product SET rating_average = 4.25, rating_count = 8 WHERE id = $1",
            "rating",
            {"average": 4.25, "count": 8},
        ),
    ],
)
async def test_a_row_changed_by_hand_is_followed(
    shared_shop: Installation, sql: str, field: str, expected: object
) -> None:
    category = await stocked(shared_shop, {"name": "Lamp"})
    made = await only_hit(shared_shop, category=category)
    await execute(shared_shop, sql, made["id"])
    hit = await only_hit(shared_shop, category=category)
    if field == "sku":
        assert hit["sku"].startswith("HAND-")
    else:
        assert hit[field] == expected


async def test_rows_removed_by_hand_are_followed(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Lamp"})
    made = await only_hit(shared_shop, category=category)
    await shared_shop.execute("DELETE FROM variant WHERE product_id = $1", made["id"])
    await execute(shared_shop, "DELETE FROM product WHERE id = $1", made["id"])
    assert await find(shared_shop, category=category) == []


async def test_a_picture_added_by_hand_shows(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Lamp"})
    made = await only_hit(shared_shop, category=category)
    await show(shared_shop, made, "lamp.webp", alt="A lamp", size=(800, 600), color="#aabbcc")
    await settle(shared_shop)
    image = (await only_hit(shared_shop, category=category))["image"]
    assert (image["url"], image["alt"], image["width"], image["height"]) == ("/media/lamp.webp", "A lamp", 800, 600)


async def test_many_rows_changed_by_one_statement_are_followed(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, *({"name": f"Lamp {letter}"} for letter in "abc"))
    await execute(shared_shop, "UPDATE product SET name = upper(name) WHERE category_id = $1", category)
    assert sorted(await find(shared_shop, category=category)) == ["LAMP A", "LAMP B", "LAMP C"]


# --- what products refer to ----------------------------------------------------------------------------------------------


async def test_a_renamed_brand_shows_and_is_found(shared_shop: Installation) -> None:
    brand, name = await make_brand(shared_shop), unique("Brand")
    category = await stocked(shared_shop, {"name": "Lamp", "brand_id": brand["id"]})
    await change(shared_shop, f"/brands/{brand['id']}", name=name, slug=name.lower())
    hit = await only_hit(shared_shop, category=category)
    assert (hit["brand"]["name"], hit["brand"]["slug"]) == (name, name.lower())
    assert await find(shared_shop, q=name) == ["Lamp"]
    for slug in (name.lower(), brand["slug"]):  # a former slug stands for what had it
        assert await find(shared_shop, brand=slug) == ["Lamp"]


async def test_a_renamed_category_shows_in_everything_below(shared_shop: Installation) -> None:
    top, name = await make_category(shared_shop), unique("Shelf")
    leaf = await make_category(shared_shop, parent_id=top["id"])
    await make_product(shared_shop, name="Lamp", category_id=leaf["id"])
    await settle(shared_shop)
    await change(shared_shop, f"/categories/{top['id']}", name=name)
    hit = await only_hit(shared_shop, category=leaf["id"])
    assert [step["name"] for step in hit["category"]["path"]] == [name, leaf["name"]]
    assert await find(shared_shop, q=name) == ["Lamp"]


async def test_a_moved_category_takes_its_products_along(shared_shop: Installation) -> None:
    old, new = await make_category(shared_shop), await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=old["id"])
    await make_product(shared_shop, name="Lamp", category_id=leaf["id"])
    await settle(shared_shop)
    assert await find(shared_shop, category=old["slug"]) == ["Lamp"]
    move = {"parent_id": new["id"]}
    assert (await shared_shop.admin.post(f"/api/v1/categories/{leaf['id']}/move", json=move)).status_code == 200
    await settle(shared_shop)
    assert await find(shared_shop, category=old["slug"]) == []
    assert await find(shared_shop, category=new["slug"]) == ["Lamp"]


async def test_an_attribute_becomes_a_filter_and_ceases_to_be_one(shared_shop: Installation) -> None:
    attribute = await make_attribute(shared_shop)
    code = attribute["code"]
    category = await stocked(shared_shop, {"name": "Lamp", "attributes": {code: "oak"}})
    await change(shared_shop, f"/attributes/{code}", is_facet=True)
    assert await find(shared_shop, category=category, **{f"attr.{code}": "oak"}) == ["Lamp"]
    facet = f"attr.{code}"
    assert options(await ask(shared_shop, category=category, facets=facet), facet) == {"oak": 1}
    await change(shared_shop, f"/attributes/{code}", is_facet=False)
    response = await shared_shop.client.get("/api/v1/search", params={facet: "oak"})
    assert response.status_code == 400


async def test_values_of_an_attribute_are_found_when_it_is_searchable(shared_shop: Installation) -> None:
    attribute, word = await make_attribute(shared_shop), unique("Oak")
    await stocked(shared_shop, {"name": "Lamp", "attributes": {attribute["code"]: word}})
    assert await find(shared_shop, q=word) == []
    await change(shared_shop, f"/attributes/{attribute['code']}", is_searchable=True)
    assert await find(shared_shop, q=word) == ["Lamp"]


async def test_a_renamed_attribute_is_found_by_its_new_name(shared_shop: Installation) -> None:
    old, new = unique("Foldable"), unique("Collapsible")
    attribute = await make_attribute(shared_shop, type="boolean", name=old, is_searchable=True)
    await stocked(shared_shop, {"name": "Lamp", "attributes": {attribute["code"]: True}})
    assert await find(shared_shop, q=old) == ["Lamp"]
    await change(shared_shop, f"/attributes/{attribute['code']}", name=new)
    assert (await find(shared_shop, q=old), await find(shared_shop, q=new)) == ([], ["Lamp"])
