"""Who may see and change stock: sellers that of their own products, admins all."""

from collections.abc import Mapping
from uuid import UUID

from mercato.catalog.problems import NotOwner
from mercato.catalog.stock.repository import Sellable
from mercato.identity.principal import Principal
from mercato.platform.problems import NotFound


def is_own(caller: Principal, seller_id: UUID | None) -> bool:
    """Whether the caller sells it, or is an admin."""
    return caller.role == "admin" or (caller.account_id is not None and seller_id == caller.account_id)


def check_own(caller: Principal, variant_id: UUID, found: Mapping[UUID, Sellable]) -> None:
    """Raise 403 for a variant of somebody else, 404 for one that is not there, or that the caller may not even see."""
    sellable = found.get(variant_id)
    if sellable is not None and is_own(caller, sellable.seller_id):
        return
    if sellable is not None and sellable.is_published:
        raise NotOwner("The variant's product belongs to another seller.")
    raise NotFound(f"There is no variant {str(variant_id)!r}.")
