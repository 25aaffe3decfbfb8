"""What holds for products, categories, brands and attributes alike."""

import pytest

from mercato.platform.ids import new_id
from tests.api.resources import Resource, each_resource, each_slugged_resource
from tests.support.answers import expect_invalid, expect_problem
from tests.support.builders import Json, unique
from tests.support.installation import Installation

WRITES = ("POST", "PUT", "PATCH", "DELETE")
STALE = '"99-000000000000"'


def _address(resource: Resource, made: Json, method: str) -> str:
    return f"/api/v1{resource.path}" if method == "POST" else resource.address(made)


# --- create and read -----------------------------------------------------------------------------------------------------


@each_resource
async def test_creating_answers_with_the_resource_its_address_and_its_tag(
    shared_shop: Installation, resource: Resource
) -> None:
    response = await shared_shop.admin.post(f"/api/v1{resource.path}", json=resource.make_body())
    assert response.status_code == 201
    found = await shared_shop.client.get(response.headers["location"])
    assert found.json() == response.json()
    assert found.headers["etag"] == response.headers["etag"]
    assert response.json()["version"] == 1


@each_resource
async def test_an_id_and_a_slug_lead_to_the_same_resource(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    by_id = await shared_shop.client.get(resource.address(made))
    by_key = await shared_shop.client.get(resource.address(made, by=resource.key))
    assert by_id.json() == by_key.json() == made


@each_resource
async def test_a_resource_is_read_in_one_statement(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    with shared_shop.counted() as statements:
        await shared_shop.client.get(resource.address(made, by=resource.key))
    assert len(statements) == 1


@each_resource
async def test_head_answers_like_get_without_a_body(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    get = await shared_shop.client.get(resource.address(made))
    head = await shared_shop.client.head(resource.address(made))
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", get.headers["etag"])
    assert head.headers["content-length"] == str(len(get.content))


@each_resource
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("key", [str(new_id()), "there-is-no-such-thing"], ids=["id", "slug"])
async def test_what_does_not_exist_is_not_found(
    shared_shop: Installation, resource: Resource, method: str, key: str
) -> None:
    body = {"PUT": resource.make_body(), "PATCH": {}}.get(method)
    response = await shared_shop.admin.request(method, f"/api/v1{resource.path}/{key}", json=body)
    expect_problem(response, 404, "not_found")


# --- who may write -------------------------------------------------------------------------------------------------------


@each_resource
@pytest.mark.parametrize("method", WRITES)
async def test_writing_without_a_key_is_refused(shared_shop: Installation, resource: Resource, method: str) -> None:
    made = await resource.make(shared_shop)
    response = await shared_shop.client.request(method, _address(resource, made, method), json=resource.make_body())
    expect_problem(response, 401, "unauthenticated")
    assert {"Bearer", "ApiKey"} <= set(response.headers["www-authenticate"].split())
    assert (await shared_shop.client.get(resource.address(made))).json() == made


@each_resource
@pytest.mark.parametrize("method", ["GET", *WRITES])
@pytest.mark.parametrize("key", ["wrong", "", "nöt-äscii".encode("latin-1")])
async def test_an_unknown_key_is_refused_even_for_what_is_public(
    shared_shop: Installation, resource: Resource, method: str, key: str | bytes
) -> None:
    made = await resource.make(shared_shop)
    response = await shared_shop.client.request(
        method,
        _address(resource, made, method),
        json={},
        headers=[(b"x-api-key", key if isinstance(key, bytes) else key.encode())],
    )
    expect_problem(response, 401, "unauthenticated")


# --- change --------------------------------------------------------------------------------------------------------------


@each_resource
async def test_a_patch_changes_what_it_names_and_counts_the_version(
    shared_shop: Installation, resource: Resource
) -> None:
    made = await resource.make(shared_shop)
    response = await shared_shop.admin.patch(resource.address(made), json={"name": "Renamed"})
    assert response.status_code == 200
    changed = response.json()
    assert (changed["name"], changed["version"]) == ("Renamed", 2)
    assert changed["updated_at"] > made["updated_at"]
    untouched = made.keys() - {"name", "version", "updated_at", "path"}
    assert {field: changed[field] for field in untouched} == {field: made[field] for field in untouched}
    assert (await shared_shop.client.get(resource.address(made))).json() == changed


@each_resource
@pytest.mark.parametrize("body", [{}, {"name": "The same name"}], ids=["empty", "same"])
async def test_a_patch_that_changes_nothing_leaves_the_version(
    shared_shop: Installation, resource: Resource, body: Json
) -> None:
    made = await resource.make(shared_shop, name="The same name")
    response = await shared_shop.admin.patch(resource.address(made), json=body)
    assert response.status_code == 200
    assert response.json() == made


@each_slugged_resource
async def test_a_put_gives_what_it_leaves_out_its_default_but_keeps_the_slug(
    shared_shop: Installation, resource: Resource
) -> None:
    made = await resource.make(shared_shop, description="Long and detailed.")
    response = await shared_shop.admin.put(resource.address(made), json={"name": "Replaced"})
    assert response.status_code == 200
    replaced = response.json()
    assert (replaced["name"], replaced["description"], replaced["slug"]) == ("Replaced", "", made["slug"])
    assert replaced["version"] == 2


@each_resource
async def test_an_unknown_field_is_refused_by_name(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    for method in ("POST", "PUT", "PATCH"):
        body = {**(resource.make_body() if method != "PATCH" else {}), "colour/of~it": "red"}
        response = await shared_shop.admin.request(method, _address(resource, made, method), json=body)
        expect_invalid(response, "/colour~1of~0it", "unknown_field")


@each_resource
async def test_a_missing_field_is_named(shared_shop: Installation, resource: Resource) -> None:
    body = resource.make_body()
    del body["name"]
    response = await shared_shop.admin.post(f"/api/v1{resource.path}", json=body)
    expect_invalid(response, "/name", "missing_field")


@each_resource
@pytest.mark.parametrize(
    "name", ["", "   ", "\u00a0", "a\nb", "trailing\n", "nul\0", "esc\x1b[31m", "c1\x9b", "\u2028", None, 5, ["x"]]
)
async def test_a_name_that_is_no_line_of_text_is_refused(
    shared_shop: Installation, resource: Resource, name: object
) -> None:
    response = await shared_shop.admin.post(f"/api/v1{resource.path}", json={**resource.make_body(), "name": name})
    expect_invalid(response, "/name")


@each_slugged_resource
@pytest.mark.parametrize("slug", ["", "Upper", "a--b", "-a", "a-", "a b", "é", "a/b", "a\n", "x" * 121, str(new_id())])
async def test_a_slug_that_is_no_slug_is_refused(shared_shop: Installation, resource: Resource, slug: str) -> None:
    response = await shared_shop.admin.post(f"/api/v1{resource.path}", json={**resource.make_body(), "slug": slug})
    expect_invalid(response, "/slug")


@each_resource
@pytest.mark.parametrize(
    "name",
    [
        "Crème brûlée 🍮👩‍🍳",
        "سماعات رأس لاسلكية",
        "עברית \u200fRTL",
        "e\u0301 combining",
        "漢字かな交じり",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
        "<script>&amp;'\"\\",
    ],
)
async def test_any_script_survives_the_round_trip(shared_shop: Installation, resource: Resource, name: str) -> None:
    made = await resource.make(shared_shop, name=name)
    assert made["name"] == name
    assert (await shared_shop.client.get(resource.address(made))).json()["name"] == name


# --- delete --------------------------------------------------------------------------------------------------------------


@each_resource
async def test_a_deleted_resource_is_gone_for_everybody(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    response = await shared_shop.admin.delete(resource.address(made))
    assert (response.status_code, response.content) == (204, b"")
    for client in (shared_shop.client, shared_shop.admin):
        expect_problem(await client.get(resource.address(made)), 404, "not_found")
        expect_problem(await client.get(resource.address(made, by=resource.key)), 404, "not_found")
    expect_problem(await shared_shop.admin.delete(resource.address(made)), 404, "not_found")


@each_resource
async def test_deleting_frees_the_slug(shared_shop: Installation, resource: Resource) -> None:
    key = unique("k")
    made = await resource.make(shared_shop, **{resource.key: key})
    await shared_shop.admin.delete(resource.address(made))
    again = await resource.make(shared_shop, **{resource.key: key})
    assert again["id"] != made["id"]
    assert (await shared_shop.client.get(resource.address(made, by=resource.key))).json() == again


@each_resource
async def test_a_taken_slug_is_a_conflict(shared_shop: Installation, resource: Resource) -> None:
    key = unique("k")
    await resource.make(shared_shop, **{resource.key: key})
    body = {**resource.make_body(), resource.key: key}
    expect_problem(await shared_shop.admin.post(f"/api/v1{resource.path}", json=body), 409, resource.taken)


@each_slugged_resource
async def test_a_slug_cannot_be_taken_over(shared_shop: Installation, resource: Resource) -> None:
    first, second = await resource.make(shared_shop), await resource.make(shared_shop)
    body = {"slug": first["slug"]}
    expect_problem(await shared_shop.admin.patch(resource.address(second), json=body), 409, "slug_taken")
    put = await shared_shop.admin.put(resource.address(second), json={"name": "x", **body})
    expect_problem(put, 409, "slug_taken")


@each_slugged_resource
async def test_a_slug_made_from_a_taken_name_gets_the_next_free_number(
    shared_shop: Installation, resource: Resource
) -> None:
    name = unique("Cup")
    slugs = [(await resource.make(shared_shop, name=name))["slug"] for _ in range(3)]
    assert slugs == [name.lower(), f"{name.lower()}-2", f"{name.lower()}-3"]


@each_slugged_resource
@pytest.mark.parametrize("name", ["🍵", "!!!", str(new_id())])
async def test_a_name_that_makes_no_slug_gets_one_all_the_same(
    shared_shop: Installation, resource: Resource, name: str
) -> None:
    made = await resource.make(shared_shop, name=name)
    assert (await shared_shop.client.get(resource.address(made, by="slug"))).json() == made


@each_slugged_resource
async def test_a_changed_slug_moves_the_address(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    slug = unique("moved-")
    changed = (await shared_shop.admin.patch(resource.address(made), json={"slug": slug})).json()
    assert (await shared_shop.client.get(resource.address(changed, by="slug"))).json() == changed
    moved = await shared_shop.client.get(resource.address(made, by="slug"))
    expect_problem(moved, 301, "moved")
    assert moved.headers["location"] == "/api/v1" + resource.path + "/" + slug
