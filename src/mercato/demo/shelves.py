"""Where and when the demo's products are offered: further categories, watched stock, back-order, dates. What people changed stays."""

from collections.abc import Mapping

import asyncpg

FURTHER: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("Electronics", "Phones & Wearables", "Smartwatches"): ("Sports & Outdoors", "Fitness"),
    ("Electronics", "TV, Photo & Gaming", "Game Controllers"): ("Toys & Games",),
    ("Fashion", "Shoes", "Running Shoes"): ("Sports & Outdoors", "Fitness"),
    ("Fashion", "Bags & Accessories", "Backpacks"): ("Sports & Outdoors", "Camping"),
    ("Books & Office", "Books", "Children's Books"): ("Toys & Games",),
    ("Books & Office", "Books", "Cookbooks"): ("Home & Kitchen", "Cooking & Dining"),
    ("Books & Office", "Office Furniture", "Office Chairs"): ("Home & Kitchen", "Furniture"),
    ("Books & Office", "Office Furniture", "Desks"): ("Home & Kitchen", "Furniture"),
    ("Garden & DIY", "Garden", "Plants & Pots"): ("Home & Kitchen", "Lighting & Decor"),
    ("Sports & Outdoors", "Fitness", "Water Bottles"): ("Home & Kitchen", "Cooking & Dining"),
    ("Toys & Games", "Plush Toys"): ("Baby",),
}
"""Primary category -> a further one, each as the names from the root."""
WATCHED = 4
"""Each so many-th product's stock is watched."""
THRESHOLD = 5
TIMED = 150
"""Each so many-th product comes in a week, and the one after it goes in a month."""

_PATHS = """
WITH named AS (
    SELECT c.id, (
        SELECT array_agg(a.name ORDER BY step.n)
        FROM unnest(c.path_ids) WITH ORDINALITY step (id, n) JOIN category a ON a.id = step.id
    ) AS path
    FROM category c WHERE c.deleted_at IS NULL
)
SELECT path, id FROM named
"""
# Made by the import, and touched by nobody since: the version says so, and goes up, so that this happens once.
_UNTOUCHED = "p.external_ref LIKE 'demo-%' AND p.version = 1 AND p.deleted_at IS NULL"
_NUMBER = "substr(p.external_ref, 6)::bigint"
_PRODUCTS = f"""
UPDATE product p SET version = p.version + 1, updated_at = now(),
    category_ids = CASE WHEN f.further IS NULL OR p.category_ids <> '{{}}' THEN p.category_ids ELSE ARRAY[f.further] END,
    publish_at = CASE WHEN {_NUMBER} % {TIMED} = 0 AND p.status = 'active'
        THEN date_trunc('day', now()) + interval '7 days' ELSE p.publish_at END,
    unpublish_at = CASE WHEN {_NUMBER} % {TIMED} = 1 AND p.status = 'active'
        THEN date_trunc('day', now()) + interval '30 days' ELSE p.unpublish_at END
FROM product own LEFT JOIN unnest($1::uuid[], $2::uuid[]) f (category, further) ON f.category = own.category_id
WHERE own.id = p.id AND {_UNTOUCHED} AND (f.further IS NOT NULL OR {_NUMBER} % {TIMED} IN (0, 1) AND p.status = 'active')
"""
_VARIANTS = f"""
UPDATE variant v SET version = v.version + 1, updated_at = now(), low_stock_threshold = {THRESHOLD},
    allow_backorder = v.stock = 0 OR v.allow_backorder
FROM product p
WHERE p.id = v.product_id AND {_UNTOUCHED} AND v.version = 1 AND v.deleted_at IS NULL AND {_NUMBER} % {WATCHED} = 0
"""


async def seed_shelves(connection: asyncpg.Connection) -> None:
    """Put the new products of the demo into further categories, watch stock, and set dates."""
    found = {tuple(path): id_ for path, id_ in await connection.fetch(_PATHS)}
    further = [(found[one], found[other]) for one, other in FURTHER.items() if one in found and other in found]
    async with connection.transaction():
        await connection.execute(_VARIANTS)
        await connection.execute(_PRODUCTS, [one for one, _ in further], [other for _, other in further])
