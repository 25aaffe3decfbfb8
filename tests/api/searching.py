"""Asking search, for the tests of search."""

import httpx

from tests.support.builders import Json, make_category, make_product
from tests.support.installation import Installation

SEARCH = "/api/v1/search"


async def settle(shop: Installation) -> None:
    """Bring the index and the names of categories, brands and attributes up to date."""
    await shop.drain()
    await shop.resources.taxonomy.load()


async def stocked(shop: Installation, *products: Json) -> str:
    """Products in a category of their own, ready to be searched; gives the category's id, which finds only them."""
    category = await make_category(shop)
    for fields in products:
        await make_product(shop, category_id=category["id"], **fields)
    await settle(shop)
    return str(category["id"])


async def ask(shop: Installation, **parameters: object) -> Json:
    """The result of a search by the engine."""
    response = await shop.client.get(SEARCH, params=httpx.QueryParams(_texts(parameters)))
    assert response.status_code == 200, response.text
    result: Json = response.json()
    assert result["degraded"] is False
    return result


async def find(shop: Installation, **parameters: object) -> list[str]:
    """Names of the hits, in order."""
    return [hit["name"] for hit in (await ask(shop, **parameters))["hits"]]


def options(result: Json, facet: str) -> dict[str, int]:
    """Values of a facet with their counts."""
    [found] = [item for item in result["facets"] if item["id"] == facet]
    return {option["value"]: option["count"] for option in found["options"]}


def _texts(parameters: dict[str, object]) -> dict[str, str | list[str]]:
    return {
        name: [str(v) for v in value] if isinstance(value, list) else str(value) for name, value in parameters.items()
    }
