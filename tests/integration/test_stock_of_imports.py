"""The ledger of stock under imports: new products open none, changes are written down."""

from tests.support.imports import Catalog

_LEDGER = "SELECT delta, quantity_after, reason, actor_name FROM stock_movement ORDER BY variant_id, created_at, id"


def rows(*stocks: int) -> list[dict[str, object]]:
    """So many products with these stocks."""
    return [{"sku": f"S{number}", "name": f"Thing {number}", "stock": stock} for number, stock in enumerate(stocks)]


async def test_an_import_writes_down_what_it_changes(catalog: Catalog) -> None:
    await catalog.load(rows(5, 0, 7))
    assert await catalog.all(_LEDGER) == []
    await catalog.load(rows(3, 4, 7))
    assert await catalog.all(_LEDGER) == [
        {"delta": 5, "quantity_after": 5, "reason": "opening", "actor_name": ""},
        {"delta": -2, "quantity_after": 3, "reason": "import", "actor_name": ""},
        {"delta": 4, "quantity_after": 4, "reason": "import", "actor_name": ""},
    ]


async def test_the_ledger_adds_up_to_the_stock_whoever_changes_it(catalog: Catalog) -> None:
    await catalog.load(rows(5, 0, 7))
    await catalog.load(rows(3, 4, 7))
    await catalog.connection.execute("UPDATE variant SET stock = stock + 1")
    await catalog.load(rows(3, 5, 0))
    assert await catalog.all("""
        SELECT v.stock, sum(m.delta) AS moved FROM variant v JOIN stock_movement m ON m.variant_id = v.id
        GROUP BY v.id ORDER BY v.sku
    """) == [{"stock": 3, "moved": 3}, {"stock": 5, "moved": 5}, {"stock": 0, "moved": 0}]
    assert (await catalog.one("SELECT count(*) AS n FROM stock_movement WHERE reason = 'correction'"))["n"] == 3
