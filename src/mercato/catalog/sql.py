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

OPTION_CODE = "replace(lower({}), ' ', '_')"
"""The code of the attribute that an option of this name goes with (as `option_code` of the catalog has it)."""

NUMBER = "^-?[0-9]+([.][0-9]+)?$"
"""Pattern of a number among values that are text."""

PUBLISHED = "product_is_published(p.status, p.publish_at, p.unpublish_at, p.deleted_at)"

RATING = "json_build_object('average', p.rating_average, 'count', p.rating_count)"

# Descriptions are stored as `platform.html.sanitise` leaves them: no other entities, and quotes around attributes.
PLAIN_DESCRIPTION = rf"""CASE WHEN p.description ~ '<[A-Za-z/!?]' THEN
    replace(replace(replace(replace(
        regexp_replace(regexp_replace(p.description, '{INLINE_TAG}', '', 'g'), '{OTHER_TAG}', ' ', 'g'),
        '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&amp;', '&')
ELSE p.description END"""
"""A product's description without tags, for searching."""


def has_attribute(product: str, code: str) -> str:
    """Whether a product has a value of an attribute: one of its own, or those of an option that goes with the attribute."""
    return f"""(jsonb_exists({product}.attributes, {code}) OR ({product}.options <> '[]' AND EXISTS (
        SELECT FROM jsonb_array_elements({product}.options) o WHERE {OPTION_CODE.format("o ->> 'name'")} = {code}
    )))"""


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


def seconds_until(moment: str) -> str:
    """How long it is until a moment, by the database's clock."""
    return f"extract(epoch FROM {moment} - now())::float8"


def money(amount: str, currency: str) -> str:
    """Money as JSON, or null."""
    return f"CASE WHEN {amount} IS NOT NULL THEN json_build_object('amount', {amount}, 'currency', {currency}) END"


_IMAGE_FIELDS = """
    'id', i.id, 'url', media_shown(a.file, a.renditions), 'alt', i.alt, 'position', i.position, 'is_primary', i.position = 0,
    'width', a.width, 'height', a.height, 'status', a.status, 'dominant_color', a.dominant_color"""

IMAGE = f"""json_build_object({_IMAGE_FIELDS},
    'placeholder', a.placeholder, 'failure', a.failure,
    'focal_point', CASE WHEN a.focus_x IS NOT NULL THEN json_build_object('x', a.focus_x, 'y', a.focus_y) END,
    'renditions', media_renditions(a.renditions), 'version', i.version
)"""
"""A picture of a product as JSON. Aliases: `i` product_image, `a` asset."""

THUMBNAIL = """(
    SELECT r.url FROM json_to_recordset(media_renditions(a.renditions)) r (name text, format text, url text)
    WHERE r.name = '320' AND r.format = 'webp'
)"""

PRIMARY_IMAGE = f"""(
    SELECT json_build_object({_IMAGE_FIELDS}, 'thumbnail_url', coalesce({THUMBNAIL}, media_shown(a.file, a.renditions)))
    FROM product_image i JOIN asset a ON a.id = i.asset_id WHERE i.product_id = p.id ORDER BY i.position LIMIT 1
)"""


def showcase(alias: str) -> str:
    """The picture of a row of `category` or `brand` as JSON, or null."""
    return f"""(
        SELECT json_build_object(
            'url', media_shown(a.file, a.renditions), 'width', a.width, 'height', a.height, 'status', a.status,
            'dominant_color', a.dominant_color, 'placeholder', a.placeholder, 'renditions', media_renditions(a.renditions)
        ) FROM asset a WHERE a.id = {alias}.image_id
    )"""


DEFAULT_SKU = """(
    SELECT v.sku FROM variant v
    WHERE v.product_id = p.id AND v.deleted_at IS NULL ORDER BY NOT v.is_default, v.position, v.id LIMIT 1
)"""


def running_sale(currency: str, list_amount: str) -> str:
    """A join that brings `sale`: the sale of variant `v` of product `p` that runs now in this currency, or nulls.

    A sale that asks as much as the list price or more does not count. Products without sales are not looked up.
    """
    return f"""LEFT JOIN LATERAL (
        SELECT s.id, s.name, s.amount, s.starts_at, s.ends_at FROM sale s
        WHERE p.price_changes_at IS NOT NULL AND s.variant_id = v.id AND s.currency = {currency} AND s.deleted_at IS NULL
            AND s.starts_at <= now() AND s.ends_at > now() AND s.amount < {list_amount}
    ) sale ON true"""


def sale_price(list_amount: str, currency: str) -> str:
    """What is asked now, as JSON: the price of `sale`, else the list price."""
    return money(f"coalesce(sale.amount, {list_amount})", currency)


def sale_compare_at(list_amount: str, compare_at_amount: str, currency: str) -> str:
    """What to compare it with, as JSON: the list price while `sale` runs, else the compare-at price."""
    return money(f"CASE WHEN sale.amount IS NULL THEN {compare_at_amount} ELSE {list_amount} END", currency)


BASE_SALE = running_sale("v.currency", "v.price_amount")
"""Brings `sale` for the base price of variant `v`."""

FURTHER_PRICES = """(
    SELECT key AS currency, (value -> 'amount')::bigint AS amount,
        nullif(value -> 'compare_at_amount', 'null')::bigint AS compare_at_amount
    FROM jsonb_each(v.prices) WHERE key IS DISTINCT FROM v.currency
)"""
"""The list prices of variant `v` in currencies besides its base price's, as rows."""

VARIANT_PRICES = (
    "CASE WHEN v.prices IS NULL THEN '[]'::json ELSE variant_prices_now(v.id, v.product_id, v.currency, v.prices) END"
)
"""The prices of variant `v` in currencies besides its base price's. In a function: its plan would cost every read of a product."""

VARIANT_SALE = """CASE WHEN sale.id IS NOT NULL THEN json_build_object(
    'id', sale.id, 'name', sale.name, 'list_price', json_build_object('amount', v.price_amount, 'currency', v.currency),
    'ends_at', sale.ends_at
) END"""
"""The sale that lowers the base price of variant `v` now, or null; wants `BASE_SALE`."""


def variant_fields(image_ids: str) -> str:
    """Names and values of a variant's JSON. Aliases: `v` the variant, `p` its product; wants `BASE_SALE`."""
    return f"""
    'id', v.id, 'sku', v.sku, 'gtin', v.gtin, 'options', v.options,
    'price', {sale_price("v.price_amount", "v.currency")},
    'compare_at_price', {sale_compare_at("v.price_amount", "v.compare_at_amount", "v.currency")},
    'sale', {VARIANT_SALE}, 'prices', {VARIANT_PRICES},
    'stock', v.stock, 'allow_backorder', v.allow_backorder, 'weight_grams', v.weight_grams,
    'is_default', v.is_default, 'position', v.position, 'image_ids', {image_ids}, 'version', v.version
    """


_IMAGE_IDS = """(
    SELECT coalesce(json_agg(vi.image_id ORDER BY vi.position), '[]') FROM variant_image vi
    WHERE vi.product_id = v.product_id AND vi.variant_id = v.id
)"""
VARIANT = f"""json_build_object({variant_fields(_IMAGE_IDS)},
    'product_id', v.product_id, 'created_at', v.created_at, 'updated_at', v.updated_at
)"""
"""A variant by itself as JSON."""

# Pictures of all variants at once: looked up for each, they would cost more than everything else.
_SHOWN_IDS = "coalesce((SELECT ids FROM shown) -> v.id::text, '[]')"
VARIANTS = f"""(
    WITH shown AS MATERIALIZED (
        SELECT jsonb_object_agg(variant_id, ids) AS ids FROM (
            SELECT vi.variant_id, jsonb_agg(vi.image_id ORDER BY vi.position) AS ids
            FROM variant_image vi WHERE vi.product_id = p.id GROUP BY vi.variant_id
        ) one
    )
    SELECT coalesce(json_agg(json_build_object({variant_fields(_SHOWN_IDS)}) ORDER BY v.position, v.id), '[]')
    FROM variant v {BASE_SALE} WHERE v.product_id = p.id AND v.deleted_at IS NULL
)"""
"""The variants of product `p` as JSON."""

# The columns follow sales by a timed job. From the second on at which a sale begins or ends until then, look for oneself.
PRICE = f"""CASE WHEN p.price_changes_at <= now() THEN product_price_now(p.id) -> 0
    ELSE {money("p.price_amount", "p.currency")} END"""
"""The lowest price of a product's variants at this second."""

COMPARE_AT_PRICE = f"""CASE WHEN p.price_changes_at <= now() THEN product_price_now(p.id) -> 1
    ELSE {money("p.compare_at_amount", "p.currency")} END"""
"""What `PRICE` is to be compared with."""

NEXT_CHANGE = """least(
    CASE WHEN p.publish_at > now() THEN p.publish_at END,
    CASE WHEN p.unpublish_at > now() THEN p.unpublish_at END,
    CASE WHEN p.price_changes_at > now() THEN p.price_changes_at
        WHEN p.price_changes_at IS NOT NULL THEN product_sale_boundary(p.id) END
)"""
"""The next moment at which the clock alone changes a product's JSON, or whether it is published; null when there is none."""

NEXT_LISTED_CHANGE = """least(
    (SELECT min(publish_at) FROM product WHERE publish_at > now() AND deleted_at IS NULL),
    (SELECT min(unpublish_at) FROM product WHERE unpublish_at > now() AND deleted_at IS NULL),
    (SELECT min(price_changes_at) FROM product WHERE price_changes_at > now()),
    (
        SELECT min(at) FROM product late JOIN sale s ON s.product_id = late.id AND s.deleted_at IS NULL,
            LATERAL (VALUES (s.starts_at), (s.ends_at)) boundary (at)
        WHERE late.price_changes_at <= now() AND s.ends_at > now() AND at > now()
    )
)"""
"""The next moment at which the clock alone changes a list of products; null when there is none. Of products whose price waits to
follow a sale, the sales say it."""
