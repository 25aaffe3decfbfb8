"""The category tree: breadcrumbs, the tree view, moves, delete rules and product counts."""

import random
from functools import partial

import pytest

from tests.support.answers import at_once, expect_invalid, expect_problem, read_all
from tests.support.builders import Json, make_category, make_product, unique
from tests.support.installation import Installation

MAX_DEPTH = 12


async def read(shop: Installation, category: Json) -> Json:
    """The category as it is now."""
    found: Json = (await shop.client.get(f"/api/v1/categories/{category['id']}")).json()
    return found


async def make_branch(shop: Installation, depth: int, parent: Json | None = None) -> list[Json]:
    """Categories below each other, the topmost first."""
    branch: list[Json] = []
    for _ in range(depth):
        parent = await make_category(shop, parent_id=parent["id"] if parent else None)
        branch.append(parent)
    return branch


async def move(shop: Installation, category: Json, parent: Json | None, **fields: object) -> Json:
    """Put a category below another one."""
    body = {"parent_id": parent["id"] if parent else None, **fields}
    response = await shop.admin.post(f"/api/v1/categories/{category['id']}/move", json=body)
    assert response.status_code == 200, response.text
    moved: Json = response.json()
    return moved


def crumbs(*categories: Json) -> list[Json]:
    """The path that leads through the categories."""
    return [{"id": category["id"], "slug": category["slug"], "name": category["name"]} for category in categories]


async def test_a_path_leads_from_the_root_to_the_category(shared_shop: Installation) -> None:
    top, middle, leaf = await make_branch(shared_shop, 3)
    assert leaf["path"] == crumbs(top, middle, leaf)
    assert (top["parent_id"], top["path"]) == (None, crumbs(top))
    product = await make_product(shared_shop, category_id=leaf["id"])
    assert product["category"] == {"id": leaf["id"], "slug": leaf["slug"], "name": leaf["name"], "path": leaf["path"]}
    assert product["categories"] == [product["category"]]


async def test_a_rename_shows_in_the_paths_below(shared_shop: Installation) -> None:
    top, leaf = await make_branch(shared_shop, 2)
    await shared_shop.admin.patch(f"/api/v1/categories/{top['id']}", json={"name": "Renamed"})
    assert [step["name"] for step in (await read(shared_shop, leaf))["path"]] == ["Renamed", leaf["name"]]


# --- lists and the tree --------------------------------------------------------------------------------------------------


async def test_children_of_a_category_and_of_the_root_are_listed_by_name(empty_shop: Installation) -> None:
    top = await make_category(empty_shop, name="Top")
    await make_category(empty_shop, name="pears", parent_id=top["id"])
    apples = await make_category(empty_shop, name="Apples", parent_id=top["id"])
    await make_category(empty_shop, name="Golden", parent_id=apples["id"])
    for parent in (top["id"], top["slug"]):
        children = await read_all(empty_shop.client, "/categories", parent=parent, limit=1)
        assert [child["name"] for child in children] == ["Apples", "pears"]
    assert [root["name"] for root in await read_all(empty_shop.client, "/categories", parent="root")] == ["Top"]
    assert await read_all(empty_shop.client, "/categories", parent="unknown") == []


async def test_the_tree_nests_everything_with_counts_in_one_statement(empty_shop: Installation) -> None:
    top = await make_category(empty_shop, name="Top", position=1)
    first = await make_category(empty_shop, name="First", position=0)
    second = await make_category(empty_shop, name="B", parent_id=top["id"])
    await make_category(empty_shop, name="A", parent_id=top["id"])
    await make_product(empty_shop, category_id=second["id"])
    with empty_shop.counted() as statements:
        response = await empty_shop.client.get("/api/v1/categories", params={"view": "tree"})
    assert len(statements) == 1
    [one, two] = response.json()["items"]
    assert (one["id"], one["product_count"], one["children"]) == (first["id"], 0, [])
    assert (two["id"], two["product_count"]) == (top["id"], 1)
    assert [(child["name"], child["product_count"]) for child in two["children"]] == [("A", 0), ("B", 1)]


@pytest.mark.parametrize("parameter", ["limit=1", "cursor=x", "count=exact", "q=x", "parent=root"])
async def test_the_tree_refuses_the_parameters_of_the_list(shared_shop: Installation, parameter: str) -> None:
    response = await shared_shop.client.get(f"/api/v1/categories?view=tree&{parameter}")
    expect_invalid(response, parameter.partition("=")[0], "not_in_tree")


async def test_product_counts_include_what_is_below_but_only_what_shoppers_see(shared_shop: Installation) -> None:
    top, leaf = await make_branch(shared_shop, 2)
    await make_product(shared_shop, category_id=top["id"])
    await make_product(shared_shop, category_id=leaf["id"])
    for hidden in ({"status": "draft"}, {"status": "archived"}, {"publish_at": "2999-01-01T00:00:00Z"}):
        await make_product(shared_shop, category_id=leaf["id"], **hidden)
    gone = await make_product(shared_shop, category_id=leaf["id"])
    await shared_shop.admin.delete(f"/api/v1/products/{gone['id']}")
    assert (await read(shared_shop, top))["product_count"] == 2
    assert (await read(shared_shop, leaf))["product_count"] == 1


# --- moves ---------------------------------------------------------------------------------------------------------------


async def test_a_move_takes_along_everything_below(shared_shop: Installation) -> None:
    old, moved, leaf = await make_branch(shared_shop, 3)
    [new] = await make_branch(shared_shop, 1)
    product = await make_product(shared_shop, category_id=leaf["id"])
    answer = await move(shared_shop, moved, new, position=7)
    assert (answer["parent_id"], answer["position"], answer["path"]) == (new["id"], 7, crumbs(new, moved))
    assert (await read(shared_shop, leaf))["path"] == crumbs(new, moved, leaf)
    assert (await read(shared_shop, old))["product_count"] == 0
    assert (await read(shared_shop, new))["product_count"] == 1
    listed = await read_all(shared_shop.client, "/products", category=new["slug"])
    assert [item["id"] for item in listed] == [product["id"]]


async def test_a_category_can_become_a_root(shared_shop: Installation) -> None:
    _, middle, leaf = await make_branch(shared_shop, 3)
    assert (await move(shared_shop, middle, None))["path"] == crumbs(middle)
    assert (await read(shared_shop, leaf))["path"] == crumbs(middle, leaf)


async def test_patch_and_put_move_too(shared_shop: Installation) -> None:
    first, second, third = [(await make_branch(shared_shop, 1))[0] for _ in range(3)]
    address = f"/api/v1/categories/{third['id']}"
    patched = await shared_shop.admin.patch(address, json={"parent_id": first["id"]})
    assert patched.json()["path"] == crumbs(first, third)
    put = await shared_shop.admin.put(address, json={"name": third["name"], "parent_id": second["id"]})
    assert put.json()["path"] == crumbs(second, third)
    put = await shared_shop.admin.put(address, json={"name": third["name"]})
    assert put.json()["path"] == crumbs(third)


async def test_one_patch_renames_and_moves(shared_shop: Installation) -> None:
    [parent], [category] = await make_branch(shared_shop, 1), await make_branch(shared_shop, 1)
    body = {"name": "Renamed", "parent_id": parent["id"], "position": 3}
    patched = (await shared_shop.admin.patch(f"/api/v1/categories/{category['id']}", json=body)).json()
    assert (patched["name"], patched["parent_id"], patched["position"]) == ("Renamed", parent["id"], 3)
    assert patched["path"] == crumbs(parent, patched)
    assert await read(shared_shop, category) == patched


@pytest.mark.parametrize("below", [0, 1, 2], ids=["itself", "its child", "its grandchild"])
async def test_a_category_cannot_go_below_itself(shared_shop: Installation, below: int) -> None:
    branch = await make_branch(shared_shop, 3)
    body = {"parent_id": branch[below]["id"]}
    address = f"/api/v1/categories/{branch[0]['id']}"
    expect_problem(await shared_shop.admin.post(f"{address}/move", json=body), 409, "category_cycle")
    expect_problem(await shared_shop.admin.patch(address, json=body), 409, "category_cycle")
    assert await read(shared_shop, branch[0]) == branch[0]


async def test_two_moves_that_cross_make_no_cycle(shared_shop: Installation) -> None:
    for _ in range(5):
        first, second = [(await make_branch(shared_shop, 1))[0] for _ in range(2)]
        post = shared_shop.admin.post
        answers = await at_once(
            partial(post, f"/api/v1/categories/{first['id']}/move", json={"parent_id": second["id"]}),
            partial(post, f"/api/v1/categories/{second['id']}/move", json={"parent_id": first["id"]}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_parent_must_be_there(shared_shop: Installation) -> None:
    [gone] = await make_branch(shared_shop, 1)
    await shared_shop.admin.delete(f"/api/v1/categories/{gone['id']}")
    body = {"name": "x", "parent_id": gone["id"]}
    response = await shared_shop.admin.post("/api/v1/categories", json=body)
    expect_invalid(response, "/parent_id", "unknown_reference")
    [other] = await make_branch(shared_shop, 1)
    response = await shared_shop.admin.post(f"/api/v1/categories/{other['id']}/move", json={"parent_id": gone["id"]})
    expect_invalid(response, "/parent_id", "unknown_reference")


async def test_the_tree_has_a_greatest_depth_for_creates_and_for_moved_subtrees(shared_shop: Installation) -> None:
    branch = await make_branch(shared_shop, MAX_DEPTH)
    response = await shared_shop.admin.post("/api/v1/categories", json={"name": "x", "parent_id": branch[-1]["id"]})
    expect_invalid(response, "/parent_id", "too_deep")
    pair = await make_branch(shared_shop, 2)
    address = f"/api/v1/categories/{pair[0]['id']}/move"
    response = await shared_shop.admin.post(address, json={"parent_id": branch[-2]["id"]})
    expect_invalid(response, "/parent_id", "too_deep")
    assert (await shared_shop.admin.post(address, json={"parent_id": branch[-3]["id"]})).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"parent_id": "not-an-id"}, {"parent_id": None, "position": -1}, {"parent_id": 5}]
)
async def test_a_move_needs_a_parent_and_a_position(shared_shop: Installation, body: Json) -> None:
    [category] = await make_branch(shared_shop, 1)
    response = await shared_shop.admin.post(f"/api/v1/categories/{category['id']}/move", json=body)
    expect_problem(response, 400, "invalid_input")


async def test_moving_needs_the_admin_key(shared_shop: Installation) -> None:
    [category] = await make_branch(shared_shop, 1)
    response = await shared_shop.client.post(f"/api/v1/categories/{category['id']}/move", json={"parent_id": None})
    expect_problem(response, 401, "unauthenticated")


async def test_a_move_keeps_to_the_version_it_is_based_on(shared_shop: Installation) -> None:
    [category] = await make_branch(shared_shop, 1)
    address = f"/api/v1/categories/{category['id']}"
    tag = (await shared_shop.client.get(address)).headers["etag"]
    await shared_shop.admin.patch(address, json={"name": "Renamed"})
    response = await shared_shop.admin.post(f"{address}/move", json={"parent_id": None}, headers={"If-Match": tag})
    expect_problem(response, 412, "stale_version")


WATCH_UPDATES = """
CREATE TABLE seen_update (rows bigint);
CREATE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen_update SELECT count(*) FROM new_rows;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_update AFTER UPDATE ON category REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_update();
"""
GROW = """
WITH RECURSIVE grown (id, path, level) AS (
    SELECT id, path_ids, 0 FROM category WHERE id = $1
    UNION ALL
    SELECT x.id, g.path || x.id, level + 1
    FROM grown g CROSS JOIN LATERAL (SELECT uuidv7() AS id FROM generate_series(1, 12 + 0 * g.level)) x WHERE level < 3
)
INSERT INTO category (id, parent_id, path_ids, slug, name)
SELECT id, path[cardinality(path) - 1], path, 'grown-' || id, 'Grown' FROM grown WHERE level > 0
"""
"""1,884 categories below one, three levels deep."""
BROKEN_PATHS = """
WITH RECURSIVE walked (id, path) AS (
    SELECT id, ARRAY[id] FROM category WHERE parent_id IS NULL
    UNION ALL SELECT c.id, w.path || c.id FROM walked w JOIN category c ON c.parent_id = w.id
)
SELECT count(*) FROM category c LEFT JOIN walked w ON w.id = c.id WHERE c.path_ids IS DISTINCT FROM w.path
"""


async def test_thousands_move_in_one_statement_and_their_products_with_them(empty_shop: Installation) -> None:
    old, top = await make_branch(empty_shop, 2)
    [new] = await make_branch(empty_shop, 1)
    await empty_shop.execute(GROW, top["id"])
    leaf = await empty_shop.resources.db.reads.fetchval(
        "SELECT id FROM category ORDER BY cardinality(path_ids) DESC LIMIT 1"
    )
    product = await make_product(empty_shop, category_id=str(leaf))
    await empty_shop.drain()
    await empty_shop.execute(WATCH_UPDATES)
    await move(empty_shop, top, new)
    reads = empty_shop.resources.db.reads
    assert [row[0] for row in await reads.fetch("SELECT rows FROM seen_update")] == [1 + 12 + 144 + 1728]
    assert await reads.fetchval(BROKEN_PATHS) == 0
    await empty_shop.drain()
    for category, found in ((new, [product["id"]]), (old, [])):
        hits = (await empty_shop.client.get("/api/v1/search", params={"category": category["id"]})).json()["hits"]
        assert [hit["id"] for hit in hits] == found


async def test_a_move_is_an_edit_of_what_is_moved_and_not_of_what_is_below(shared_shop: Installation) -> None:
    [old, top, leaf], [new] = await make_branch(shared_shop, 3), await make_branch(shared_shop, 1)
    moved = await move(shared_shop, top, new, position=4)
    assert moved["version"] == top["version"] + 1
    assert (await read(shared_shop, leaf))["version"] == leaf["version"]
    tag = (await shared_shop.client.get(f"/api/v1/categories/{leaf['id']}")).headers["etag"]
    assert tag.startswith('"1-')
    await move(shared_shop, top, old)
    assert (await shared_shop.client.get(f"/api/v1/categories/{leaf['id']}")).headers["etag"] != tag


async def test_one_patch_renames_reslugs_and_moves_as_one_version(shared_shop: Installation) -> None:
    [parent], [category] = await make_branch(shared_shop, 1), await make_branch(shared_shop, 1)
    body = {"name": "Renamed", "slug": unique("moved-"), "parent_id": parent["id"]}
    patched = (await shared_shop.admin.patch(f"/api/v1/categories/{category['id']}", json=body)).json()
    assert (patched["version"], patched["slug"], patched["name"]) == (2, body["slug"], "Renamed")
    former = await shared_shop.client.get(f"/api/v1/categories/{category['slug']}")
    assert expect_problem(former, 301, "moved")["slug"] == body["slug"]
    taken = await shared_shop.admin.patch(
        f"/api/v1/categories/{category['id']}", json={"slug": parent["slug"], "parent_id": None}
    )
    expect_problem(taken, 409, "slug_taken")
    assert await read(shared_shop, category) == patched


async def test_many_moves_at_once_leave_a_tree(empty_shop: Installation) -> None:
    categories = [await make_category(empty_shop) for _ in range(10)]
    chance = random.Random(4)
    reads = empty_shop.resources.db.reads
    statuses = set()
    for _ in range(6):
        pairs = [chance.sample(categories, 2) for _ in range(10)]
        answers = await at_once(
            *(
                partial(empty_shop.admin.post, f"/api/v1/categories/{one['id']}/move", json={"parent_id": other["id"]})
                for one, other in pairs
            )
        )
        statuses |= {answer.status_code for answer in answers}
        assert await reads.fetchval(BROKEN_PATHS) == 0
    assert statuses == {200, 409}


# --- deletes -------------------------------------------------------------------------------------------------------------


async def test_a_category_with_children_or_products_stays(shared_shop: Installation) -> None:
    top, leaf = await make_branch(shared_shop, 2)
    product = await make_product(shared_shop, category_id=leaf["id"], status="draft")
    delete = shared_shop.admin.delete
    expect_problem(await delete(f"/api/v1/categories/{top['id']}"), 409, "category_not_empty")
    expect_problem(await delete(f"/api/v1/categories/{leaf['id']}"), 409, "category_not_empty")
    await delete(f"/api/v1/products/{product['id']}")
    assert (await delete(f"/api/v1/categories/{leaf['id']}")).status_code == 204
    assert (await delete(f"/api/v1/categories/{top['id']}")).status_code == 204


async def test_a_category_with_products_can_be_renamed(shared_shop: Installation) -> None:
    [category] = await make_branch(shared_shop, 1)
    product = await make_product(shared_shop, category_id=category["id"])
    name = unique("Renamed")
    await shared_shop.admin.patch(f"/api/v1/categories/{category['id']}", json={"name": name})
    found = (await shared_shop.client.get(f"/api/v1/products/{product['id']}")).json()
    assert found["category"]["name"] == name
