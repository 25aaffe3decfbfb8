"""Products over HTTP."""

from tests.support.builders import make_product, price, unique
from tests.support.installation import Installation


async def test_a_created_product_is_found_by_id_and_by_slug(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, name=unique("Kettle"))
    by_id = await shared_shop.client.get(f"/api/v1/products/{made['id']}")
    by_slug = await shared_shop.client.get(f"/api/v1/products/{made['slug']}")
    assert by_id.status_code == by_slug.status_code == 200
    assert by_id.json() == by_slug.json() == made


async def test_a_product_is_read_in_one_statement(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    with shared_shop.counted() as statements:
        await shared_shop.client.get(f"/api/v1/products/{made['slug']}")
    assert len(statements) == 1


async def test_sku_price_and_stock_at_the_top_describe_the_default_variant(shared_shop: Installation) -> None:
    sku = unique("SKU-")
    made = await make_product(shared_shop, sku=sku, price=price(1999), stock=7)
    [variant] = made["variants"]
    assert (variant["sku"], variant["price"], variant["stock"], variant["is_default"]) == (sku, price(1999), 7, True)
    assert made["price"] == price(1999)
    assert made["in_stock"] is True
