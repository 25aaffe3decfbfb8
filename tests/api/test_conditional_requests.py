"""ETag, If-None-Match and If-Match; and what happens when several write at once."""

from functools import partial

import anyio
import anyio.lowlevel
import httpx
import pytest

from tests.api.resources import (
    ATTRIBUTES,
    BRANDS,
    CATEGORIES,
    PRODUCTS,
    Resource,
    each_resource,
    each_slugged_resource,
)
from tests.support.answers import at_once, expect_problem
from tests.support.builders import Json, make_brand, make_product, price, unique
from tests.support.installation import Installation
from tests.support.waiting import until_somebody_waits

STALE = '"99-000000000000"'


@each_resource
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_an_unchanged_resource_is_not_sent_again(
    shared_shop: Installation, resource: Resource, form: str
) -> None:
    made = await resource.make(shared_shop)
    tag = (await shared_shop.client.get(resource.address(made))).headers["etag"]
    response = await shared_shop.client.get(resource.address(made), headers={"If-None-Match": form.format(tag)})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", tag)


@each_resource
async def test_a_changed_resource_is_sent_again(shared_shop: Installation, resource: Resource) -> None:
    made = await resource.make(shared_shop)
    tag = (await shared_shop.client.get(resource.address(made))).headers["etag"]
    await shared_shop.admin.patch(resource.address(made), json={"name": "Renamed"})
    response = await shared_shop.client.get(resource.address(made), headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert response.headers["etag"] != tag


async def test_a_renamed_brand_changes_the_tag_of_its_products(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    made = await make_product(shared_shop, brand_id=brand["id"])
    tag = (await shared_shop.client.get(PRODUCTS.address(made))).headers["etag"]
    await shared_shop.admin.patch(f"/api/v1/brands/{brand['id']}", json={"name": "Renamed"})
    response = await shared_shop.client.get(PRODUCTS.address(made), headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert response.json()["brand"]["name"] == "Renamed"


@each_resource
@pytest.mark.parametrize("tag", [STALE, 'W/"1-000000000000"', "garbage", '""', '"other", "another"'])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_write_based_on_another_version_is_refused(
    shared_shop: Installation, resource: Resource, method: str, tag: str
) -> None:
    made = await resource.make(shared_shop)
    body = {"PUT": {**resource.make_body(), resource.key: made[resource.key]}, "PATCH": {"name": "x"}}.get(method)
    response = await shared_shop.admin.request(method, resource.address(made), json=body, headers={"If-Match": tag})
    assert expect_problem(response, 412, "stale_version")["current_version"] == 1
    assert (await shared_shop.client.get(resource.address(made))).json() == made


@each_resource
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("form", ["{}", "*", '"other", {}'])
async def test_a_write_based_on_the_present_version_is_done(
    shared_shop: Installation, resource: Resource, method: str, form: str
) -> None:
    made = await resource.make(shared_shop)
    tag = (await shared_shop.client.get(resource.address(made))).headers["etag"]
    body = {"PUT": {**resource.make_body(), resource.key: made[resource.key]}, "PATCH": {"name": "x"}}.get(method)
    response = await shared_shop.admin.request(
        method, resource.address(made), json=body, headers={"If-Match": form.format(tag)}
    )
    assert response.status_code in {200, 204}


async def test_a_sale_does_not_void_an_edit_but_a_price_change_does(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    tag = (await shared_shop.client.get(PRODUCTS.address(made))).headers["etag"]
    await shared_shop.execute("UPDATE variant SET stock = stock - 1 WHERE product_id = $1", made["id"])
    edited = await shared_shop.admin.patch(PRODUCTS.address(made), json={"name": "x"}, headers={"If-Match": tag})
    assert edited.status_code == 200
    tag = edited.headers["etag"]
    await shared_shop.admin.patch(PRODUCTS.address(made), json={"price": price(1)})
    late = await shared_shop.admin.patch(PRODUCTS.address(made), json={"name": "y"}, headers={"If-Match": tag})
    expect_problem(late, 412, "stale_version")


@each_resource
async def test_of_concurrent_edits_of_one_version_exactly_one_wins(
    shared_shop: Installation, resource: Resource
) -> None:
    made = await resource.make(shared_shop)
    tag = (await shared_shop.client.get(resource.address(made))).headers["etag"]
    edit = partial(shared_shop.admin.patch, resource.address(made), headers={"If-Match": tag})
    answers = await at_once(*(partial(edit, json={"name": f"Edit {number}"}) for number in range(8)))
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert [answer.status_code for answer in answers].count(412) == 7
    assert (await shared_shop.client.get(resource.address(made))).json() == winner
    assert winner["version"] == 2


async def test_of_concurrent_creates_with_one_sku_exactly_one_wins(shared_shop: Installation) -> None:
    sku = unique("SKU-")
    create = partial(shared_shop.admin.post, "/api/v1/products")
    answers = await at_once(*(partial(create, json={"name": f"{unique()} {n}", "sku": sku}) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    for answer in answers:
        if answer.status_code == 409:
            expect_problem(answer, 409, "sku_taken")


@each_slugged_resource
async def test_concurrent_creates_with_one_name_get_slugs_of_their_own(
    shared_shop: Installation, resource: Resource
) -> None:
    name = unique("Cup")
    create = partial(shared_shop.admin.post, f"/api/v1{resource.path}", json={"name": name})
    answers = await at_once(*[create] * 6)
    low = name.lower()
    assert {answer.json().get("slug") for answer in answers} == {low, *(f"{low}-{n}" for n in range(2, 7))}


def _refer_to(kind: str, made: Json) -> Json:
    """Fields by which a product refers to a brand, a category or an attribute."""
    return {"attributes": {made["code"]: "x"}} if kind == "attribute" else {f"{kind}_id": made["id"]}


@pytest.mark.parametrize(("resource", "kind"), [(BRANDS, "brand"), (CATEGORIES, "category"), (ATTRIBUTES, "attribute")])
async def test_a_product_cannot_slip_into_what_is_being_deleted(
    shared_shop: Installation, resource: Resource, kind: str
) -> None:
    made = await resource.make(shared_shop)
    deleting = await shared_shop.resources.db.connect()
    is_deleted = anyio.Event()

    async def delete_while_the_other_waits() -> None:
        async with deleting.transaction():
            await deleting.execute(f"UPDATE {kind} SET deleted_at = now() WHERE id = $1", made["id"])
            is_deleted.set()
            await until_somebody_waits(deleting)

    async def create() -> httpx.Response:
        await is_deleted.wait()
        return await shared_shop.admin.post("/api/v1/products", json={"name": "x", **_refer_to(kind, made)})

    answer, _ = await at_once(create, delete_while_the_other_waits)
    await deleting.close()
    assert answer is not None
    expect_problem(answer, 400, "invalid_input")


@pytest.mark.parametrize(("resource", "kind"), [(BRANDS, "brand"), (CATEGORIES, "category"), (ATTRIBUTES, "attribute")])
async def test_what_a_product_is_about_to_refer_to_cannot_be_deleted(
    shared_shop: Installation, resource: Resource, kind: str
) -> None:
    for _ in range(3):
        made = await resource.make(shared_shop)
        body = {"name": "x", **_refer_to(kind, made)}
        created, deleted = await at_once(
            partial(shared_shop.admin.post, "/api/v1/products", json=body),
            partial(shared_shop.admin.delete, resource.address(made)),
        )
        assert (created.status_code, deleted.status_code) in {(201, 409), (400, 204)}
