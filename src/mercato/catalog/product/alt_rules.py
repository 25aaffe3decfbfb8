"""Whether the pictures of active products have words for those who do not see them, where the settings require it."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast
from uuid import UUID

from mercato.platform.db import Reader
from mercato.platform.problems import FieldError, InvalidInput

REQUIRES_ALT = "current_setting('mercato.require_alt', true) = 'on'"
"""In SQL, whether the settings require it; the pictures are not looked at where they do not."""
_WITHOUT_ALT = f"""
SELECT i.product_id, i.position FROM product_image i
WHERE {REQUIRES_ALT} AND i.product_id = ANY($1::uuid[]) AND ($2::uuid[] IS NULL OR i.id = ANY($2)) AND btrim(i.alt) = ''
ORDER BY i.product_id, i.position
"""


async def without_alt(
    reader: Reader, products: Sequence[UUID], *, among: Sequence[UUID] | None = None
) -> Mapping[UUID, list[int]]:
    """Positions of the pictures (all, or those `among` these) that lack the words that active products must have, by product."""
    found: dict[UUID, list[int]] = {}
    for product_id, position in await reader.fetch(
        _WITHOUT_ALT, list(products), None if among is None else list(among)
    ):
        found.setdefault(cast("UUID", product_id), []).append(cast("int", position))
    return found


async def check_alts(reader: Reader, product_id: UUID, *, among: Sequence[UUID] | None = None) -> None:
    """Raise `InvalidInput` when pictures of an active product (all, or those `among` these) have no words."""
    lacking = await without_alt(reader, [product_id], among=among)
    if problem := missing_alts(lacking.get(product_id, ())):
        raise problem


def missing_alts(positions: Collection[int]) -> InvalidInput | None:
    """What is wrong with an active product whose pictures at these positions have no words; None when there are none."""
    errors = [
        FieldError(
            pointer=f"/images/{position}/alt",
            code="alt_required",
            message="pictures of active products need words that say what they show",
        )
        for position in positions
    ]
    return InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors) if errors else None
