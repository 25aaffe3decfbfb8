"""What an import makes of the catalog: created, updated, unchanged, failed."""

from datetime import UTC, datetime
from typing import Any

import anyio
import asyncpg
import msgspec
import pytest

from mercato.catalog.category.repository import TREE_LOCK
from mercato.platform.settings import asyncpg_dsn
from mercato.transfer.mapping import Mapping, compile_mapping
from tests.support.imports import Catalog
from tests.support.waiting import until_somebody_waits

MOVE_LIGHT_INTO_GARDEN = """
UPDATE category c SET parent_id = garden.id, path_ids = garden.path_ids || c.id
FROM category garden WHERE garden.name = 'Garden' AND c.name = 'Light'
"""
LAMP: dict[str, Any] = {
    "external_ref": "lamp-1",
    "sku": "LMP-1",
    "name": "Lamp Luna",
    "description": "A lamp.",
    "status": "active",
    "brand": "Glimmerholm",
    "category": "Home > Light > Table lamps",
    "attributes": {"color": "Red", "height_cm": 30, "dimmable": True},
    "tags": ["new", "led"],
    "price": {"amount": 4999, "currency": "EUR"},
    "compare_at_price": {"amount": 5999, "currency": "EUR"},
    "stock": 7,
    "gtin": "4006381333931",
    "weight_grams": 900,
    "rating_average": 4.35,
    "rating_count": 12,
    "popularity": 5,
    "created_at": "2026-01-31T08:00:00Z",
}


async def test_a_new_product_gets_everything_that_the_row_says(catalog: Catalog) -> None:
    report = await catalog.load([LAMP])
    assert (report.status, report.rows.created, report.rows.total) == ("completed", 1, 1)
    row = await catalog.product("LMP-1")
    assert row["p_slug"] == "lamp-luna"
    assert (row["p_name"], row["p_description"], row["p_status"]) == ("Lamp Luna", "A lamp.", "active")
    assert row["p_attributes"] == '{"color": "Red", "dimmable": true, "height_cm": 30}'
    assert row["p_tags"] == ["new", "led"]
    assert float(row["p_rating_average"]) == 4.35
    assert row["p_created_at"] == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert (row["p_price_amount"], row["p_compare_at_amount"], row["p_currency"]) == (4999, 5999, "EUR")
    assert (row["v_price_amount"], row["v_compare_at_amount"], row["v_currency"]) == (4999, 5999, "EUR")
    assert (row["p_in_stock"], row["v_stock"], row["v_gtin"]) == (True, 7, "04006381333931")
    assert (row["v_weight_grams"], row["v_is_default"]) == (900, True)


async def test_defaults_are_those_of_the_api(catalog: Catalog) -> None:
    await catalog.load([{"external_ref": "x", "name": "Plain"}])
    row = await catalog.one("SELECT p.*, v.sku FROM product p JOIN variant v ON v.product_id = p.id")
    assert (row["status"], row["description"], row["attributes"], row["tags"]) == ("draft", "", "{}", [])
    assert (row["price_amount"], row["in_stock"], row["brand_id"], row["category_id"]) == (None, False, None, None)
    assert row["sku"].startswith("SKU-")


async def test_missing_brands_categories_and_attributes_are_made_once(catalog: Catalog) -> None:
    rows = [
        {"sku": "1", "name": "A", "brand": "Acme", "category": "Home > Accessories", "attributes": {"size": 1}},
        {"sku": "2", "name": "B", "brand": "ACME", "category": "home > accessories", "attributes": {"size": 2}},
        {
            "sku": "3",
            "name": "C",
            "brand": "Acme!",
            "category": "Audio > Accessories",
            "attributes": {"fabric": "wool"},
        },
    ]
    await catalog.load(rows, batch=1)
    assert [(one["name"], one["slug"]) for one in await catalog.all("SELECT name, slug FROM brand ORDER BY id")] == [
        ("Acme", "acme"),
        ("Acme!", "acme-2"),
    ]
    categories = await catalog.all(
        "SELECT c.slug, up.slug AS parent, c.path_ids[1:cardinality(c.path_ids) - 1] AS above, up.path_ids AS up_path "
        "FROM category c LEFT JOIN category up ON up.id = c.parent_id ORDER BY c.slug"
    )
    assert [(one["slug"], one["parent"]) for one in categories] == [
        ("accessories", "home"),
        ("audio", None),
        ("audio-accessories", "audio"),
        ("home", None),
    ]
    assert all((one["above"] or None) == one["up_path"] for one in categories)
    attributes = await catalog.all("SELECT code, name, type FROM attribute ORDER BY code")
    assert [(one["code"], one["name"], one["type"]) for one in attributes] == [
        ("fabric", "Fabric", "text"),
        ("size", "Size", "number"),
    ]
    assert await catalog.one("SELECT count(DISTINCT brand_id) AS brands FROM product") == {"brands": 2}


async def test_categories_that_are_added_below_one_that_is_being_moved_follow_it(catalog: Catalog) -> None:
    await catalog.load(
        [{"sku": "1", "name": "A", "category": "Home > Light"}, {"sku": "2", "name": "B", "category": "Garden"}]
    )
    moving = await asyncpg.connect(asyncpg_dsn(catalog.url))
    try:
        transaction = moving.transaction()
        await transaction.start()
        await moving.execute("SELECT pg_advisory_xact_lock($1)", TREE_LOCK)
        await moving.execute(MOVE_LIGHT_INTO_GARDEN)

        async def finish_the_move() -> None:
            await until_somebody_waits(moving)
            await transaction.commit()

        async with anyio.create_task_group() as group:
            group.start_soon(finish_the_move)
            await catalog.load([{"sku": "3", "name": "C", "category": "Home > Light > Lamps"}])
    finally:
        await moving.close()
    paths = await catalog.all(
        "SELECT c.name, (SELECT string_agg(a.name, '/' ORDER BY n) FROM unnest(c.path_ids) WITH ORDINALITY s (id, n) "
        "JOIN category a ON a.id = s.id) AS path FROM category c WHERE c.name IN ('Light', 'Lamps') ORDER BY c.name"
    )
    by_parent = await catalog.one(
        "SELECT count(*) AS broken FROM category c JOIN category up ON up.id = c.parent_id "
        "WHERE c.path_ids <> up.path_ids || c.id"
    )
    assert ({"name": "Light", "path": "Garden/Light"} in paths, by_parent) == (True, {"broken": 0})


async def test_what_a_category_is_called_elsewhere_in_one_batch_does_not_matter(catalog: Catalog) -> None:
    rows = [
        {"sku": str(number), "name": "x", "category": f"{top} > {middle} > Cables"}
        for number, (top, middle) in enumerate((top, middle) for top in "AB" for middle in "XYZ")
    ]
    await catalog.load(rows)
    assert await catalog.count("category") == 2 + 6 + 6
    assert await catalog.one("SELECT count(DISTINCT slug) AS slugs FROM category") == {"slugs": 14}
    await catalog.load(rows)
    assert await catalog.count("category") == 14


async def test_a_second_run_changes_nothing(catalog: Catalog) -> None:
    rows = [{**LAMP, "external_ref": f"r{n}", "sku": f"S{n}"} for n in range(50)]
    rows += [{"sku": f"T{n}", "name": "Lamp", "price": "19.90", "attributes": {"weight": 6.0}} for n in range(50)]
    first = await catalog.load(rows, batch=30)
    assert first.rows.created == 100
    before = await catalog.all("SELECT * FROM product ORDER BY id")
    outbox = await catalog.count("outbox")
    second = await catalog.load(rows, batch=30)
    assert (second.rows.unchanged, second.rows.created, second.rows.updated) == (100, 0, 0)
    assert await catalog.all("SELECT * FROM product ORDER BY id") == before
    assert await catalog.count("outbox") == outbox


async def test_fields_left_out_stay_as_they_are(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    before = await catalog.product("LMP-1")
    report = await catalog.load([{"sku": "LMP-1", "price": "39.99"}])
    assert report.rows.updated == 1
    after = await catalog.product("LMP-1")
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {
        "p_price_amount", "v_price_amount", "p_version", "v_version", "p_updated_at", "v_updated_at"
    }  # fmt: skip
    assert (after["p_version"], after["v_version"], after["p_price_amount"]) == (2, 2, 3999)


async def test_a_change_of_the_product_alone_leaves_the_variant_alone(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    await catalog.load([{"external_ref": "lamp-1", "name": "Lamp Sol", "attributes": {"color": None, "shade": "wide"}}])
    row = await catalog.product("LMP-1")
    assert (row["p_name"], row["p_slug"], row["p_version"], row["v_version"]) == ("Lamp Sol", "lamp-luna", 2, 1)
    assert row["p_attributes"] == '{"shade": "wide", "dimmable": true, "height_cm": 30}'


async def test_null_clears(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    nothing = dict.fromkeys(
        ["brand", "category", "price", "compare_at_price", "gtin", "weight_grams", "rating_average"]
    )
    report = await catalog.load([{"sku": "LMP-1", "tags": [], **nothing}])
    assert report.rows.updated == 1
    row = await catalog.product("LMP-1")
    for column in (
        "p_brand_id",
        "p_category_id",
        "p_price_amount",
        "p_compare_at_amount",
        "p_currency",
        "p_rating_average",
    ):
        assert row[column] is None, column
    for column in ("v_price_amount", "v_compare_at_amount", "v_currency", "v_gtin", "v_weight_grams"):
        assert row[column] is None, column
    assert (row["p_tags"], row["p_in_stock"]) == ([], True)


async def test_products_are_recognised_by_reference_then_by_sku(catalog: Catalog) -> None:
    await catalog.load([{"external_ref": "r1", "sku": "S1", "name": "One"}, {"sku": "S2", "name": "Two"}])
    report = await catalog.load(
        [{"external_ref": "r1", "sku": "S1-NEW", "name": "One"}, {"sku": "S2", "name": "Two, renamed"}]
    )
    assert report.rows.updated == 2
    assert await catalog.count("product") == 2
    assert (await catalog.product("S1-NEW"))["p_external_ref"] == "r1"


async def test_every_touched_product_is_in_the_outbox(catalog: Catalog) -> None:
    await catalog.load([{"sku": f"S{n}", "name": "x", "stock": 1} for n in range(5)])
    await catalog.connection.execute("DELETE FROM outbox")
    await catalog.load([{"sku": "S1", "stock": 2}, {"sku": "S2", "name": "y"}, {"sku": "S3", "stock": 1}])
    touched = await catalog.all(
        "SELECT DISTINCT v.sku FROM outbox o JOIN variant v ON v.product_id = o.entity_id ORDER BY v.sku"
    )
    assert [one["sku"] for one in touched] == ["S1", "S2"]


async def test_addresses_of_the_api_itself_are_no_slugs(catalog: Catalog) -> None:
    report = await catalog.load([{"sku": "1", "name": "Batch"}, {"sku": "2", "name": "B", "slug": "batch"}])
    assert (report.rows.created, report.rows.failed) == (1, 1)
    assert (await catalog.product("1"))["p_slug"] == "batch-2"


async def test_slugs_made_of_the_same_name_are_numbered(catalog: Catalog) -> None:
    rows = [{"sku": f"S{n}", "name": "Lamp"} for n in range(4)] + [
        {"sku": "T", "name": "Lamp 2"},
        {"sku": "U", "name": "灯"},
    ]
    await catalog.load(rows, batch=3)
    slugs = await catalog.all(
        "SELECT v.sku, p.slug FROM product p JOIN variant v ON v.product_id = p.id ORDER BY v.sku"
    )
    assert [one["slug"] for one in slugs][:4] == ["lamp", "lamp-2", "lamp-3", "lamp-4"]
    assert slugs[4]["slug"] == "lamp-2-2"
    assert slugs[5]["slug"] == "deng"


async def test_more_products_of_one_name_than_numbers_are_tried(catalog: Catalog) -> None:
    rows = [{"sku": f"S{n}", "name": "Lamp"} for n in range(600)]
    report = await catalog.load(rows, batch=100)
    assert report.rows.created == 600
    assert await catalog.one("SELECT count(DISTINCT slug) AS slugs FROM product") == {"slugs": 600}


async def test_a_slug_that_is_asked_for_goes_before_one_that_is_made(catalog: Catalog) -> None:
    await catalog.load([{"sku": "A", "name": "Lamp"}, {"sku": "B", "name": "Other", "slug": "lamp"}])
    assert (await catalog.product("B"))["p_slug"] == "lamp"
    assert (await catalog.product("A"))["p_slug"] == "lamp-2"


async def test_a_row_about_one_of_several_variants_changes_only_that_one(catalog: Catalog) -> None:
    await catalog.load([{"sku": "S", "name": "Shirt", "price": "20"}])
    await catalog.connection.execute(
        "INSERT INTO variant (id, product_id, sku, price_amount, currency, stock) "
        "SELECT uuidv7(), id, 'L', 3000, 'EUR', 1 FROM product"
    )
    await catalog.load([{"sku": "L", "price": "10"}])
    assert (await catalog.product("L"))["v_price_amount"] == 1000
    row = await catalog.product("S")
    assert (row["v_price_amount"], row["p_price_amount"], row["p_in_stock"]) == (2000, 1000, True)


async def test_a_product_whose_variant_is_gone_gets_a_new_one(catalog: Catalog) -> None:
    await catalog.load([{"external_ref": "r", "sku": "S", "name": "Shirt"}])
    await catalog.connection.execute("UPDATE variant SET deleted_at = now()")
    await catalog.load([{"external_ref": "r", "sku": "S", "price": "10"}])
    assert (await catalog.product("S"))["v_is_default"]


async def test_deleted_products_do_not_count(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    await catalog.connection.execute("UPDATE product SET deleted_at = now(); UPDATE variant SET deleted_at = now()")
    report = await catalog.load([LAMP])
    assert report.rows.created == 1
    assert (await catalog.product("LMP-1"))["p_slug"] == "lamp-luna"


async def _existing(catalog: Catalog) -> None:
    rows = [
        {"external_ref": "r1", "sku": "S1", "name": "One", "price": "10", "compare_at_price": "12"},
        {"external_ref": "r2", "sku": "S2", "name": "Two", "slug": "two", "publish_at": "2026-02-01T00:00:00Z"},
    ]
    report = await catalog.load(rows)
    assert report.rows.created == 2


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"external_ref": "r1", "sku": "S2"}, "sku", "sku_taken"),
        ({"external_ref": "new", "sku": "S1", "name": "x"}, "sku", "sku_taken"),
        ({"sku": "new"}, "name", "name_missing"),
        ({"sku": "new", "name": "x", "slug": "two"}, "slug", "slug_taken"),
        ({"sku": "S1", "slug": "two"}, "slug", "slug_taken"),
        ({"sku": "S2", "compare_at_price": "5"}, "compare_at_price", "price_missing"),
        ({"sku": "S1", "price": None}, "compare_at_price", "price_missing"),
        ({"sku": "S1", "compare_at_price": "5", "currency": "USD"}, "compare_at_price", "currency_mismatch"),
        ({"sku": "S1", "price": "5", "currency": "USD"}, "compare_at_price", "currency_mismatch"),
        ({"sku": "S2", "unpublish_at": "2026-01-01T00:00:00Z"}, "unpublish_at", "schedule_reversed"),
    ],
)
async def test_rows_that_contradict_the_catalog_fail_alone(
    catalog: Catalog, row: dict[str, Any], column: str, code: str
) -> None:
    await _existing(catalog)
    before = await catalog.all("SELECT * FROM product ORDER BY id")
    report = await catalog.load([{"sku": "good", "name": "Good"}, row, {"sku": "fine", "name": "Fine"}])
    assert (report.status, report.rows.created, report.rows.failed) == ("partially_completed", 2, 1)
    (failure,) = catalog.failures
    assert (failure.row, failure.column, failure.code, failure.data) == (2, column, code, row)
    assert failure.message
    assert before == [one for one in await catalog.all("SELECT * FROM product ORDER BY id") if one in before]


async def test_a_price_and_a_compare_at_price_may_change_their_currency_together(catalog: Catalog) -> None:
    await _existing(catalog)
    report = await catalog.load([{"sku": "S1", "price": "5", "compare_at_price": "6", "currency": "USD"}])
    assert report.rows.updated == 1
    assert (await catalog.product("S1"))["p_currency"] == "USD"


@pytest.mark.parametrize("rows_a_batch", [1, 2, 100])
@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_second_row_for_a_product_fails_and_names_the_first(
    catalog: Catalog, rows_a_batch: int, dry_run: bool
) -> None:
    await catalog.load([{"external_ref": "old", "sku": "OLD", "name": "Old"}])
    rows = [
        {"external_ref": "a", "sku": "A", "name": "First"},
        {"external_ref": "a", "sku": "B", "name": "Same reference"},
        {"external_ref": "c", "sku": "A", "name": "Same SKU"},
        {"sku": "A", "name": "Same SKU, no reference"},
        {"external_ref": "old", "name": "By reference"},
        {"sku": "OLD", "name": "By SKU"},
        {"external_ref": "d", "sku": "D", "name": "Good"},
    ]
    report = await catalog.load(rows, dry_run=dry_run, batch=rows_a_batch)
    assert catalog.codes == [(number, "duplicate_in_file") for number in (2, 3, 4, 6)]
    assert [failure.message.partition("row ")[2][:1] for failure in catalog.failures] == ["1", "1", "1", "5"]
    assert (report.rows.created, report.rows.updated) == (2, 1)


@pytest.mark.parametrize("rows_a_batch", [1, 100])
async def test_a_row_that_failed_does_not_stand_in_the_way_of_a_later_one(catalog: Catalog, rows_a_batch: int) -> None:
    await catalog.load([{"external_ref": "r1", "sku": "S1", "name": "One"}])
    rows = [
        {"external_ref": "x", "sku": "S1", "name": "Wrong SKU"},
        {"external_ref": "r1", "sku": "S1", "name": "Right"},
        {"external_ref": "x", "sku": "S9", "name": "Right, too"},
        {"external_ref": "x", "sku": "S9", "name": "Again"},
    ]
    report = await catalog.load(rows, batch=rows_a_batch)
    assert catalog.codes == [(1, "sku_taken"), (4, "duplicate_in_file")]
    assert (report.rows.created, report.rows.updated) == (1, 1)


_FALLBACK = {
    "fields": {
        "external_ref": {"from": "id"},
        "sku": {"from": "model", "fallback": {"template": "{model}-{id}"}},
        "name": {"from": "model"},
    }
}


@pytest.mark.parametrize("rows_a_batch", [1, 100])
async def test_a_sku_that_another_product_has_gives_way_to_the_fallback(catalog: Catalog, rows_a_batch: int) -> None:
    mapping = compile_mapping(msgspec.convert(_FALLBACK, Mapping))
    rows = [{"id": "1", "model": "M"}, {"id": "2", "model": "M"}, {"id": "3", "model": "N"}]
    report = await catalog.load(rows, mapping=mapping, batch=rows_a_batch)
    assert report.rows.created == 3
    skus = "SELECT p.external_ref, v.sku FROM product p JOIN variant v ON v.product_id = p.id ORDER BY p.external_ref"
    expected = [("1", "M"), ("2", "M-2"), ("3", "N")]
    assert [(one["external_ref"], one["sku"]) for one in await catalog.all(skus)] == expected
    again = await catalog.load(rows[::-1], mapping=mapping, batch=rows_a_batch)
    assert again.rows.unchanged == 3
    assert [(one["external_ref"], one["sku"]) for one in await catalog.all(skus)] == expected


async def test_a_rating_is_imported_until_reviews_count(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    await catalog.load([{"sku": "LMP-1", "rating_average": 4.0, "rating_count": 3}])
    await catalog.connection.execute(
        """WITH author AS (
            INSERT INTO account (id, email, email_key, name, password_hash)
            VALUES (uuidv7(), 'a@example.com', gen_random_uuid()::text, 'A', 'x') RETURNING id
        )
        INSERT INTO review (id, product_id, account_id, rating, status)
        SELECT uuidv7(), p.id, author.id, 2, 'approved' FROM product p, author"""
    )
    rating = "SELECT rating_average::float8, rating_count FROM product"
    assert await catalog.one(rating) == {"rating_average": 3.5, "rating_count": 4}
    report = await catalog.load([{"sku": "LMP-1", "rating_average": 5.0, "rating_count": 100}])
    assert report.rows.unchanged == 1
    await catalog.load([{"sku": "LMP-1", "rating_average": 5.0, "rating_count": 100, "name": "Renamed"}])
    assert await catalog.one(rating) == {"rating_average": 3.5, "rating_count": 4}


async def require(catalog: Catalog, code: str, category: str) -> None:
    """Active products in a category, and below it, must have an attribute."""
    await catalog.connection.execute(
        """INSERT INTO category_attribute (id, category_id, attribute_id, is_required)
        SELECT uuidv7(), c.id, a.id, true FROM category c, attribute a WHERE c.name = $1 AND a.code = $2""",
        category,
        code,
    )


async def test_rows_that_leave_an_active_product_without_what_its_category_requires_are_refused(
    catalog: Catalog,
) -> None:
    await catalog.load([LAMP, {**LAMP, "sku": "LMP-0", "external_ref": "lamp-0", "attributes": {}, "gtin": None}])
    await require(catalog, "color", "Light")
    base = {"name": "x", "status": "active", "category": "Home > Light > Ceiling"}
    rows: list[dict[str, Any]] = [
        {**base, "sku": "1"},
        {**base, "sku": "2", "attributes": {"color": "Blue"}},
        {**base, "sku": "3", "attributes": {"color": None}},
        {**base, "sku": "4", "status": "draft"},
        {**base, "sku": "5", "category": "Garden"},
        {"sku": "LMP-1", "attributes": {"color": None}},
        {"sku": "LMP-0", "stock": 1},
    ]
    for dry_run in (True, False):
        report = await catalog.load(rows, dry_run=dry_run)
        assert (report.rows.created, report.rows.failed) == (3, 4)
        assert catalog.codes == [(row, "attribute_required") for row in (1, 3, 6, 7)]
    assert "color" in catalog.failures[0].message
    assert (await catalog.product("LMP-1"))["p_attributes"] == '{"color": "Red", "dimmable": true, "height_cm": 30}'
    again = await catalog.load([rows[5], {"sku": "LMP-0", "attributes": {"color": "Red"}}, {"sku": "4"}])
    assert (again.rows.updated, again.rows.unchanged, again.rows.failed) == (1, 1, 1)


async def test_what_a_further_category_requires_counts_as_well(catalog: Catalog) -> None:
    await catalog.load([LAMP, {"sku": "G", "name": "Gift", "category": "Gifts"}])
    await require(catalog, "color", "Gifts")
    await catalog.connection.execute(
        "UPDATE product SET category_ids = ARRAY(SELECT id FROM category WHERE name = 'Gifts') WHERE name = 'Lamp Luna'"
    )
    await catalog.load([{"sku": "LMP-1", "attributes": {"color": None}}])
    assert catalog.codes == [(1, "attribute_required")]
    await catalog.connection.execute('UPDATE product SET options = \'[{"name": "Color", "values": ["Red"]}]\'')
    await catalog.load([{"sku": "LMP-1", "attributes": {"color": None}}])
    assert catalog.codes == []


async def test_numbers_of_a_file_are_stored_in_the_unit_of_their_attribute(catalog: Catalog) -> None:
    await catalog.load([{"sku": "1", "name": "x", "attributes": {"weight": {"value": 1.5, "unit": "kg"}}}])
    defined = await catalog.one("SELECT type, unit FROM attribute WHERE code = 'weight'")
    assert defined == {"type": "number", "unit": "kg"}
    await catalog.load(
        [
            {"sku": "2", "name": "x", "attributes": {"weight": {"value": 250, "unit": "g"}}},
            {"sku": "3", "name": "x", "attributes": {"weight": 3}},
            {"sku": "4", "name": "x", "attributes": {"weight": {"value": 3, "unit": "cm"}}},
        ]
    )
    assert catalog.codes == [(3, "unit_mismatch")]
    lines = ["sku,name,attr.weight", "5,x,0.5 kg", "6,x,800g", "7,x,9", "8,x,3 cm", "9,x,heavy", "10,x,-1.5e3"]
    await catalog.load("\n".join(lines).encode())
    assert catalog.codes == [(5, "unit_mismatch"), (6, "attribute_mismatch")]
    weights = await catalog.all(
        """SELECT v.sku, (p.attributes ->> 'weight')::float8 AS weight
        FROM product p JOIN variant v ON v.product_id = p.id ORDER BY v.sku::int"""
    )
    assert {row["sku"]: row["weight"] for row in weights} == {
        "1": 1.5, "2": 0.25, "3": 3, "5": 0.5, "6": 0.8, "7": 9, "10": -1500
    }  # fmt: skip


async def test_a_running_sale_outlasts_imports_of_its_product(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    await catalog.connection.execute(
        """INSERT INTO sale (id, product_id, variant_id, currency, amount, starts_at, ends_at)
        SELECT uuidv7(), product_id, id, currency, 3000, now(), now() + interval '1 day' FROM variant"""
    )
    asked = "SELECT price_amount, compare_at_amount FROM product"
    assert await catalog.one(asked) == {"price_amount": 3000, "compare_at_amount": 4999}
    assert (await catalog.load([LAMP])).rows.unchanged == 1
    await catalog.load([{**LAMP, "name": "Lamp Sol"}])
    assert await catalog.one(asked) == {"price_amount": 3000, "compare_at_amount": 4999}
    await catalog.load([{**LAMP, "price": {"amount": 4500, "currency": "EUR"}}])
    assert await catalog.one(asked) == {"price_amount": 3000, "compare_at_amount": 4500}
    await catalog.load([{**LAMP, "price": {"amount": 2500, "currency": "EUR"}, "compare_at_price": None}])
    assert await catalog.one(asked) == {"price_amount": 2500, "compare_at_amount": None}


async def test_an_import_leaves_the_history_of_the_prices_that_it_changes(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    told = "SELECT before_amount, amount, h.currency FROM price_history h JOIN variant v ON v.id = h.variant_id"
    assert await catalog.all(told) == [], "what a variant begins with has no row"
    await catalog.load([{**LAMP, "price": {"amount": 4500, "currency": "EUR"}, "stock": 3}])
    await catalog.load([{**LAMP, "price": {"amount": 4500, "currency": "EUR"}, "stock": 9}])
    assert await catalog.one(told) == {"before_amount": 4999, "amount": 4500, "currency": "EUR"}


async def test_a_row_with_the_sku_of_one_of_several_variants_changes_that_one(catalog: Catalog) -> None:
    await catalog.load([LAMP])
    await catalog.connection.execute(
        """
        WITH colored AS (
            UPDATE product SET options = '[{"name": "Colour", "values": ["Red", "Blue"]}]' RETURNING id
        ), red AS (UPDATE variant SET options = '{"Colour": "Red"}')
        INSERT INTO variant (id, product_id, sku, options, price_amount, currency, stock, position)
        SELECT uuidv7(), id, 'LMP-1-BLUE', '{"Colour": "Blue"}', 5499, 'EUR', 3, 1 FROM colored
        """
    )
    report = await catalog.load([{"sku": "LMP-1-BLUE", "price": {"amount": 4499, "currency": "EUR"}, "stock": 9}])
    assert (report.rows.updated, report.rows.failed) == (1, 0)
    rows = await catalog.connection.fetch(
        "SELECT sku, price_amount, stock, options::text FROM variant ORDER BY position"
    )
    assert [tuple(row) for row in rows] == [
        ("LMP-1", 4999, 7, '{"Colour": "Red"}'),
        ("LMP-1-BLUE", 4499, 9, '{"Colour": "Blue"}'),
    ]
    product = await catalog.one("SELECT price_amount, jsonb_array_length(options) AS options FROM product")
    assert (product["price_amount"], product["options"]) == (4499, 1)


async def test_where_words_for_pictures_are_required_no_row_makes_a_silent_product_active(catalog: Catalog) -> None:
    await catalog.load([{"sku": str(n), "name": f"Lamp {n}", "status": "draft"} for n in range(3)])
    await catalog.connection.execute(
        """WITH made AS (INSERT INTO asset (id, file, media_type, bytes, width, height)
            VALUES (uuidv7(), 'some.webp', 'image/webp', 1, 8, 8) RETURNING id)
        INSERT INTO product_image (id, product_id, asset_id, alt, position)
        SELECT uuidv7(), p.id, made.id, CASE p.name WHEN 'Lamp 0' THEN '' ELSE 'A lamp' END, 0
        FROM product p, made WHERE p.name <> 'Lamp 2'"""
    )
    await catalog.connection.execute("SELECT set_config('mercato.require_alt', 'on', false)")
    rows: list[dict[str, Any]] = [{"sku": str(n), "status": "active"} for n in range(3)]
    for dry_run in (True, False):
        report = await catalog.load(rows, dry_run=dry_run)
        assert (report.rows.updated, catalog.codes) == (2, [(1, "alt_required")])
    await catalog.load([{"sku": "0", "name": "Still a draft"}])
    assert catalog.codes == []
