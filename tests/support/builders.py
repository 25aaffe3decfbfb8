"""Builders: what a test needs, through the API, under names that no other test has."""

from string import ascii_lowercase
from typing import Any
from uuid import uuid4

from tests.support.installation import Installation

Json = dict[str, Any]


def unique(word: str = "x") -> str:
    """A word that occurs nowhere else (letters only, so that search treats it as one word)."""
    number = uuid4().int
    return word + "".join(ascii_lowercase[number // 26**place % 26] for place in range(12))


def unique_gtin() -> str:
    """A GTIN-14 with its check digit that nothing else has."""
    digits = f"{uuid4().int % 10**13:013d}"
    total = 3 * sum(map(int, digits[::2])) + sum(map(int, digits[1::2]))
    return digits + str(-total % 10)


async def _post(shop: Installation, path: str, body: Json) -> Json:
    response = await shop.admin.post(f"/api/v1{path}", json=body)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def make_brand(shop: Installation, **fields: object) -> Json:
    """A brand."""
    return await _post(shop, "/brands", {"name": f"Brand {unique()}", **fields})


async def make_category(shop: Installation, **fields: object) -> Json:
    """A category; a root unless `parent_id` is given."""
    return await _post(shop, "/categories", {"name": f"Category {unique()}", **fields})


async def make_attribute(shop: Installation, **fields: object) -> Json:
    """A text attribute unless told otherwise."""
    return await _post(shop, "/attributes", {"code": unique("a"), "name": "Attribute", "type": "text", **fields})


def price(amount: int, currency: str = "EUR") -> Json:
    """Money on the wire."""
    return {"amount": amount, "currency": currency}


async def make_product(shop: Installation, **fields: object) -> Json:
    """A published product at 10.00 EUR with 5 in stock."""
    body = {"name": f"Product {unique()}", "status": "active", "price": price(1000), "stock": 5, **fields}
    return await _post(shop, "/products", body)


async def make_variants(shop: Installation, *options: Json, **fields: object) -> Json:
    """A published product with a variant for each combination of these options, at 10.00 EUR with 5 in stock."""
    made = await make_product(shop, sku=unique("SKU-").upper(), **fields)
    response = await shop.admin.post(
        f"/api/v1/products/{made['id']}/variants/generate", json={"options": list(options), "stock": 5}
    )
    assert response.status_code == 200, response.text
    found: Json = (await shop.admin.get(f"/api/v1/products/{made['id']}")).json()
    return found
