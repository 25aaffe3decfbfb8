"""Brands, categories and attributes with what rows do not say of them: descriptions and order."""

from collections.abc import Sequence

import asyncpg
import msgspec

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.platform.html import sanitise
from mercato.transfer.staged import LEVEL_MARK
from mercato.transfer.staging import copy_names, create_staging, drop_staging
from mercato.transfer.taxonomy import resolve_taxonomy


class BrandOutline(msgspec.Struct, frozen=True, kw_only=True):
    """A brand by its name."""

    name: str
    description: str


class CategoryOutline(msgspec.Struct, frozen=True, kw_only=True):
    """A category by its names from the root down, its place among its siblings, and the attributes its products should have."""

    path: tuple[str, ...]
    description: str
    position: int
    attributes: Sequence[str] = ()
    """Codes, in order."""


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What products will refer to."""

    brands: Sequence[BrandOutline]
    categories: Sequence[CategoryOutline]
    """Parents before their children."""
    attributes: Sequence[AttributeCreate]


# A description that somebody wrote stays.
_DESCRIBE_BRANDS = """
UPDATE brand b SET description = given.description
FROM unnest($1::text[], $2::text[]) AS given (name, description) JOIN import_brand i ON i.name = given.name
WHERE b.id = i.id AND b.description = '' AND given.description <> ''
"""
_DESCRIBE_CATEGORIES = """
UPDATE category c SET description = given.description, position = given.position
FROM unnest($1::text[], $2::text[], $3::integer[]) AS given (path, description, position)
JOIN import_category i ON i.path = given.path
WHERE c.id = i.id AND c.description = '' AND given.description <> ''
"""
# One that has bindings was seen to by somebody.
_BIND = """
INSERT INTO category_attribute (id, category_id, attribute_id, position)
SELECT uuidv7(), i.id, a.id, given.position
FROM unnest($1::text[], $2::text[], $3::integer[]) AS given (path, code, position)
JOIN import_category i ON i.path = given.path
JOIN attribute a ON a.code = given.code AND a.deleted_at IS NULL
WHERE NOT EXISTS (SELECT FROM category_attribute b WHERE b.category_id = i.id)
"""


async def load_outline(connection: asyncpg.Connection, outline: Outline) -> None:
    """Add what is missing and describe what has no description yet, in one transaction."""
    paths = [LEVEL_MARK.join(category.path) for category in outline.categories]
    brands = [brand.name for brand in outline.brands]
    await create_staging(connection)
    async with connection.transaction():
        await copy_names(connection, brands=brands, categories=paths, attributes=outline.attributes)
        await resolve_taxonomy(connection)
        await connection.execute(_DESCRIBE_BRANDS, brands, [sanitise(brand.description) for brand in outline.brands])
        await connection.execute(
            _DESCRIBE_CATEGORIES,
            paths,
            [sanitise(category.description) for category in outline.categories],
            [category.position for category in outline.categories],
        )
        await connection.execute(_BIND, *_bindings(outline))
    await drop_staging(connection)


def _bindings(outline: Outline) -> tuple[list[str], list[str], list[int]]:
    """Paths, codes and positions."""
    rows = [
        (LEVEL_MARK.join(category.path), code, position)
        for category in outline.categories
        for position, code in enumerate(category.attributes)
    ]
    return [path for path, _, _ in rows], [code for _, code, _ in rows], [position for _, _, position in rows]
