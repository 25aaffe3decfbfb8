"""Categories, brands and facet attributes, held in the process: search names its facets without asking the database.

A snapshot is loaded at start, again when the database announces a change (`LISTEN taxonomy`), and every minute as the safety net
(product counts move without an announcement). While the database is away the last snapshot serves on.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

import anyio
import asyncpg
import msgspec

from mercato.catalog import sql
from mercato.catalog.attribute.schemas import AttributeType
from mercato.catalog.category.repository import COUNTED_TREE
from mercato.catalog.images import Showcase
from mercato.catalog.slugs import FORMER_SLUGS
from mercato.platform.db import DATABASE_AWAY, Database
from mercato.platform.logging import get_logger
from mercato.search.relevance import USAGE, Relevance, Usage, make_relevance

CHANNEL = "taxonomy"
REFRESH_S = 60.0
SETTLE_S = 0.1
"""Changes come in bursts (an import): wait for the burst to end."""
RETRY_S = 1.0
USAGE_REST_FACTOR, USAGE_IS_QUICK_S = 100, 0.02

_BRANDS = f"""
SELECT b.id, b.slug, b.name, b.description,
    (SELECT count(*) FROM product p WHERE p.brand_id = b.id AND {sql.PUBLISHED})
FROM brand b WHERE b.deleted_at IS NULL ORDER BY lower(b.name)
"""
_PICTURES = f"""
SELECT c.id, {sql.showcase("c")}::text FROM category c WHERE c.image_id IS NOT NULL AND c.deleted_at IS NULL
UNION ALL
SELECT b.id, {sql.showcase("b")}::text FROM brand b WHERE b.image_id IS NOT NULL AND b.deleted_at IS NULL
"""
_PRODUCTS = f"SELECT count(*) FROM product p WHERE {sql.PUBLISHED}"
_ATTRIBUTES = """
SELECT code, name, type, unit, options, is_facet, position, is_sortable FROM attribute
WHERE deleted_at IS NULL ORDER BY position, name
"""

_log = get_logger()


class TaxonomyCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A category; `path_ids` from its root down to itself, `product_count` with everything below."""

    id: UUID
    slug: str
    name: str
    description: str
    parent_id: UUID | None
    path_ids: tuple[UUID, ...]
    position: int
    product_count: int
    order: int
    """Place in the whole tree: parents before children, siblings in order."""


class TaxonomyBrand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand."""

    id: UUID
    slug: str
    name: str
    description: str
    product_count: int


class TaxonomyAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute."""

    code: str
    name: str
    type: AttributeType
    unit: str | None
    options: tuple[str, ...]
    is_facet: bool
    position: int
    is_sortable: bool = False


NamedT = TypeVar("NamedT", TaxonomyCategory, TaxonomyBrand)
FormerSlugs = Sequence[tuple[str, UUID]]
"""Slugs given up, with the ids of those that had them."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment."""

    categories: Mapping[UUID, TaxonomyCategory]
    """Parents before children, siblings in order."""
    brands: Mapping[UUID, TaxonomyBrand]
    attributes: Mapping[str, TaxonomyAttribute]
    category_slugs: Mapping[str, TaxonomyCategory]
    brand_slugs: Mapping[str, TaxonomyBrand]
    children: Mapping[UUID | None, Sequence[TaxonomyCategory]]
    relevance: Relevance
    pictures: Mapping[UUID, Showcase]
    """Of categories and brands that have one."""
    product_count: int = 0
    """Published products. Not the sum over the roots: a product can be in several."""


def make_snapshot(
    categories: Sequence[TaxonomyCategory],
    brands: Sequence[TaxonomyBrand],
    attributes: Sequence[TaxonomyAttribute],
    usage: Usage = (),
    *,
    former_categories: FormerSlugs = (),
    former_brands: FormerSlugs = (),
    pictures: Mapping[UUID, Showcase] | None = None,
    product_count: int = 0,
) -> Snapshot:
    """Index the rows by what they are looked up by; a slug that something has now leads there, whoever had it before."""
    children: dict[UUID | None, list[TaxonomyCategory]] = {}
    for category in categories:
        children.setdefault(category.parent_id, []).append(category)
    categories_by_id = {category.id: category for category in categories}
    brands_by_id = {brand.id: brand for brand in brands}
    return Snapshot(
        categories=categories_by_id,
        brands=brands_by_id,
        attributes={attribute.code: attribute for attribute in attributes},
        category_slugs=_by_slug(categories_by_id, former_categories),
        brand_slugs=_by_slug(brands_by_id, former_brands),
        children=children,
        relevance=make_relevance(
            usage,
            paths={category.id: category.path_ids for category in categories},
            names={category.id: category.name for category in categories},
        ),
        pictures=pictures or {},
        product_count=product_count,
    )


def _by_slug(rows: Mapping[UUID, NamedT], former: FormerSlugs) -> Mapping[str, NamedT]:
    led_on = {slug: rows[row_id] for slug, row_id in former if row_id in rows}
    return {**led_on, **{row.slug: row for row in rows.values()}}


class Taxonomy:
    """The current snapshot, and the task that keeps it current."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._now = make_snapshot([], [], [])
        self._changed = anyio.Event()
        self._loading = anyio.Lock()
        self._usage: Usage = ()
        self._usage_due_at = 0.0

    @property
    def categories(self) -> Mapping[UUID, TaxonomyCategory]:
        """All live categories, parents first, siblings in order."""
        return self._now.categories

    @property
    def brands(self) -> Mapping[UUID, TaxonomyBrand]:
        """All live brands by name."""
        return self._now.brands

    @property
    def attributes(self) -> Mapping[str, TaxonomyAttribute]:
        """All live attributes in order."""
        return self._now.attributes

    @property
    def relevance(self) -> Relevance:
        """Which attributes matter where."""
        return self._now.relevance

    @property
    def product_count(self) -> int:
        """How many products are published."""
        return self._now.product_count

    def category_by_slug(self, slug: str) -> TaxonomyCategory | None:
        """The category that has this slug, or had it before."""
        return self._now.category_slugs.get(slug)

    def brand_by_slug(self, slug: str) -> TaxonomyBrand | None:
        """The brand that has this slug, or had it before."""
        return self._now.brand_slugs.get(slug)

    def picture_of(self, entity_id: UUID) -> Showcase | None:
        """The picture that a category or brand has of its own."""
        return self._now.pictures.get(entity_id)

    def children(self, parent_id: UUID | None) -> Sequence[TaxonomyCategory]:
        """Categories directly below one, or the roots, in order."""
        return self._now.children.get(parent_id, ())

    def trail(self, category: TaxonomyCategory) -> list[TaxonomyCategory]:
        """The categories from the root down to this one."""
        found = (self._now.categories.get(step) for step in category.path_ids)
        return [step for step in found if step is not None]

    def path(self, category: TaxonomyCategory) -> str:
        """Slugs from the root down, joined by `/`: its address below `/c/`."""
        return "/".join(step.slug for step in self.trail(category))

    async def load(self) -> None:
        """Read everything from the database. One at a time, so that what is read last is what stays."""
        async with self._loading:
            self._now = await self._read()

    async def _read(self) -> Snapshot:
        reads = self._db.reads
        categories = [
            TaxonomyCategory(
                id=row[0],
                slug=row[1],
                name=row[2],
                description=row[3],
                parent_id=row[4],
                path_ids=tuple(row[5]),
                position=row[6],
                product_count=row[7],
                order=order,
            )
            for order, row in enumerate(await reads.fetch(COUNTED_TREE))
        ]
        brands = [
            TaxonomyBrand(id=row[0], slug=row[1], name=row[2], description=row[3], product_count=row[4])
            for row in await reads.fetch(_BRANDS)
        ]
        attributes = [
            TaxonomyAttribute(
                code=row[0],
                name=row[1],
                type=row[2],
                unit=row[3],
                options=tuple(row[4]),
                is_facet=row[5],
                position=row[6],
                is_sortable=row[7],
            )
            for row in await reads.fetch(_ATTRIBUTES)
        ]
        return make_snapshot(
            categories,
            brands,
            attributes,
            await self._read_usage(),
            former_categories=[(row[0], row[1]) for row in await reads.fetch(FORMER_SLUGS, "category")],
            former_brands=[(row[0], row[1]) for row in await reads.fetch(FORMER_SLUGS, "brand")],
            pictures={
                row[0]: msgspec.json.decode(row[1], type=Showcase) for row in await reads.fetch(_PICTURES) if row[1]
            },
            product_count=await reads.fetchval(_PRODUCTS),
        )

    async def _read_usage(self) -> Usage:
        """Counting looks at every product: in a large shop it rests for a hundred times as long as it took."""
        started = time.monotonic()
        if started >= self._usage_due_at:
            self._usage = [(row[0], row[1], row[2]) for row in await self._db.reads.fetch(USAGE)]
            now = time.monotonic()
            self._usage_due_at = now + USAGE_REST_FACTOR * max(0.0, now - started - USAGE_IS_QUICK_S)
        return self._usage

    async def keep_current(self) -> None:
        """Load whenever the database announces a change, and every minute; runs until cancelled, through lost connections."""
        while True:
            try:
                await self._listen()
            except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
                _log.warning("taxonomy_listener_lost", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - a defect here must not end the whole API; it is logged
                _log.exception("taxonomy_listener_crashed")
            await anyio.sleep(RETRY_S)

    async def _listen(self) -> None:
        connection = await self._db.connect()
        try:
            await connection.add_listener(CHANNEL, self._announce)
            connection.add_termination_listener(self._announce)
            while not connection.is_closed():
                self._changed = anyio.Event()
                await self.load()
                with anyio.move_on_after(REFRESH_S):
                    await self._changed.wait()
                    await anyio.sleep(SETTLE_S)
        finally:
            with suppress(OSError, asyncpg.InterfaceError):
                connection.terminate()

    def _announce(self, *_details: object) -> None:
        self._changed.set()
