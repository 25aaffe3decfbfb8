"""The projection: from the catalog's tables to the documents of the engine, in one statement for any number of products.

A document has what search looks at (`name`, `brand`, … in ranking order), what it filters and sorts by, `card` (what a hit shows,
ready to use, so that a search needs nothing else; JSON as text, which the engine copies, where it would take an object apart and
put it together again, twice a hit), `variants` (what a hit may show of each of several variants, as text, too) and `rev`, a digest
that tells whether a document is up to date.

Where an attribute has the code of an option, `attr` holds all values that the variants have, so that facets count products.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import msgspec

from mercato.catalog import sql
from mercato.platform.db import Reader

HIT_IMAGE = """json_build_object(
    'url', media_shown(a.file, a.renditions), 'alt', i.alt, 'width', a.width, 'height', a.height,
    'dominant_color', a.dominant_color,
    'renditions', (
        SELECT json_agg(json_build_object('name', r.name, 'format', r.format, 'width', r.width, 'url', r.url))
        FROM json_to_recordset(media_renditions(a.renditions)) r (name text, format text, width integer, url text)
        WHERE CASE r.format WHEN 'jpeg' THEN r.name = '640'
            ELSE r.name IN ('160', '320', '640') OR r.name = 'square' AND a.width <> a.height END
    )
)"""
"""A picture as hits show it. Aliases: `i` product_image, `a` asset."""

PRIMARY_HIT_IMAGE = f"""(
    SELECT {HIT_IMAGE} FROM product_image i JOIN asset a ON a.id = i.asset_id
    WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
)"""

VARIANT_CARDS = f"""CASE WHEN p.options <> '[]' THEN (
    SELECT json_build_object(
        'rows', json_agg(json_build_array(
            v.id, v.sku, v.gtin, v.options, coalesce(sale.amount, v.price_amount), v.currency,
            v.stock > 0 OR v.allow_backorder, v.is_default, (
                SELECT i.position FROM variant_image vi JOIN product_image i ON i.id = vi.image_id
                WHERE vi.product_id = p.id AND vi.variant_id = v.id ORDER BY vi.position LIMIT 1
            ), CASE WHEN v.prices IS NOT NULL THEN (
                SELECT json_object_agg(known.found -> 'price' ->> 'currency', known.found -> 'price' -> 'amount')
                FROM json_array_elements({sql.VARIANT_PRICES}) known (found)
            ) END
        ) ORDER BY v.position, v.id),
        'images', (
            SELECT json_object_agg(i.position, {HIT_IMAGE} ORDER BY i.position)
            FROM product_image i JOIN asset a ON a.id = i.asset_id
            WHERE i.product_id = p.id AND i.id IN (SELECT vi.image_id FROM variant_image vi WHERE vi.product_id = p.id)
        )
    )::text
    FROM variant v {sql.BASE_SALE} WHERE v.product_id = p.id AND v.deleted_at IS NULL HAVING count(*) > 1
) END"""
"""What hits may show of a product's variants, as `search.matching` reads it; null where there is one variant. Alias: `p`."""

CARD = f"""json_build_object(
    'id', p.id, 'slug', p.slug, 'name', p.name,
    'brand', {sql.BRAND_REF}, 'category', path.ref,
    'price', {sql.money("p.price_amount", "p.currency")},
    'compare_at_price', {sql.money("p.compare_at_amount", "p.currency")},
    'rating', {sql.RATING}, 'in_stock', p.in_stock, 'image', {PRIMARY_HIT_IMAGE}, 'sku', stocked.sku
)"""


_PRICES = """CASE WHEN stocked.has_currencies THEN product_prices_now(p.id)
    WHEN p.price_amount IS NOT NULL THEN json_build_object(
        'prices', json_build_object(p.currency, p.price_amount),
        'compare_at', CASE WHEN p.compare_at_amount IS NOT NULL THEN json_build_object(p.currency, p.compare_at_amount) END
    ) END"""
"""Currency -> lowest price, and what to compare it with; what most products have, one price, is told without a look."""

PRICE_BAND = """CASE WHEN p.price_amount < 100 THEN p.price_amount
    ELSE trunc(p.price_amount::numeric, 1 - floor(log(p.price_amount))::int)::bigint END"""
"""The price down to two digits (1999 -> 1900): few values, so counting them for a histogram is cheap."""

_NAMES_OF_SEVERAL = """(
    SELECT json_agg(name ORDER BY place) FROM (
        SELECT a.name, min(ARRAY[one.n, cardinality(x.path_ids) - step.n]) AS place
        FROM unnest(own.category_id || own.category_ids) WITH ORDINALITY one (id, n) JOIN category x ON x.id = one.id
        CROSS JOIN unnest(x.path_ids) WITH ORDINALITY step (id, n) JOIN category a ON a.id = step.id
        GROUP BY a.id
    ) named
)"""
"""Names of the categories, each with those above it from itself to the root, and every one once: the primary one's first."""

_SOURCE = f"""
WITH wanted AS MATERIALIZED (
    SELECT p.* FROM product p WHERE p.id = ANY($1::uuid[]) AND {sql.PUBLISHED}
), path AS MATERIALIZED (
    SELECT own.category_id, own.category_ids, {sql.CATEGORY_REF} AS ref,
        CASE WHEN cardinality(own.category_ids) = 0 THEN c.path_ids
            ELSE ARRAY(SELECT id FROM {sql.above("own.category_id || own.category_ids")} above ORDER BY id) END AS ids,
        CASE WHEN cardinality(own.category_ids) = 0 THEN (
            SELECT json_agg(a.name ORDER BY step.n DESC)
            FROM unnest(c.path_ids) WITH ORDINALITY step (id, n) JOIN category a ON a.id = step.id
        ) ELSE {_NAMES_OF_SEVERAL} END AS names
    FROM (SELECT DISTINCT category_id, category_ids FROM wanted) own JOIN category c ON c.id = own.category_id
), flags AS MATERIALIZED (
    SELECT array_agg(code) FILTER (WHERE is_facet) AS facets,
        array_agg(code) FILTER (WHERE is_searchable) AS searchable,
        array_agg(code) FILTER (WHERE is_sortable) AS sortable,
        jsonb_object_agg(
            code, (SELECT jsonb_object_agg(o.option, o.n) FROM unnest(options) WITH ORDINALITY o (option, n))
        ) FILTER (WHERE is_sortable AND type = 'enum') AS ranks,
        array_agg(code) FILTER (WHERE type = 'number') AS numbers,
        jsonb_object_agg(code, name) FILTER (WHERE is_searchable AND type = 'boolean') AS names,
        jsonb_object_agg(code, ' ' || unit) FILTER (WHERE is_searchable AND unit IS NOT NULL) AS units
    FROM attribute WHERE deleted_at IS NULL
), stocked AS MATERIALIZED (
    SELECT v.product_id,
        array_agg(v.sku ORDER BY NOT v.is_default, v.position, v.id) AS skus,
        (array_agg(v.sku ORDER BY NOT v.is_default, v.position, v.id))[1] AS sku,
        array_agg(v.gtin ORDER BY v.gtin) FILTER (WHERE v.gtin IS NOT NULL) AS gtins,
        bool_or(v.prices IS NOT NULL) OR min(v.currency) <> max(v.currency) AS has_currencies
    FROM variant v WHERE v.product_id IN (SELECT id FROM wanted) AND v.deleted_at IS NULL
    GROUP BY v.product_id
), chosen AS MATERIALIZED (
    SELECT v.product_id, {sql.OPTION_CODE.format("o.key")} AS code, array_agg(DISTINCT o.value) AS values
    FROM wanted p JOIN variant v ON v.product_id = p.id AND v.deleted_at IS NULL
    CROSS JOIN LATERAL jsonb_each_text(v.options) o
    WHERE p.options <> '[]' GROUP BY 1, 2
), offered AS MATERIALIZED (
    SELECT c.product_id, jsonb_object_agg(c.code, listed.values) FILTER (WHERE c.code = ANY(flags.facets)) AS attr,
        array_agg(DISTINCT word.value) AS words
    FROM chosen c CROSS JOIN flags
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(CASE WHEN c.code = ANY(flags.numbers) AND one ~ '{sql.NUMBER}' THEN to_jsonb(one::numeric)
            ELSE to_jsonb(one) END ORDER BY one) AS values FROM unnest(c.values) one
    ) listed
    CROSS JOIN LATERAL unnest(c.values) word (value)
    GROUP BY c.product_id
)
SELECT p.id, json_build_object(
    'id', p.id,
    'name', p.name,
    'brand', b.name,
    'categories', coalesce(path.names, '[]'),
    'tags', p.tags,
    'sku', stocked.skus,
    'gtin', (SELECT array_agg(DISTINCT shape) FROM unnest(stocked.gtins) g (gtin),
             unnest(ARRAY[g.gtin, ltrim(g.gtin, '0')]) shape),
    'codes', (SELECT array_agg(DISTINCT lower(regexp_replace(code, '[^[:alnum:]]', '', 'g')))
              FROM unnest(stocked.skus || stocked.gtins || (SELECT array_agg(ltrim(g, '0')) FROM unnest(stocked.gtins) g))
                  c (code)),
    'words', (SELECT array_agg(
                  coalesce(flags.names ->> e.key, (e.value #>> '{{}}') || coalesce(flags.units ->> e.key, '')) ORDER BY e.key)
              FROM jsonb_each(p.attributes) e WHERE e.key = ANY(flags.searchable) AND e.value <> 'false'::jsonb)
             || offered.words,
    'description', {sql.PLAIN_DESCRIPTION},
    'attr', (SELECT coalesce(json_object_agg(e.key, e.value), '{{}}')
             FROM jsonb_each(CASE WHEN offered.attr IS NULL THEN p.attributes ELSE p.attributes || offered.attr END) e
             WHERE e.key = ANY(flags.facets)),
    'order', CASE WHEN flags.sortable IS NULL THEN '{{}}' ELSE (
        SELECT coalesce(json_object_agg(e.key, CASE jsonb_typeof(e.value)
            WHEN 'number' THEN e.value
            WHEN 'boolean' THEN to_jsonb((e.value = 'true')::int)
            ELSE coalesce(flags.ranks -> e.key -> (e.value #>> '{{}}'), to_jsonb(lower(e.value #>> '{{}}'))) END), '{{}}')
        FROM jsonb_each(p.attributes) e WHERE e.key = ANY(flags.sortable)) END,
    'brand_id', p.brand_id,
    'category_ids', coalesce(path.ids, '{{}}'),
    'price', p.price_amount, 'price_band', {PRICE_BAND}, 'in_stock', p.in_stock,
    'prices', asked.prices -> 'prices', 'compare_at', asked.prices -> 'compare_at',
    'rating', p.rating_average, 'stars', floor(p.rating_average)::int,
    'popularity', p.popularity, 'created_at', extract(epoch FROM p.created_at)::bigint,
    'card', {CARD}::text, 'variants', {VARIANT_CARDS}
)::text AS body
FROM wanted p CROSS JOIN flags
LEFT JOIN brand b ON b.id = p.brand_id
LEFT JOIN path ON path.category_id = p.category_id AND path.category_ids = p.category_ids
LEFT JOIN stocked ON stocked.product_id = p.id
LEFT JOIN offered ON offered.product_id = p.id
CROSS JOIN LATERAL (SELECT {_PRICES} AS prices OFFSET 0) asked
"""

# Spliced as bytes: taking a character off a text means counting all of them.
DOCUMENTS = f"""
SELECT id, ('{{"rev":"' || md5(body) || '",')::bytea || substring(convert_to(body, 'UTF8') FROM 2) AS body
FROM ({_SOURCE}) d
"""
REVISIONS = f"SELECT id, md5(body) AS rev FROM ({_SOURCE}) d"
NEXT_IDS = """
SELECT id FROM product WHERE deleted_at IS NULL AND status = 'active' AND id > $1 ORDER BY id LIMIT $2
"""
COUNT_PUBLISHED = f"SELECT count(*) FROM product p WHERE {sql.PUBLISHED}"
FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)
"""Before and behind all ids."""

SUGGESTIONS = f"""
WITH counted AS MATERIALIZED (
    SELECT brand_id, category_id || category_ids AS category_ids, n FROM (
        SELECT p.brand_id, p.category_id, p.category_ids, count(*) AS n FROM product p WHERE {sql.PUBLISHED}
        GROUP BY p.brand_id, p.category_id, p.category_ids
    ) grouped
), category_counts AS (
    SELECT above.id, sum(k.n)::bigint AS n
    FROM (SELECT category_ids, sum(n) AS n FROM counted GROUP BY 1) k CROSS JOIN LATERAL {sql.above("k.category_ids")} above
    GROUP BY above.id
), brand_counts AS (
    SELECT brand_id AS id, sum(n)::bigint AS n FROM counted WHERE brand_id IS NOT NULL GROUP BY brand_id
), pairs AS (
    SELECT b.name AS brand, c.name AS category, k.n
    FROM (
        SELECT brand_id, own.id AS category_id, sum(n)::bigint AS n FROM counted, unnest(category_ids) own (id) GROUP BY 1, 2
    ) k JOIN brand b ON b.id = k.brand_id JOIN category c ON c.id = k.category_id
    WHERE k.n >= 2 ORDER BY k.n DESC LIMIT 20000
), tagged AS (
    SELECT lower(tag) AS tag, count(*) AS n FROM product p, unnest(p.tags) tag WHERE {sql.PUBLISHED}
    GROUP BY lower(tag) HAVING count(*) >= 3 ORDER BY count(*) DESC LIMIT 10000
)
SELECT json_build_object('id', 'category-' || c.id, 'kind', 'category', 'text', c.name, 'entity_id', c.id,
        'slug', c.slug, 'path', (SELECT string_agg(a.slug, '/' ORDER BY step.n)
            FROM unnest(c.path_ids) WITH ORDINALITY step (id, n) JOIN category a ON a.id = step.id),
        'product_count', k.n)::text
FROM category c JOIN category_counts k USING (id) WHERE c.deleted_at IS NULL
UNION ALL
SELECT json_build_object('id', 'brand-' || b.id, 'kind', 'brand', 'text', b.name, 'entity_id', b.id,
        'slug', b.slug, 'path', b.slug, 'product_count', k.n)::text
FROM brand b JOIN brand_counts k USING (id) WHERE b.deleted_at IS NULL
UNION ALL
SELECT json_build_object('id', 'query-' || md5(q.text), 'kind', 'query', 'text', q.text, 'product_count', max(q.n))::text
FROM (
    SELECT lower(c.name) AS text, k.n FROM category c JOIN category_counts k USING (id) WHERE c.deleted_at IS NULL
    UNION ALL SELECT lower(brand || ' ' || category), n FROM pairs
    UNION ALL SELECT tag, n FROM tagged
) q GROUP BY q.text
"""


class Document(msgspec.Struct, frozen=True):
    """One document of the engine, as JSON."""

    id: UUID
    body: bytes


async def build_documents(reader: Reader, product_ids: Sequence[UUID]) -> list[Document]:
    """Documents of those of the products that shoppers may see; the others have none."""
    rows = await reader.fetch(DOCUMENTS, list(product_ids))
    return [Document(_uuid(row[0]), row[1]) for row in rows if isinstance(row[1], bytes)]


async def build_revisions(reader: Reader, product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Digest of each document that the products should have."""
    rows = await reader.fetch(REVISIONS, list(product_ids))
    return {_uuid(row[0]): str(row[1]) for row in rows}


async def build_suggestions(reader: Reader) -> list[bytes]:
    """All documents of the suggestions index: categories, brands, and queries made from categories, brands and tags."""
    return [str(row[0]).encode() for row in await reader.fetch(SUGGESTIONS)]


async def product_ids_after(reader: Reader, after: UUID, limit: int) -> list[UUID]:
    """Ids of live active products in order, from behind `after` on."""
    return [_uuid(row[0]) for row in await reader.fetch(NEXT_IDS, after, limit)]


async def id_batches(connection: asyncpg.Connection, size: int) -> AsyncIterator[list[UUID]]:
    """All live active products in batches."""
    after = FIRST_ID
    while batch := await product_ids_after(connection, after, size):
        yield batch
        after = batch[-1]


def _uuid(value: object) -> UUID:
    if not isinstance(value, UUID):
        raise TypeError(f"not an id: {value!r}")
    return value
