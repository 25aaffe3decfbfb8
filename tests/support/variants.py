"""Products with variants: what their tests ask of the API."""

from tests.support.builders import Json
from tests.support.installation import Installation
from tests.support.pictures import show

SIZES = {"name": "Size", "values": ["S", "M", "L"]}
COLOURS = {"name": "Colour", "values": ["Red", "Blue"]}


def at(product: Json, rest: str = "") -> str:
    """Where a product's variants are."""
    return f"/api/v1/products/{product['id']}/variants{rest}"


def of(variant: Json) -> str:
    """Where one variant is."""
    return f"/api/v1/variants/{variant['id']}"


async def read(shop: Installation, product: Json) -> Json:
    """The product as it is now."""
    found: Json = (await shop.admin.get(f"/api/v1/products/{product['id']}")).json()
    return found


async def patch(shop: Installation, address: str, **fields: object) -> Json:
    """A resource after a change."""
    response = await shop.admin.patch(address, json=fields)
    assert response.status_code == 200, response.text
    changed: Json = response.json()
    return changed


async def patch_product(shop: Installation, product: Json, **fields: object) -> Json:
    """A product after a change."""
    return await patch(shop, f"/api/v1/products/{product['id']}", **fields)


async def add(shop: Installation, product: Json, **fields: object) -> Json:
    """Another variant."""
    response = await shop.admin.post(at(product), json=fields)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def generate(shop: Installation, product: Json, **fields: object) -> list[Json]:
    """All variants, with those that were missing."""
    response = await shop.admin.post(at(product, "/generate"), json=fields)
    assert response.status_code == 200, response.text
    page = response.json()
    assert page["next_cursor"] is None
    items: list[Json] = page["items"]
    return items


def defaults(product: Json) -> list[str]:
    """SKUs of the variants that are the default."""
    return [variant["sku"] for variant in product["variants"] if variant["is_default"]]


async def make_image(shop: Installation, product: Json, position: int = 0) -> str:
    """A picture of the product; gives its id."""
    return await show(shop, product, f"{position}.webp", position=position)
