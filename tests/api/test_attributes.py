"""Definitions of attributes, and the values that products may have of them."""

from functools import partial

import pytest

from tests.support.answers import at_once, expect_invalid, expect_problem, read_all
from tests.support.builders import Json, make_attribute, make_product
from tests.support.installation import Installation


def address(attribute: Json) -> str:
    """Where an attribute is."""
    return f"/api/v1/attributes/{attribute['code']}"


async def make_with_value(shop: Installation, value: object, **definition: object) -> tuple[Json, Json]:
    """An attribute, and a product that has a value of it."""
    attribute = await make_attribute(shop, **definition)
    return attribute, await make_product(shop, attributes={attribute["code"]: value})


# --- definitions ---------------------------------------------------------------------------------------------------------


async def test_a_definition_comes_back_as_given(shared_shop: Installation) -> None:
    fields = {
        "name": "Screen size",
        "type": "number",
        "unit": "in",
        "is_facet": True,
        "is_searchable": True,
        "position": 3,
    }
    made = await make_attribute(shared_shop, **fields)
    assert {field: made[field] for field in fields} == fields
    assert made["options"] == []


@pytest.mark.parametrize(
    ("definition", "pointer", "code"),
    [
        ({"type": "currency"}, "/type", "invalid"),
        ({"type": "enum"}, "/options", "options_missing"),
        ({"type": "enum", "options": []}, "/options", "options_missing"),
        ({"type": "enum", "options": ["a", "a"]}, "/options", "options_repeated"),
        ({"type": "enum", "options": ["a", ""]}, "/options/1", "invalid"),
        ({"type": "text", "options": ["a"]}, "/options", "options_without_enum"),
        ({"type": "text", "unit": "cm"}, "/unit", "unit_without_number"),
        ({"type": "number", "unit": "c\n"}, "/unit", "invalid"),
        ({"type": "number", "unit": ""}, "/unit", "invalid"),
        ({"code": "Screen Size"}, "/code", "invalid"),
        ({"code": "1st"}, "/code", "invalid"),
        ({"code": "a\n"}, "/code", "invalid"),
        ({"code": "x" * 61}, "/code", "invalid"),
        ({"position": -1}, "/position", "invalid"),
        ({"is_facet": "yes"}, "/is_facet", "invalid"),
    ],
)
async def test_a_definition_that_makes_no_sense_is_refused(
    shared_shop: Installation, definition: Json, pointer: str, code: str
) -> None:
    body = {"code": "sense", "name": "Sense", "type": "text", **definition}
    expect_invalid(await shared_shop.admin.post("/api/v1/attributes", json=body), pointer, code)


async def test_the_code_never_changes(shared_shop: Installation) -> None:
    made = await make_attribute(shared_shop)
    put = await shared_shop.admin.put(address(made), json={"code": "other", "name": "x", "type": "text"})
    expect_invalid(put, "/code", "immutable")
    expect_invalid(await shared_shop.admin.patch(address(made), json={"code": "other"}), "/code", "unknown_field")


async def test_a_put_gives_what_it_leaves_out_its_default(shared_shop: Installation) -> None:
    made = await make_attribute(shared_shop, type="number", unit="cm", is_facet=True, position=4)
    response = await shared_shop.admin.put(
        address(made), json={"code": made["code"], "name": "Width", "type": "number"}
    )
    replaced = response.json()
    assert (replaced["name"], replaced["unit"], replaced["is_facet"], replaced["position"]) == ("Width", None, False, 0)


async def test_an_attribute_without_values_can_change_its_type_and_be_deleted(shared_shop: Installation) -> None:
    made = await make_attribute(shared_shop)
    response = await shared_shop.admin.patch(address(made), json={"type": "enum", "options": ["a"]})
    assert (response.json()["type"], response.json()["options"]) == ("enum", ["a"])
    assert (await shared_shop.admin.delete(address(made))).status_code == 204


async def test_an_attribute_with_values_keeps_its_type_and_stays(shared_shop: Installation) -> None:
    attribute, product = await make_with_value(shared_shop, "5")
    expect_problem(await shared_shop.admin.patch(address(attribute), json={"type": "number"}), 409, "attribute_in_use")
    expect_problem(await shared_shop.admin.delete(address(attribute)), 409, "attribute_in_use")
    await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"attributes": {attribute["code"]: None}})
    assert (await shared_shop.admin.delete(address(attribute))).status_code == 204


@pytest.mark.parametrize("kind", ["enum", "color"])
async def test_an_option_in_use_cannot_be_taken_away(shared_shop: Installation, kind: str) -> None:
    attribute, product = await make_with_value(shared_shop, "red", type=kind, options=["red", "green"])
    problem = expect_problem(
        await shared_shop.admin.patch(address(attribute), json={"options": ["green", "blue"]}), 409, "attribute_in_use"
    )
    assert "red" in problem["detail"]
    fewer = await shared_shop.admin.patch(address(attribute), json={"options": ["red", "blue"]})
    assert fewer.json()["options"] == ["red", "blue"]
    await shared_shop.admin.delete(f"/api/v1/products/{product['id']}")
    assert (await shared_shop.admin.patch(address(attribute), json={"options": ["blue"]})).status_code == 200


async def test_a_refusal_counts_the_products_in_the_way(shared_shop: Installation) -> None:
    attribute, _product = await make_with_value(shared_shop, "red", type="enum", options=["red", "green", "blue"])
    for value, status in (("red", "draft"), ("green", "archived"), ("blue", "active")):
        await make_product(shared_shop, status=status, attributes={attribute["code"]: value})
    gone = await make_product(shared_shop, attributes={attribute["code"]: "red"})
    await shared_shop.admin.delete(f"/api/v1/products/{gone['id']}")
    for change, count in (({"type": "text", "options": []}, 4), ({"options": ["blue"]}, 3), ({"options": ["red"]}, 2)):
        refused = await shared_shop.admin.patch(address(attribute), json=change)
        assert expect_problem(refused, 409, "attribute_in_use")["count"] == count, change
    assert expect_problem(await shared_shop.admin.delete(address(attribute)), 409, "attribute_in_use")["count"] == 4


@pytest.mark.parametrize("unit", ["mm", None])
async def test_the_unit_of_values_in_use_stays(shared_shop: Installation, unit: str | None) -> None:
    attribute, _product = await make_with_value(shared_shop, 5, type="number", unit="cm")
    refused = await shared_shop.admin.patch(address(attribute), json={"unit": unit})
    assert expect_problem(refused, 409, "attribute_in_use")["count"] == 1
    assert (await shared_shop.admin.patch(address(attribute), json={"unit": "cm"})).status_code == 200


@pytest.mark.parametrize("change", [{"type": "text"}, {"options": ["small"]}, None], ids=["type", "options", "delete"])
async def test_a_definition_and_a_value_written_at_once_never_contradict_each_other(
    shared_shop: Installation, change: Json | None
) -> None:
    admin = shared_shop.admin
    for _ in range(5):
        attribute = await make_attribute(shared_shop, type="enum", options=["small", "large"])
        product = await make_product(shared_shop)
        value = {"attributes": {attribute["code"]: "large"}}
        written, changed = await at_once(
            partial(admin.patch, f"/api/v1/products/{product['id']}", json=value),
            partial(admin.patch, address(attribute), json={"options": [], **change})
            if change
            else partial(admin.delete, address(attribute)),
        )
        if change == {"type": "text"} and written.status_code == 200 and changed.status_code == 200:
            continue  # the change came first, and "large" is a text as well
        assert (written.status_code == 200) != (changed.status_code < 300), (written.text, changed.text)


async def test_attributes_are_listed_by_code(empty_shop: Installation) -> None:
    for code in ("weight", "colour", "size"):
        await make_attribute(empty_shop, code=code)
    listed = await read_all(empty_shop.client, "/attributes", limit=2)
    assert [attribute["code"] for attribute in listed] == ["colour", "size", "weight"]


# --- values --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"type": "text"}, "any text, even 漢字"),
        ({"type": "number"}, 5),
        ({"type": "number"}, -2.5),
        ({"type": "number"}, 0),
        ({"type": "number"}, 10**15),
        ({"type": "boolean"}, False),
        ({"type": "enum", "options": ["S", "M"]}, "M"),
        ({"type": "color"}, "petrol"),
        ({"type": "color", "options": ["red"]}, "red"),
        ({"type": "date"}, "2026-02-28"),
    ],
)
async def test_a_value_of_its_type_is_kept(shared_shop: Installation, definition: Json, value: object) -> None:
    attribute, product = await make_with_value(shared_shop, value, **definition)
    assert product["attributes"] == {attribute["code"]: value}


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"type": "text"}, 5),
        ({"type": "text"}, True),
        ({"type": "text"}, ""),
        ({"type": "text"}, " \t"),
        ({"type": "text"}, "nul\0"),
        ({"type": "text"}, "x" * 2001),
        ({"type": "number"}, "5"),
        ({"type": "number"}, True),
        ({"type": "number"}, 10**15 + 1),
        ({"type": "number"}, -1e300),
        ({"type": "boolean"}, "true"),
        ({"type": "boolean"}, 1),
        ({"type": "enum", "options": ["S", "M"]}, "L"),
        ({"type": "enum", "options": ["S", "M"]}, "s"),
        ({"type": "color", "options": ["red"]}, "blue"),
        ({"type": "date"}, "2026-02-30"),
        ({"type": "date"}, "28.2.2026"),
        ({"type": "date"}, "20260228"),
        ({"type": "date"}, 20260228),
    ],
)
async def test_a_value_of_another_type_is_refused_by_name(
    shared_shop: Installation, definition: Json, value: object
) -> None:
    attribute = await make_attribute(shared_shop, **definition)
    body = {"name": "x", "attributes": {attribute["code"]: value}}
    response = await shared_shop.admin.post("/api/v1/products", json=body)
    expect_invalid(response, f"/attributes/{attribute['code']}", "attribute_mismatch")


async def test_every_value_that_does_not_fit_is_named(shared_shop: Installation) -> None:
    number, text = await make_attribute(shared_shop, type="number"), await make_attribute(shared_shop)
    values = {number["code"]: "x", text["code"]: 1, "unknown_one": "x"}
    response = await shared_shop.admin.post("/api/v1/products", json={"name": "x", "attributes": values})
    for code in values:
        expect_invalid(response, f"/attributes/{code}")


# --- units ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "sent", "stored"),
    [
        ("g", {"value": 1.5, "unit": "kg"}, 1500),
        ("cm", {"value": 10, "unit": "in"}, 25.4),
        ("cm", {"value": 25.4, "unit": "cm"}, 25.4),
        ("EU", {"value": 42, "unit": "EU"}, 42),
        ("°C", {"value": 0, "unit": "K"}, -273.15),
        ("kg", 3, 3),
    ],
)
async def test_a_number_is_stored_in_the_unit_of_its_attribute(
    shared_shop: Installation, unit: str, sent: object, stored: float
) -> None:
    attribute, product = await make_with_value(shared_shop, sent, type="number", unit=unit)
    assert product["attributes"] == {attribute["code"]: stored}
    place = f"/api/v1/products/{product['id']}"
    for method in ("PATCH", "PUT"):
        body = {"name": product["name"], "attributes": {attribute["code"]: sent}}
        changed = await shared_shop.admin.request(method, place, json=body)
        assert changed.json()["attributes"] == {attribute["code"]: stored}, changed.text


@pytest.mark.parametrize(
    ("definition", "sent", "code"),
    [
        ({"type": "number", "unit": "kg"}, {"value": 1, "unit": "cm"}, "unit_mismatch"),
        ({"type": "number", "unit": "kg"}, {"value": 1, "unit": "stone"}, "unit_mismatch"),
        ({"type": "number", "unit": "EU"}, {"value": 1, "unit": "UK"}, "unit_mismatch"),
        ({"type": "number"}, {"value": 1, "unit": "kg"}, "unit_mismatch"),
        ({"type": "text"}, {"value": 1, "unit": "kg"}, "unit_mismatch"),
        ({"type": "number", "unit": "mg"}, {"value": 10**14, "unit": "t"}, "attribute_mismatch"),
        ({"type": "number", "unit": "mg"}, {"value": 1e300, "unit": "mg"}, "attribute_mismatch"),
        ({"type": "number", "unit": "kg"}, "1 kg", "attribute_mismatch"),
    ],
)
async def test_a_unit_that_does_not_fit_is_refused_by_name(
    shared_shop: Installation, definition: Json, sent: object, code: str
) -> None:
    attribute = await make_attribute(shared_shop, **definition)
    body = {"name": "x", "attributes": {attribute["code"]: sent}}
    response = await shared_shop.admin.post("/api/v1/products", json=body)
    expect_invalid(response, f"/attributes/{attribute['code']}", code)


@pytest.mark.parametrize(
    "sent",
    [
        {"value": 1},
        {"unit": "kg"},
        {"value": "1", "unit": "kg"},
        {"value": True, "unit": "kg"},
        {"value": 1, "unit": ""},
        {"value": 1, "unit": "kg", "x": 1},
        {"value": None, "unit": "kg"},
        [1, "kg"],
    ],
)
async def test_a_quantity_is_a_number_and_a_unit(shared_shop: Installation, sent: object) -> None:
    attribute = await make_attribute(shared_shop, type="number", unit="kg")
    body = {"name": "x", "attributes": {attribute["code"]: sent}}
    response = await shared_shop.admin.post("/api/v1/products", json=body)
    assert expect_problem(response, 400, "invalid_input")["errors"][0]["pointer"].startswith("/attributes")
