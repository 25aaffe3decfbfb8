"""Builders of reviews, through the API."""

import httpx

from tests.support.builders import Json
from tests.support.installation import Installation
from tests.support.people import make_person


async def write_review(author: httpx.AsyncClient, product: Json, rating: int = 5, **fields: object) -> Json:
    """A review by somebody who signed in."""
    response = await author.post(f"/api/v1/products/{product['id']}/reviews", json={"rating": rating, **fields})
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def moderate(shop: Installation, review: Json, status: str = "approved", **fields: object) -> Json:
    """The review after an admin's verdict."""
    response = await shop.admin.patch(f"/api/v1/reviews/{review['id']}", json={"status": status, **fields})
    assert response.status_code == 200, response.text
    moderated: Json = response.json()
    return moderated


async def make_review(shop: Installation, product: Json, rating: int = 5, **fields: object) -> Json:
    """An approved review by somebody new."""
    buyer = await make_person(shop)
    return await moderate(shop, await write_review(buyer.client, product, rating, **fields))


async def rating_of(shop: Installation, product: Json) -> tuple[float | None, int]:
    """Average and count, as everybody sees them."""
    found = (await shop.client.get(f"/api/v1/products/{product['id']}")).json()
    return found["rating"]["average"], found["rating"]["count"]
