"""What products of a category are expected to have, down the tree, and what active ones must have."""

from functools import partial

import httpx
import pytest

from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json, make_attribute, make_category, make_product, unique
from tests.support.installation import Installation
from tests.support.people import make_person


def address(category: Json) -> str:
    """Where the attributes of a category are."""
    return f"/api/v1/categories/{category['slug']}/attributes"


async def bind(
    shop: Installation, category: Json, *items: Json | str, force: bool = False, if_match: str | None = None
) -> httpx.Response:
    """Say what the products of a category are expected to have; a bare code is one that they may lack."""
    body = {"items": [{"code": item} if isinstance(item, str) else item for item in items]}
    parameters = {"force": "true"} if force else {}
    headers = {"If-Match": if_match} if if_match else {}
    return await shop.admin.put(address(category), json=body, params=parameters, headers=headers)


def required(code: str) -> Json:
    """An attribute that active products must have."""
    return {"code": code, "is_required": True}


async def make_codes(shop: Installation, number: int) -> list[str]:
    """Codes of new text attributes."""
    return [(await make_attribute(shop))["code"] for _ in range(number)]


async def make_line(shop: Installation, depth: int) -> list[Json]:
    """Categories below each other, the topmost first."""
    line: list[Json] = []
    for _ in range(depth):
        line.append(await make_category(shop, parent_id=line[-1]["id"] if line else None))
    return line


async def read(shop: Installation, category: Json) -> list[tuple[str, bool, str | None]]:
    """Code, whether it is required and the slug of where it comes from, of each attribute in order."""
    items = (await shop.client.get(address(category))).json()["items"]
    return [(i["code"], i["is_required"], i["inherited_from"] and i["inherited_from"]["slug"]) for i in items]


# --- bindings ------------------------------------------------------------------------------------------------------------


async def test_what_is_bound_comes_back_in_order_with_the_definition(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    width = await make_attribute(shared_shop, type="number", unit="cm", name="Width")
    size = await make_attribute(shared_shop, type="enum", options=["S", "M"], name="Size")
    response = await bind(shared_shop, category, required(width["code"]), size["code"])
    assert response.status_code == 200
    body = response.json()
    assert body["category"] == {field: category[field] for field in ("id", "slug", "name")}
    assert body["version"] == 2
    expected = [
        {"is_required": True, "position": 0, "inherited_from": None},
        {"is_required": False, "position": 1, "inherited_from": None},
    ]
    for item, definition, binding in zip(body["items"], (width, size), expected, strict=True):
        assert item == {field: definition[field] for field in ("code", "name", "type", "unit", "options")} | binding
    found = await shared_shop.client.get(address(category))
    assert (found.json(), found.headers["etag"]) == (body, response.headers["etag"])


async def test_what_is_bound_holds_below_and_the_nearest_binding_counts(shared_shop: Installation) -> None:
    top, middle, leaf = await make_line(shared_shop, 3)
    one, two, three = await make_codes(shared_shop, 3)
    await bind(shared_shop, top, required(one), two)
    await bind(shared_shop, middle, required(two), {"code": one, "position": 9})
    await bind(shared_shop, leaf, three)
    assert await read(shared_shop, top) == [(one, True, None), (two, False, None)]
    assert await read(shared_shop, middle) == [(two, True, None), (one, False, None)]
    assert await read(shared_shop, leaf) == [
        (two, True, middle["slug"]),
        (one, False, middle["slug"]),
        (three, False, None),
    ]


async def test_a_move_changes_what_is_inherited(shared_shop: Installation) -> None:
    [first], [second] = await make_line(shared_shop, 1), await make_line(shared_shop, 1)
    leaf = await make_category(shared_shop, parent_id=first["id"])
    one, two = await make_codes(shared_shop, 2)
    await bind(shared_shop, first, one)
    await bind(shared_shop, second, two)
    await shared_shop.admin.post(f"/api/v1/categories/{leaf['id']}/move", json={"parent_id": second["id"]})
    assert await read(shared_shop, leaf) == [(two, False, second["slug"])]


async def test_a_put_replaces_what_the_category_says_itself(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    one, two, three = await make_codes(shared_shop, 3)
    await bind(shared_shop, category, one, two)
    await bind(shared_shop, category, three, required(one))
    assert await read(shared_shop, category) == [(three, False, None), (one, True, None)]
    assert (await bind(shared_shop, category)).json()["items"] == []


async def test_saying_the_same_again_changes_nothing(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    [code] = await make_codes(shared_shop, 1)
    first = await bind(shared_shop, category, required(code))
    again = await bind(shared_shop, category, required(code))
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])


async def test_a_deleted_attribute_is_bound_nowhere(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    [code] = await make_codes(shared_shop, 1)
    await bind(shared_shop, category, required(code))
    assert (await shared_shop.admin.delete(f"/api/v1/attributes/{code}")).status_code == 204
    assert await read(shared_shop, category) == []
    await make_product(shared_shop, category_id=category["id"])


async def test_attributes_of_a_category_are_read_in_one_statement(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    with shared_shop.counted() as statements:
        await shared_shop.client.get(address(category))
    assert len(statements) == 1


async def test_a_stale_version_is_refused(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    one, two = await make_codes(shared_shop, 2)
    tag = (await shared_shop.client.get(address(category))).headers["etag"]
    assert (await bind(shared_shop, category, one, if_match=tag)).status_code == 200
    problem = expect_problem(await bind(shared_shop, category, two, if_match=tag), 412, "stale_version")
    assert problem["current_version"] == 2
    assert await read(shared_shop, category) == [(one, False, None)]


@pytest.mark.parametrize(
    ("items", "pointer", "code"),
    [
        ([{"code": "there_is_no_such"}], "/items/0/code", "unknown_attribute"),
        ([{"code": "known"}, {"code": "known"}], "/items/1/code", "attribute_repeated"),
        ([{"code": "Not a code"}], "/items/0/code", "invalid"),
        ([{"is_required": True}], "/items/0/code", "missing_field"),
        ([{"code": "known", "required": True}], "/items/0/required", "unknown_field"),
        ([{"code": "known", "position": -1}], "/items/0/position", "invalid"),
        ([{"code": "known", "is_required": "yes"}], "/items/0/is_required", "invalid"),
        ([{"code": "known"}] * 201, "/items", "invalid"),
        ("known", "/items", "invalid"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_place(
    shared_shop: Installation, items: object, pointer: str, code: str
) -> None:
    category = await make_category(shared_shop)
    [known] = await make_codes(shared_shop, 1)
    if isinstance(items, list):
        items = [{**item, "code": known} if item.get("code") == "known" else item for item in items]
    response = await shared_shop.admin.put(address(category), json={"items": items})
    expect_invalid(response, pointer, code)
    assert await read(shared_shop, category) == []


async def test_bindings_of_what_is_not_there_are_not_found(shared_shop: Installation) -> None:
    missing = {"slug": unique("nothing")}
    expect_problem(await shared_shop.client.get(address(missing)), 404, "not_found")
    expect_problem(await bind(shared_shop, missing), 404, "not_found")


async def test_only_admins_bind(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    seller = await make_person(shared_shop, "seller")
    expect_problem(await seller.client.put(address(category), json={"items": []}), 403, "missing_role")
    expect_problem(await shared_shop.client.put(address(category), json={"items": []}), 401, "unauthenticated")


async def test_who_bound_what_is_in_the_audit_log(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    [code] = await make_codes(shared_shop, 1)
    await bind(shared_shop, category, code)
    await bind(shared_shop, category, required(code))
    await bind(shared_shop, category)
    events = await shared_shop.admin.get("/api/v1/audit", params={"resource": category["id"]})
    changes = [(e["resource"]["type"], e["action"]) for e in events.json()["items"]]
    assert changes[:3] == [("category_attribute", action) for action in ("delete", "update", "create")]


# --- required ------------------------------------------------------------------------------------------------------------


async def make_strict(shop: Installation) -> tuple[Json, Json, str]:
    """A category, one below it, and the code of an attribute that is required in both."""
    top, leaf = await make_line(shop, 2)
    [code] = await make_codes(shop, 1)
    assert (await bind(shop, top, required(code))).status_code == 200
    return top, leaf, code


async def test_an_active_product_needs_what_its_category_requires_and_what_it_inherits(
    shared_shop: Installation,
) -> None:
    top, leaf, code = await make_strict(shared_shop)
    for category in (top, leaf):
        body = {"name": "x", "status": "active", "category_id": category["id"]}
        refused = await shared_shop.admin.post("/api/v1/products", json=body)
        expect_invalid(refused, f"/attributes/{code}", "required")
        filled = await shared_shop.admin.post("/api/v1/products", json={**body, "attributes": {code: "x"}})
        assert filled.status_code == 201


@pytest.mark.parametrize("status", ["draft", "archived"])
async def test_a_product_may_lack_it_until_it_becomes_active(shared_shop: Installation, status: str) -> None:
    _top, leaf, code = await make_strict(shared_shop)
    product = await make_product(shared_shop, category_id=leaf["id"], status=status)
    place = f"/api/v1/products/{product['id']}"
    assert (await shared_shop.admin.patch(place, json={"name": "Still unfinished"})).status_code == 200
    expect_invalid(await shared_shop.admin.patch(place, json={"status": "active"}), f"/attributes/{code}", "required")
    done = await shared_shop.admin.patch(place, json={"status": "active", "attributes": {code: "x"}})
    assert done.status_code == 200


async def test_an_active_product_cannot_lose_it(shared_shop: Installation) -> None:
    _top, leaf, code = await make_strict(shared_shop)
    product = await make_product(shared_shop, category_id=leaf["id"], attributes={code: "x"})
    place = f"/api/v1/products/{product['id']}"
    gone = await shared_shop.admin.patch(place, json={"attributes": {code: None}})
    expect_invalid(gone, f"/attributes/{code}", "required")
    put = {"name": "x", "status": "active", "category_id": leaf["id"]}
    expect_invalid(await shared_shop.admin.put(place, json=put), f"/attributes/{code}", "required")
    assert (await shared_shop.client.get(place)).json()["attributes"] == {code: "x"}
    assert (await shared_shop.admin.put(place, json={**put, "status": "draft"})).status_code == 200


async def test_a_product_that_moves_into_a_category_needs_what_is_required_there(shared_shop: Installation) -> None:
    _top, leaf, code = await make_strict(shared_shop)
    product = await make_product(shared_shop)
    place = f"/api/v1/products/{product['id']}"
    refused = await shared_shop.admin.patch(place, json={"category_id": leaf["id"]})
    expect_invalid(refused, f"/attributes/{code}", "required")
    moved = await shared_shop.admin.patch(place, json={"category_id": leaf["id"], "attributes": {code: "x"}})
    assert moved.status_code == 200


async def test_every_required_attribute_that_lacks_is_named(shared_shop: Installation) -> None:
    top, leaf, one = await make_strict(shared_shop)
    two, optional = await make_codes(shared_shop, 2)
    await bind(shared_shop, leaf, required(two), optional)
    body = {"name": "x", "status": "active", "category_id": leaf["id"]}
    problem = expect_invalid(await shared_shop.admin.post("/api/v1/products", json=body), f"/attributes/{one}")
    assert {error["pointer"] for error in problem["errors"]} == {f"/attributes/{one}", f"/attributes/{two}"}
    assert (await read(shared_shop, top)) == [(one, True, None)]


async def test_attributes_that_a_category_does_not_expect_are_welcome(shared_shop: Installation) -> None:
    _top, leaf, code = await make_strict(shared_shop)
    [other] = await make_codes(shared_shop, 1)
    product = await make_product(shared_shop, category_id=leaf["id"], attributes={code: "x", other: "y"})
    assert product["attributes"] == {code: "x", other: "y"}


async def test_what_active_products_lack_is_not_made_required(shared_shop: Installation) -> None:
    top, leaf = await make_line(shared_shop, 2)
    [code] = await make_codes(shared_shop, 1)
    lacking = [await make_product(shared_shop, category_id=c["id"]) for c in (top, leaf, leaf)]
    await make_product(shared_shop, category_id=leaf["id"], status="draft")
    await make_product(shared_shop, category_id=leaf["id"], attributes={code: "x"})
    problem = expect_problem(await bind(shared_shop, top, required(code)), 409, "required_missing")
    assert problem["count"] == 3
    assert code in problem["detail"]
    assert await read(shared_shop, top) == []
    for product in lacking:
        place = f"/api/v1/products/{product['id']}"
        assert (await shared_shop.admin.patch(place, json={"attributes": {code: "x"}})).status_code == 200
    assert (await bind(shared_shop, top, required(code))).status_code == 200


async def test_a_nearer_binding_keeps_its_products_out_of_the_count(shared_shop: Installation) -> None:
    top, leaf = await make_line(shared_shop, 2)
    [code] = await make_codes(shared_shop, 1)
    await bind(shared_shop, leaf, code)
    await make_product(shared_shop, category_id=leaf["id"])
    assert (await bind(shared_shop, top, required(code))).status_code == 200
    assert expect_problem(await bind(shared_shop, leaf), 409, "required_missing")["count"] == 1


async def test_an_option_of_the_variants_is_as_good_as_a_value(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    name = f"Shoe {unique('size')}"
    code = name.lower().replace(" ", "_")
    await make_attribute(shared_shop, code=code)
    options = [{"name": name, "values": ["41", "42"]}]
    product = await make_product(shared_shop, category_id=category["id"], options=options)
    assert (await bind(shared_shop, category, required(code))).status_code == 200
    place = f"/api/v1/products/{product['id']}"
    assert (await shared_shop.admin.patch(place, json={"name": "Renamed"})).status_code == 200
    expect_invalid(await shared_shop.admin.patch(place, json={"options": []}), f"/attributes/{code}", "required")
    generated = await shared_shop.admin.post(
        f"{place}/variants/generate", json={"options": [{"name": "Fit", "values": ["A"]}]}
    )
    expect_invalid(generated, f"/attributes/{code}", "required")
    swapped = {"options": [], "attributes": {code: "41"}}
    assert (await shared_shop.admin.patch(place, json=swapped)).status_code == 200
    draft = await make_product(shared_shop, category_id=category["id"], options=options, status="draft")
    publish = {"ids": [draft["id"]], "action": "publish"}
    published = await shared_shop.admin.post("/api/v1/products/publish", json=publish)
    assert [result["status"] for result in published.json()["results"]] == [200], published.text
    completeness = await shared_shop.admin.get(f"/api/v1/products/{draft['id']}/completeness")
    assert f"attributes.{code}" not in {item["field"] for item in completeness.json()["missing"]}
    listed = await shared_shop.admin.get("/api/v1/products/completeness", params={"missing": f"attributes.{code}"})
    assert listed.json()["items"] == []


async def test_forced_it_is_required_from_the_next_edit_on(shared_shop: Installation) -> None:
    [category] = await make_line(shared_shop, 1)
    [code] = await make_codes(shared_shop, 1)
    product = await make_product(shared_shop, category_id=category["id"])
    assert (await bind(shared_shop, category, required(code), force=True)).status_code == 200
    place = f"/api/v1/products/{product['id']}"
    assert (await shared_shop.client.get(place)).json() == product
    expect_invalid(await shared_shop.admin.patch(place, json={"name": "x"}), f"/attributes/{code}", "required")
    assert (await shared_shop.admin.patch(place, json={"status": "archived"})).status_code == 200
    assert (await bind(shared_shop, category, required(code))).status_code == 200  # nothing new becomes required


async def test_a_rule_and_a_product_written_at_once_never_contradict_each_other(shared_shop: Installation) -> None:
    for _ in range(6):
        [top, leaf] = await make_line(shared_shop, 2)
        [code] = await make_codes(shared_shop, 1)
        draft = await make_product(shared_shop, category_id=leaf["id"], status="draft")
        bound, published = await at_once(
            partial(bind, shared_shop, top, required(code)),
            partial(shared_shop.admin.patch, f"/api/v1/products/{draft['id']}", json={"status": "active"}),
        )
        assert {bound.status_code, published.status_code} in ({200, 400}, {409, 200}), (bound.text, published.text)
