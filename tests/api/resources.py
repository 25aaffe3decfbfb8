"""What the four resources of the catalog have in common, for tests that hold for each of them."""

from collections.abc import Callable

import msgspec
import pytest

from tests.support.builders import Json, unique
from tests.support.installation import Installation


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of thing the API serves: where, what creates one, and what stands for its id in addresses."""

    path: str
    make_body: Callable[[], Json]
    key: str = "slug"
    taken: str = "slug_taken"

    async def make(self, shop: Installation, **fields: object) -> Json:
        """One of it, created through the API."""
        response = await shop.admin.post(f"/api/v1{self.path}", json={**self.make_body(), **fields})
        assert response.status_code == 201, response.text
        made: Json = response.json()
        return made

    def address(self, made: Json, *, by: str = "id") -> str:
        """Where one is read and changed."""
        return f"/api/v1{self.path}/{made[by]}"


PRODUCTS = Resource(path="/products", make_body=lambda: {"name": f"Product {unique()}", "status": "active"})
CATEGORIES = Resource(path="/categories", make_body=lambda: {"name": f"Category {unique()}"})
BRANDS = Resource(path="/brands", make_body=lambda: {"name": f"Brand {unique()}"})
ATTRIBUTES = Resource(
    path="/attributes",
    make_body=lambda: {"code": unique("a"), "name": "Material", "type": "text"},
    key="code",
    taken="attribute_code_taken",
)
RESOURCES = (PRODUCTS, CATEGORIES, BRANDS, ATTRIBUTES)

each_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)
each_slugged_resource = pytest.mark.parametrize(
    "resource", [PRODUCTS, CATEGORIES, BRANDS], ids=lambda resource: resource.path
)
