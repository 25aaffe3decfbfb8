"""Brands, categories and attributes that rows name: found, or added when missing."""

from collections.abc import Sequence

import asyncpg

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.catalog.category.repository import TREE_LOCK
from mercato.transfer.slugs import with_free_slugs

# Two imports that add the same brand would otherwise both find it missing.
LOCK_TAXONOMY = "SELECT pg_advisory_xact_lock(hashtext('mercato.import.taxonomy'))"

# A parent that is being moved would otherwise get children with its old path.
LOCK_TREE = f"SELECT pg_advisory_xact_lock({TREE_LOCK})"

FIND_BRANDS = """
UPDATE import_brand i SET id = found.id
FROM (
    SELECT DISTINCT ON (lower(b.name)) lower(b.name) AS key, b.id FROM brand b
    WHERE b.deleted_at IS NULL AND lower(b.name) IN (SELECT lower(name) FROM import_brand WHERE id IS NULL)
    ORDER BY lower(b.name), b.id
) found
WHERE lower(i.name) = found.key AND i.id IS NULL
"""

_MISSING_BRANDS = """
    SELECT DISTINCT ON (lower(name)) ordinal AS key, slug AS base, right(uuidv7()::text, 12) AS tail
    FROM import_brand WHERE id IS NULL ORDER BY lower(name), ordinal
"""
ADD_BRANDS = f"""
{with_free_slugs(wanted=_MISSING_BRANDS, table="brand", reserved="SELECT NULL::text AS slug")}
INSERT INTO brand (id, slug, name)
SELECT uuidv7(), s.slug, i.name FROM import_brand i JOIN slug_of s ON s.key = i.ordinal ORDER BY i.ordinal
"""

FIND_CATEGORIES = """
UPDATE import_category i SET id = found.id
FROM (
    SELECT DISTINCT ON (n.ordinal) n.ordinal, c.id
    FROM import_category n
    LEFT JOIN import_category up ON up.path = n.parent
    JOIN category c ON lower(c.name) = lower(n.name) AND c.parent_id IS NOT DISTINCT FROM up.id AND c.deleted_at IS NULL
    WHERE n.depth = $1 AND n.id IS NULL AND (n.parent IS NULL OR up.id IS NOT NULL)
    ORDER BY n.ordinal, c.id
) found
WHERE i.ordinal = found.ordinal
"""

DEEPEST = "SELECT coalesce(max(depth), 0) FROM import_category"

# A slug that is taken, or wanted by two, gets the parent's name before it: accessories, cameras-accessories.
_MISSING_CATEGORIES = """
    SELECT n.key, right(uuidv7()::text, 12) AS tail,
        CASE WHEN count(*) OVER (PARTITION BY n.slug) = 1
            AND NOT EXISTS (SELECT FROM category c WHERE c.slug = n.slug AND c.deleted_at IS NULL)
        THEN n.slug ELSE n.long_slug END AS base
    FROM (
        SELECT DISTINCT ON (lower(i.name), up.id) i.ordinal AS key, i.slug, i.long_slug
        FROM import_category i LEFT JOIN import_category up ON up.path = i.parent
        WHERE i.depth = $1 AND i.id IS NULL ORDER BY lower(i.name), up.id, i.ordinal
    ) n
"""
ADD_CATEGORIES = f"""
{with_free_slugs(wanted=_MISSING_CATEGORIES, table="category", reserved="SELECT NULL::text AS slug")},
fresh AS (SELECT key, slug, uuidv7() AS id FROM slug_of)
INSERT INTO category (id, parent_id, path_ids, slug, name, position)
SELECT f.id, up.id, coalesce(above.path_ids, '{{}}') || f.id, f.slug, i.name,
    coalesce((SELECT max(c.position) FROM category c WHERE c.parent_id IS NOT DISTINCT FROM up.id AND c.deleted_at IS NULL), 0)
    + row_number() OVER (PARTITION BY up.id ORDER BY i.ordinal)
FROM fresh f JOIN import_category i ON i.ordinal = f.key
LEFT JOIN import_category up ON up.path = i.parent
LEFT JOIN category above ON above.id = up.id
ORDER BY i.ordinal
"""

PRETEND_BRANDS = "UPDATE import_brand SET id = uuidv7() WHERE id IS NULL"
PRETEND_CATEGORIES = """
UPDATE import_category i
SET id = uuidv7(), above = (SELECT coalesce(up.above, up.id) FROM import_category up WHERE up.path = i.parent)
WHERE i.id IS NULL AND i.depth = $1
"""

ADD_ATTRIBUTES = """
INSERT INTO attribute (id, code, name, type, unit, options, is_facet, is_searchable, is_sortable, position)
SELECT uuidv7(), code, name, type, unit, options, is_facet, is_searchable, is_sortable, position FROM import_attribute ORDER BY code
ON CONFLICT (code) WHERE deleted_at IS NULL DO NOTHING
"""
LOCK_ATTRIBUTES = """
SELECT code, type, unit, options FROM attribute WHERE code = ANY($1::text[]) AND deleted_at IS NULL ORDER BY code FOR SHARE
"""


class AttributeClash(Exception):
    """Somebody changed a definition while the import ran, so its values were checked against the old one."""


async def resolve_taxonomy(connection: asyncpg.Connection, *, dry_run: bool = False) -> None:
    """Give each staged brand and category its id, and add what is missing, attributes too (but not in a dry run)."""
    await _resolve(connection, "brand", FIND_BRANDS, ADD_BRANDS, dry_run=dry_run)
    for depth in range(1, await connection.fetchval(DEEPEST) + 1):
        await _resolve(connection, "category", FIND_CATEGORIES, ADD_CATEGORIES, depth, dry_run=dry_run)
    if not dry_run and await connection.fetchval("SELECT EXISTS (SELECT FROM import_attribute)"):
        await connection.execute(ADD_ATTRIBUTES)


async def lock_attributes(connection: asyncpg.Connection, definitions: Sequence[AttributeCreate]) -> None:
    """Keep the definitions as they are until the transaction ends; raises `AttributeClash` when they are not any more."""
    found = {
        code: (kind, unit, options)
        for code, kind, unit, options in await connection.fetch(LOCK_ATTRIBUTES, [one.code for one in definitions])
    }
    for one in definitions:
        if found.get(one.code) != (one.type, one.unit, one.options):
            raise AttributeClash(f"the attribute {one.code!r} was changed while the import ran: run it again")


async def _resolve(connection: asyncpg.Connection, table: str, find: str, add: str, *depth: int, dry_run: bool) -> None:
    await connection.execute(find, *depth)
    condition = " AND depth = $1" if depth else ""
    if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM import_{table} WHERE id IS NULL{condition})", *depth):
        return
    if dry_run:
        await connection.execute(PRETEND_CATEGORIES if depth else PRETEND_BRANDS, *depth)
        return
    await connection.execute(LOCK_TAXONOMY)
    if table == "category":
        await connection.execute(LOCK_TREE)
    await connection.execute(find, *depth)
    await connection.execute(add, *depth)
    await connection.execute(find, *depth)
