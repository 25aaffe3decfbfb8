"""SQL expressions that build the JSON of what products refer to. Aliases: `p` product, `b` brand, `c` category."""

from mercato.platform.html import INLINE_TAG, OTHER_TAG

BRAND_REF = "CASE WHEN b.id IS NOT NULL THEN json_build_object('id', b.id, 'slug', b.slug, 'name', b.name) END"

CRUMBS = """(
    SELECT json_agg(json_build_object('id', a.id, 'slug', a.slug, 'name', a.name) ORDER BY step.n)
    FROM unnest(c.path_ids) WITH ORDINALITY step (id, n) JOIN category a ON a.id = step.id
)"""

CATEGORY_REF = f"""CASE WHEN c.id IS NOT NULL THEN
    json_build_object('id', c.id, 'slug', c.slug, 'name', c.name, 'path', {CRUMBS})
END"""

PUBLISHED = "product_is_published(p.status, p.publish_at, p.unpublish_at, p.deleted_at)"

RATING = "json_build_object('average', p.rating_average, 'count', p.rating_count)"

# Descriptions are stored as `platform.html.sanitise` leaves them: no other entities, and quotes around attributes.
PLAIN_DESCRIPTION = rf"""CASE WHEN p.description ~ '<[A-Za-z/!?]' THEN
    replace(replace(replace(replace(
        regexp_replace(regexp_replace(p.description, '{INLINE_TAG}', '', 'g'), '{OTHER_TAG}', ' ', 'g'),
        '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&amp;', '&')
ELSE p.description END"""
"""A product's description without tags, for searching."""


def in_categories(ids: str, columns: str = "*") -> str:
    """A query for products, each once, of which a category is among `ids`, a query of one column."""
    # Two parts, not a condition with OR: nobody could guess how many products it finds, and a wrong guess reads the whole
    # table. The partial index of products in several categories serves what says that there are several.
    return f"""
        SELECT {columns} FROM product WHERE category_id IN ({ids})
        UNION ALL
        SELECT {columns} FROM product
        WHERE cardinality(category_ids) > 0 AND category_ids && ARRAY({ids}) AND category_id <> ALL (ARRAY({ids}))
    """


def above(ids: str) -> str:
    """The categories of the array `ids` and all above them, each once, as rows (id)."""
    return f"(SELECT DISTINCT step.id FROM category a CROSS JOIN unnest(a.path_ids) step (id) WHERE a.id = ANY({ids}))"


def money(amount: str, currency: str) -> str:
    """Money as JSON, or null."""
    return f"CASE WHEN {amount} IS NOT NULL THEN json_build_object('amount', {amount}, 'currency', {currency}) END"


def image(alias: str) -> str:
    """A row of `product_image` as JSON."""
    i = alias
    return f"""json_build_object(
        'id', {i}.id, 'url', '/media/' || {i}.file, 'alt', {i}.alt, 'position', {i}.position,
        'is_primary', {i}.position = 0, 'width', {i}.width, 'height', {i}.height, 'dominant_color', {i}.dominant_color
    )"""


PRIMARY_IMAGE = f"""(
    SELECT {image("i")} FROM product_image i WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
)"""

DEFAULT_SKU = """(
    SELECT v.sku FROM variant v
    WHERE v.product_id = p.id AND v.deleted_at IS NULL ORDER BY NOT v.is_default, v.position, v.id LIMIT 1
)"""
