"""Markup in the descriptions of an import: cleaned like that of the API, and the same file again changes nothing."""

from tests.support.imports import Catalog

NASTY = '<p onclick="steal()">Warm</p><script>steal()</script><ul><li>wool</ul>'
CLEAN = "<p>Warm</p><ul><li>wool</li></ul>"


async def test_an_import_stores_harmless_markup_only(catalog: Catalog) -> None:
    await catalog.load([{"sku": "A", "name": "Scarf", "description": NASTY}])
    assert (await catalog.product("A"))["p_description"] == CLEAN


async def test_the_same_file_again_and_what_was_stored_change_nothing(catalog: Catalog) -> None:
    rows = [
        {"sku": "A", "name": "Scarf", "description": NASTY},
        {"sku": "B", "name": "Mug", "description": "5 < 6 & so"},
    ]
    await catalog.load(rows)
    assert (await catalog.load(rows)).rows.unchanged == 2
    stored = [{"sku": sku, "name": (await catalog.product(sku))["p_name"]} for sku in ("A", "B")]
    exported = [row | {"description": (await catalog.product(row["sku"]))["p_description"]} for row in stored]
    assert (await catalog.load(exported)).rows.unchanged == 2


async def test_a_description_that_cleaning_makes_too_long_fails_its_row_alone(catalog: Catalog) -> None:
    report = await catalog.load(
        [{"sku": "A", "name": "Scarf", "description": "<p>" + "&" * 10_000}, {"sku": "B", "name": "Mug"}]
    )
    assert (report.rows.created, catalog.codes) == (1, [(1, "invalid_length")])
    assert catalog.failures[0].column == "description"
