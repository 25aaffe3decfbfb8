"""The state of the index, and rebuilding it."""

from tests.api.searching import SEARCH, find, settle
from tests.support.answers import expect_problem
from tests.support.builders import make_product
from tests.support.installation import Installation


async def test_the_status_tells_what_waits_and_what_is_searchable(empty_shop: Installation) -> None:
    await make_product(empty_shop)
    waiting = (await empty_shop.client.get(f"{SEARCH}/status")).json()
    assert (waiting["documents"], waiting["degraded"]) == (0, False)
    assert waiting["pending"] > 0
    assert waiting["lag_seconds"] >= 0
    await empty_shop.drain()
    done = (await empty_shop.client.get(f"{SEARCH}/status")).json()
    assert (done["documents"], done["pending"], done["lag_seconds"]) == (1, 0, 0)
    assert done["engine"].startswith("meilisearch 1.")
    assert done["index"] == f"{empty_shop.settings.search_index_prefix}products"


async def test_a_rebuild_is_accepted_followed_and_leaves_the_same_results(empty_shop: Installation) -> None:
    for number in range(3):
        await make_product(empty_shop, name=f"Lamp {number}")
    await settle(empty_shop)
    before = sorted(await find(empty_shop, q="lamp"))
    response = await empty_shop.admin.post(f"{SEARCH}/reindex")
    assert response.status_code == 202
    asked = response.json()
    assert (asked["state"], asked["documents_total"], asked["documents_done"]) == ("building", 3, 0)
    assert sorted(await find(empty_shop, q="lamp")) == before
    await empty_shop.drain()
    rebuild = (await empty_shop.client.get(f"{SEARCH}/status")).json()["rebuild"]
    assert (rebuild["id"], rebuild["state"], rebuild["documents_done"]) == (asked["id"], "completed", 3)
    assert sorted(await find(empty_shop, q="lamp")) == before
    indexes = await empty_shop.resources.gateway.index_names(empty_shop.settings.search_index_prefix)
    assert sorted(name.removeprefix(empty_shop.settings.search_index_prefix) for name in indexes) == [
        "products",
        "suggestions",
    ]


async def test_a_second_request_joins_the_rebuild_under_way(empty_shop: Installation) -> None:
    first = (await empty_shop.admin.post(f"{SEARCH}/reindex")).json()
    second = (await empty_shop.admin.post(f"{SEARCH}/reindex")).json()
    assert first["id"] == second["id"]
    await empty_shop.drain()


async def test_rebuilding_needs_the_admin_key(shared_shop: Installation) -> None:
    expect_problem(await shared_shop.client.post(f"{SEARCH}/reindex"), 401, "unauthenticated")
    wrong = await shared_shop.client.post(f"{SEARCH}/reindex", headers={"X-API-Key": "wrong"})
    expect_problem(wrong, 401, "unauthenticated")
