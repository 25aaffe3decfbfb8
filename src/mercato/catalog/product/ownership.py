"""Whose products a caller may change."""

from uuid import UUID

from mercato.catalog.problems import NotOwner
from mercato.catalog.product import models as m
from mercato.catalog.product.repository import ProductRepository
from mercato.identity.principal import Principal
from mercato.platform.problems import NotFound


async def lock_own(products: ProductRepository, caller: Principal, key: str) -> m.Product:
    """The product with this id or slug, locked for changing by `caller`: sellers their own, which they made, and admins all.

    Raises `NotOwner` (403) for a product of somebody else, `NotFound` when the caller may not even see it.
    """
    product = await products.lock(key, caller.visibility)
    if owns(caller, product.seller_id):
        return product
    if await products.is_published(product):
        raise NotOwner("The product belongs to another seller.")
    raise NotFound(f"There is no product {key!r}.")


def owns(caller: Principal, seller_id: UUID | None) -> bool:
    """Whether the caller may change products of this seller (None: of the shop itself)."""
    return caller.role == "admin" or (caller.account_id is not None and seller_id == caller.account_id)
