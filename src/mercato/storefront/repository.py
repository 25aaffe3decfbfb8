"""The only SQL of the pages: addresses for the sitemap."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from mercato.catalog import sql
from mercato.platform.db import Reader

_BOUNDARIES = f"""
SELECT id FROM (
    SELECT p.id, row_number() OVER (ORDER BY p.id) AS place FROM product p WHERE {sql.PUBLISHED}
) numbered WHERE (place - 1) % $1 = 0 ORDER BY id
"""
_ENTRIES = f"""
SELECT p.slug, p.updated_at FROM product p WHERE p.id >= $1 AND {sql.PUBLISHED} ORDER BY p.id LIMIT $2
"""


class SitemapEntry(msgspec.Struct, frozen=True):
    """A product's slug and when it last changed."""

    slug: str
    updated_at: datetime


async def sitemap_boundaries(reader: Reader, size: int) -> list[UUID]:
    """The first product of each part of the sitemap, when a part holds `size` products."""
    return [UUID(str(row[0])) for row in await reader.fetch(_BOUNDARIES, size)]


async def sitemap_entries(reader: Reader, first: UUID, size: int) -> list[SitemapEntry]:
    """At most `size` published products in order, from `first` on."""
    rows: Sequence[Sequence[object]] = await reader.fetch(_ENTRIES, first, size)
    return [SitemapEntry(str(row[0]), cast("datetime", row[1])) for row in rows]
