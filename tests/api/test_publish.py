"""Publishing many products at once: set-based, each with a result of its own."""

from uuid import uuid4

import pytest

from tests.api.test_sales import moment
from tests.support.answers import at_once, expect_invalid, expect_problem
from tests.support.builders import Json, make_attribute, make_category, make_product, unique
from tests.support.installation import Installation
from tests.support.people import make_person

PUBLISH = "/api/v1/products/publish"


async def publish(shop: Installation, ids: list[str], action: str = "publish", **fields: object) -> list[Json]:
    """The results, in the order of the ids."""
    response = await shop.admin.post(PUBLISH, json={"ids": ids, "action": action, **fields})
    assert response.status_code == 207, response.text
    results: list[Json] = response.json()["results"]
    assert [result["index"] for result in results] == list(range(len(ids)))
    assert [result["id"] for result in results] == ids
    return results


async def is_visible(shop: Installation, product: Json) -> bool:
    """Whether shoppers see it."""
    return (await shop.client.get(f"/api/v1/products/{product['id']}")).status_code == 200


async def test_many_are_published_hidden_and_archived(shared_shop: Installation) -> None:
    made = [await make_product(shared_shop, status="draft") for _ in range(3)]
    ids = [product["id"] for product in made]
    assert [(result["status"], result["version"]) for result in await publish(shared_shop, ids)] == [(200, 2)] * 3
    assert [await is_visible(shared_shop, product) for product in made] == [True] * 3
    await publish(shared_shop, ids[:1], "unpublish")
    await publish(shared_shop, ids[1:2], "archive")
    assert [await is_visible(shared_shop, product) for product in made] == [False, False, True]
    states = [(await shared_shop.admin.get(f"/api/v1/products/{one}")).json()["status"] for one in ids]
    assert states == ["draft", "archived", "active"]


async def test_search_follows(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, name=unique("Lamp"), status="draft")
    await publish(shared_shop, [made["id"]])
    await shared_shop.drain()
    found = (await shared_shop.client.get("/api/v1/search", params={"q": made["name"]})).json()["hits"]
    assert [hit["id"] for hit in found] == [made["id"]]


async def test_what_is_as_wanted_already_is_not_touched(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    [result] = await publish(shared_shop, [made["id"]])
    assert (result["status"], result["version"]) == (200, made["version"])
    assert (await shared_shop.admin.get(f"/api/v1/products/{made['id']}")).json() == made


async def test_with_a_time_it_happens_then(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, status="draft")
    start, end = moment(days=1), moment(days=2)
    await publish(shared_shop, [made["id"]], at=start)
    await publish(shared_shop, [made["id"]], "unpublish", at=end)
    found = (await shared_shop.admin.get(f"/api/v1/products/{made['id']}")).json()
    assert found["status"] == "active"
    assert (found["publish_at"][:19], found["unpublish_at"][:19]) == (start[:19], end[:19])
    assert not await is_visible(shared_shop, made)
    [result] = await publish(shared_shop, [made["id"]], "unpublish", at=moment(hours=1))
    assert result["problem"]["errors"][0]["code"] == "schedule_reversed"
    await publish(shared_shop, [made["id"]])
    assert await is_visible(shared_shop, made), "at once means now, whatever was planned"


async def test_an_end_that_is_over_does_not_hide_what_is_published_again(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, unpublish_at="2001-01-01T00:00:00Z")
    await publish(shared_shop, [made["id"]])
    assert await is_visible(shared_shop, made)


async def test_what_cannot_be_published_says_why_and_the_others_are(shared_shop: Installation) -> None:
    attribute = await make_attribute(shared_shop)
    category = await make_category(shared_shop)
    bound = await shared_shop.admin.put(
        f"/api/v1/categories/{category['id']}/attributes",
        json={"items": [{"code": attribute["code"], "is_required": True}]},
    )
    assert bound.status_code == 200, bound.text
    fine = await make_product(shared_shop, status="draft")
    lacking = await make_product(shared_shop, status="draft", category_id=category["id"])
    nowhere = str(uuid4())
    results = await publish(shared_shop, [lacking["id"], fine["id"], nowhere, fine["id"]])
    assert [result["status"] for result in results] == [400, 200, 404, 200]
    assert results[0]["problem"]["errors"] == [
        {
            "pointer": f"/attributes/{attribute['code']}",
            "code": "required",
            "message": "is required of active products in this category",
        }
    ]
    assert results[2]["problem"]["code"] == "not_found"
    assert [await is_visible(shared_shop, product) for product in (lacking, fine)] == [False, True]
    assert (await publish(shared_shop, [lacking["id"]], "archive"))[0]["status"] == 200


async def test_sellers_publish_their_own_products_only(shared_shop: Installation) -> None:
    seller = await make_person(shared_shop, "seller")
    own = (await seller.client.post("/api/v1/products", json={"name": unique("Mug")})).json()
    hidden, visible = await make_product(shared_shop, status="draft"), await make_product(shared_shop)
    body = {"ids": [own["id"], hidden["id"], visible["id"]], "action": "publish"}
    results = (await seller.client.post(PUBLISH, json=body)).json()["results"]
    assert [(result["status"], result.get("problem", {}).get("code")) for result in results] == [
        (200, None), (404, "not_found"), (403, "not_owner")
    ]  # fmt: skip
    assert [await is_visible(shared_shop, one) for one in (own, hidden, visible)] == [True, False, True]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"ids": []}, "/ids"),
        ({"ids": ["x"]}, "/ids/0"),
        ({"ids": [str(uuid4())] * 1001}, "/ids"),
        ({"action": "delete"}, "/action"),
        ({"action": "archive", "at": "2999-01-01T00:00:00Z"}, "/at"),
        ({"at": "1969-01-01T00:00:00Z"}, "/at"),
        ({"at": "2999-01-01T00:00:00"}, "/at"),
        ({"status": "active"}, "/status"),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused_by_name(
    shared_shop: Installation, fields: Json, pointer: str
) -> None:
    body = {"ids": [str(uuid4())], "action": "publish", **fields}
    expect_invalid(await shared_shop.admin.post(PUBLISH, json=body), pointer)


async def test_a_thousand_are_published_together_and_meet_themselves_without_a_deadlock(
    empty_shop: Installation,
) -> None:
    await empty_shop.execute(
        "INSERT INTO product (id, slug, name) SELECT uuidv7(), 'p' || n, 'P' || n FROM generate_series(1, 1000) n"
    )
    rows = await empty_shop.resources.db.reads.fetch("SELECT id FROM product")
    ids = [str(row[0]) for row in rows]
    forth, back = {"ids": ids, "action": "publish"}, {"ids": ids[::-1], "action": "publish"}
    answers = await at_once(
        lambda: empty_shop.admin.post(PUBLISH, json=forth), lambda: empty_shop.admin.post(PUBLISH, json=back)
    )
    for answer in answers:
        assert {result["status"] for result in answer.json()["results"]} == {200}
    row = await empty_shop.resources.db.reads.fetchrow(
        "SELECT count(*), max(version) FROM product WHERE status = 'active'"
    )
    assert row is not None
    assert tuple(row) == (1000, 2)
    expect_problem(await empty_shop.client.post(PUBLISH, json=forth), 401, "unauthenticated")
