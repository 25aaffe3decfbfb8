"""What is particular to brands: product counts and delete rules."""

from tests.support.answers import expect_problem
from tests.support.builders import make_brand, make_product
from tests.support.installation import Installation


async def test_a_brand_counts_the_products_that_shoppers_see(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    await make_product(shared_shop, brand_id=brand["id"])
    await make_product(shared_shop, brand_id=brand["id"], status="draft")
    await make_product(shared_shop, brand_id=brand["id"], unpublish_at="2001-01-01T00:00:00Z")
    found = (await shared_shop.client.get(f"/api/v1/brands/{brand['id']}")).json()
    assert found["product_count"] == 1


async def test_a_product_names_its_brand(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    product = await make_product(shared_shop, brand_id=brand["id"])
    assert product["brand"] == {"id": brand["id"], "slug": brand["slug"], "name": brand["name"]}


async def test_a_brand_of_products_stays(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    product = await make_product(shared_shop, brand_id=brand["id"], status="archived")
    address = f"/api/v1/brands/{brand['id']}"
    expect_problem(await shared_shop.admin.delete(address), 409, "brand_in_use")
    await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"brand_id": None})
    assert (await shared_shop.admin.delete(address)).status_code == 204
