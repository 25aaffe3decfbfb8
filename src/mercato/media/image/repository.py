"""All SQL of pictures that are shown somewhere."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import msgspec

from mercato.catalog import sql
from mercato.catalog.problems import NotOwner
from mercato.identity.principal import Principal, Visibility
from mercato.platform.db import Reader
from mercato.platform.ids import new_id, parse_id
from mercato.platform.problems import NotFound

_IMAGES = f"""
SELECT coalesce((
    SELECT json_agg({sql.IMAGE} ORDER BY i.position) FROM product_image i JOIN asset a ON a.id = i.asset_id
    WHERE i.product_id = p.id
), '[]')::text
FROM product p WHERE p.deleted_at IS NULL AND {{key}} AND ({sql.PUBLISHED} OR $2 OR p.seller_id = $3)
"""
_IMAGES_BY_ID, _IMAGES_BY_SLUG = _IMAGES.format(key="p.id = $1"), _IMAGES.format(key="p.slug = $1")
_IMAGES_NAMED = f"""
SELECT coalesce(json_agg({sql.IMAGE} ORDER BY wanted.n), '[]')::text
FROM unnest($1::uuid[]) WITH ORDINALITY wanted (id, n)
JOIN product_image i ON i.id = wanted.id JOIN asset a ON a.id = i.asset_id
"""
_IMAGE = f"""
SELECT i.version, ({sql.IMAGE})::text AS body FROM product_image i JOIN asset a ON a.id = i.asset_id WHERE i.id = $1
"""
_PLACE = """
SELECT i.product_id, i.asset_id, i.position, i.version FROM product_image i
JOIN product p ON p.id = i.product_id AND p.deleted_at IS NULL WHERE i.id = $1
"""
_ORDER = "SELECT id FROM product_image WHERE product_id = $1 ORDER BY position, id"
# A product shows a picture once: the same file sent again is the picture that is there.
_ADD = """
INSERT INTO product_image (id, product_id, asset_id, alt, position) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (product_id, asset_id) DO UPDATE SET alt = product_image.alt
RETURNING id
"""
_ARRANGE = """
UPDATE product_image i SET position = wanted.n - 1, version = i.version + 1, updated_at = now()
FROM unnest($2::uuid[]) WITH ORDINALITY wanted (id, n)
WHERE i.product_id = $1 AND i.id = wanted.id AND i.position <> wanted.n - 1
"""
_CHANGE = """
UPDATE product_image SET alt = coalesce($2, alt), asset_id = $3, version = version + 1, updated_at = now()
WHERE id = $1 AND (alt, asset_id) IS DISTINCT FROM (coalesce($2, alt), $3)
"""
_SHOWS = "SELECT EXISTS (SELECT FROM product_image WHERE product_id = $1 AND asset_id = $2 AND id <> $3)"
_REMOVE = "DELETE FROM product_image WHERE id = $1"


_ORIGINAL = "SELECT a.file FROM product_image i JOIN asset a ON a.id = i.asset_id WHERE i.id = $1"
_OWNER = f"""
SELECT p.seller_id, {sql.PUBLISHED} FROM product p {{join}} WHERE p.deleted_at IS NULL AND {{key}}
"""
_OWNER_BY_ID, _OWNER_BY_SLUG = (_OWNER.format(join="", key=key) for key in ("p.id = $1", "p.slug = $1"))
_OWNER_OF_IMAGE = _OWNER.format(join="JOIN product_image i ON i.product_id = p.id", key="i.id = $1")


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """Whose product it is, and whether everybody sees it."""

    seller_id: UUID | None
    is_published: bool


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a picture is shown, and which."""

    product_id: UUID
    asset_id: UUID
    position: int
    version: int


async def list_images(reader: Reader, key: str, visibility: Visibility) -> bytes | None:
    """The pictures of a product in order, as a JSON array; None when there is no such product for the caller."""
    product_id = parse_id(key)
    statement = _IMAGES_BY_SLUG if product_id is None else _IMAGES_BY_ID
    row = await reader.fetchrow(statement, product_id or key, visibility.everything, visibility.seller_id)
    return None if row is None else str(row[0]).encode()


async def read_images(reader: Reader, image_ids: Sequence[UUID]) -> bytes:
    """These pictures, as a JSON array."""
    row = await reader.fetchrow(_IMAGES_NAMED, list(image_ids))
    return b"[]" if row is None else str(row[0]).encode()


async def find_image(reader: Reader, image_id: UUID) -> tuple[int, bytes] | None:
    """Version and JSON of a picture."""
    row = await reader.fetchrow(_IMAGE, image_id)
    return None if row is None else (cast("int", row[0]), str(row[1]).encode())


async def find_place(reader: Reader, image_id: UUID) -> Place | None:
    """Where a picture is shown; None when there is none, or its product is gone."""
    row = await reader.fetchrow(_PLACE, image_id)
    if row is None:
        return None
    product_id, asset_id, position, version = row
    return Place(
        product_id=cast("UUID", product_id),
        asset_id=cast("UUID", asset_id),
        position=cast("int", position),
        version=cast("int", version),
    )


async def read_order(reader: Reader, product_id: UUID) -> list[UUID]:
    """Ids of a product's pictures, the primary one first."""
    return [cast("UUID", row[0]) for row in await reader.fetch(_ORDER, product_id)]


async def add_image(reader: Reader, product_id: UUID, asset_id: UUID, *, alt: str, position: int) -> UUID:
    """Show an asset on a product; gives the picture's id, of the one that is there when it is."""
    row = await reader.fetchrow(_ADD, new_id(), product_id, asset_id, alt, position)
    assert row is not None
    return cast("UUID", row[0])


async def arrange(reader: Reader, product_id: UUID, order: Sequence[UUID]) -> None:
    """Give the pictures their positions."""
    await reader.fetchrow(_ARRANGE, product_id, list(order))


async def change_image(reader: Reader, image_id: UUID, *, alt: str | None, asset_id: UUID) -> None:
    """Other words (None: the same), or another asset."""
    await reader.fetchrow(_CHANGE, image_id, alt, asset_id)


async def shows_elsewhere(reader: Reader, product_id: UUID, asset_id: UUID, image_id: UUID) -> bool:
    """Whether another picture of the product shows the asset."""
    row = await reader.fetchrow(_SHOWS, product_id, asset_id, image_id)
    return row is not None and bool(row[0])


async def remove_image(reader: Reader, image_id: UUID) -> None:
    """Show it no more; its files follow once nothing shows them."""
    await reader.fetchrow(_REMOVE, image_id)


async def owner_of_product(reader: Reader, key: str) -> Ownership | None:
    """Whose the product is; None when there is none."""
    product_id = parse_id(key)
    return _ownership(await reader.fetchrow(_OWNER_BY_SLUG if product_id is None else _OWNER_BY_ID, product_id or key))


async def find_original(reader: Reader, image_id: UUID) -> str | None:
    """Key of a picture's original in the store; None when there is no such picture."""
    row = await reader.fetchrow(_ORIGINAL, image_id)
    return None if row is None else str(row[0])


async def owner_of_image(reader: Reader, image_id: UUID) -> Ownership | None:
    """Whose the product of a picture is; None when there is none."""
    return _ownership(await reader.fetchrow(_OWNER_OF_IMAGE, image_id))


def check_may_change(ownership: Ownership | None, caller: Principal, unknown: str) -> None:
    """Refuse before an upload is taken what would be refused after it (403, 404); the write itself checks again, under a lock."""
    if ownership is None:
        raise NotFound(unknown)
    if caller.role == "admin" or (caller.account_id is not None and ownership.seller_id == caller.account_id):
        return
    raise NotOwner("The product belongs to another seller.") if ownership.is_published else NotFound(unknown)


def _ownership(row: Sequence[object] | None) -> Ownership | None:
    return None if row is None else Ownership(seller_id=cast("UUID | None", row[0]), is_published=bool(row[1]))
