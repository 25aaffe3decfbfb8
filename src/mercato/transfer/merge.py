"""The set-based merge: what is staged becomes products and variants, a batch a transaction.

First each row gets a plan (create, update, unchanged, failed) without a lock; then only the products to be changed are
locked, in the order of their ids, as everything else that locks several products does; then they are written. Values are
computed from the rows as they are after the lock, so a change that somebody else commits meanwhile is kept.
"""

from collections.abc import Mapping

from mercato.catalog.binding.repository import expected
from mercato.catalog.product.alt_rules import REQUIRES_ALT
from mercato.catalog.product.repository import RESERVED_SLUGS
from mercato.catalog.sql import has_attribute
from mercato.transfer.slugs import with_free_slugs
from mercato.transfer.staged import CLEAR_BIT


def _kept_or_cleared(field: str, given: str, now: str) -> str:
    return f"CASE WHEN s.cleared & {CLEAR_BIT[field]} <> 0 THEN NULL ELSE coalesce({given}, {now}) END"


def _unless_reviewed(now: str, imported: str) -> str:
    """Once reviews count, they add to the rating that the import brought before them; later imports leave it alone."""
    return f"CASE WHEN p.imported_rating_count IS NULL THEN {imported} ELSE {now} END"


_PRICE = _kept_or_cleared("price", "s.price_amount", "v.price_amount")
_COMPARE_AT = _kept_or_cleared("compare_at_price", "s.compare_at_amount", "v.compare_at_amount")
_CURRENCY = f"""CASE WHEN s.price_amount IS NOT NULL THEN s.currency
    WHEN s.cleared & {CLEAR_BIT["price"]} <> 0 THEN NULL ELSE v.currency END"""
_STOCK = "coalesce(s.stock, v.stock, 0)"
_BACKORDER = "coalesce(s.allow_backorder, v.allow_backorder, false)"

# Alone in its product, the variant decides what lists show; written at once, the variants' trigger finds it right. Where there are
# sales it is left to the trigger.
_DERIVED: Mapping[str, str] = {
    "price_amount": _PRICE,
    "compare_at_amount": _COMPARE_AT,
    "currency": _CURRENCY,
    "in_stock": f"({_STOCK} > 0 OR {_BACKORDER})",
}

# Column -> its value after an update. Aliases: s the staged row, b its brand, c its category, p the product, v the
# variant, q the plan.
_PRODUCT: Mapping[str, str] = {
    "slug": "coalesce(s.slug, p.slug)",
    "name": "coalesce(s.name, p.name)",
    "description": "coalesce(s.description, p.description)",
    "status": "coalesce(s.status, p.status)",
    "publish_at": _kept_or_cleared("publish_at", "s.publish_at", "p.publish_at"),
    "unpublish_at": _kept_or_cleared("unpublish_at", "s.unpublish_at", "p.unpublish_at"),
    "brand_id": _kept_or_cleared("brand", "b.id", "p.brand_id"),
    "category_id": _kept_or_cleared("category", "c.id", "p.category_id"),
    "attributes": """CASE WHEN s.attributes IS NULL THEN p.attributes
        ELSE jsonb_strip_nulls(p.attributes || s.attributes::jsonb) END""",
    "tags": "coalesce(s.tags, p.tags)",
    "rating_average": _unless_reviewed(
        "p.rating_average", _kept_or_cleared("rating_average", "s.rating_average::numeric(3, 2)", "p.rating_average")
    ),
    "rating_count": _unless_reviewed("p.rating_count", "coalesce(s.rating_count, p.rating_count)"),
    "popularity": "coalesce(s.popularity, p.popularity)",
    "created_at": "coalesce(s.created_at, p.created_at)",
}
_VARIANT: Mapping[str, str] = {
    "sku": "coalesce(q.sku, v.sku)",
    "gtin": _kept_or_cleared("gtin", "s.gtin", "v.gtin"),
    "price_amount": _PRICE,
    "compare_at_amount": _COMPARE_AT,
    "currency": _CURRENCY,
    "stock": _STOCK,
    "allow_backorder": _BACKORDER,
    "weight_grams": _kept_or_cleared("weight_grams", "s.weight_grams", "v.weight_grams"),
}

_TAXA = """
    LEFT JOIN import_brand b ON b.name = s.brand
    LEFT JOIN import_category c ON c.path = s.category"""


def _differs(alias: str, values: Mapping[str, str]) -> str:
    columns = ", ".join(f"{alias}.{column}" for column in values)
    return f"({columns}) IS DISTINCT FROM ({', '.join(values.values())})"


def _assigned(values: Mapping[str, str]) -> str:
    return ", ".join(f"{column} = {value}" for column, value in values.items())


_RESERVED = ", ".join(f"'{slug}'" for slug in sorted(RESERVED_SLUGS))


def _taken(slug: str) -> str:
    return f"""({slug} IN ({_RESERVED})
        OR (SELECT true FROM product x WHERE x.slug = {slug} AND x.deleted_at IS NULL LIMIT 1) IS NOT NULL)"""


# The SKU that a row gets: the fallback where another product has (or another row of the batch wants) the SKU itself.
_SKU = """CASE WHEN s.sku_fallback IS NULL THEN s.sku
    WHEN v.sku IN (s.sku, s.sku_fallback) THEN v.sku
    WHEN s.sku_contested OR k.product_id <> p.id OR (k.id IS NOT NULL AND p.id IS NULL) THEN s.sku_fallback
    ELSE s.sku END"""

_ERROR = f"""CASE
    WHEN t.row IS NOT NULL THEN 'duplicate_in_file'
    WHEN q.sku_owner IS NOT NULL AND o.row IS NOT NULL THEN 'duplicate_in_file'
    WHEN q.sku_owner IS NOT NULL THEN 'sku_taken'
    WHEN p.id IS NULL AND s.name IS NULL THEN 'name_missing'
    WHEN s.slug <> coalesce(p.slug, '') AND {_taken("s.slug")} THEN 'slug_taken'
    WHEN {_COMPARE_AT} IS NOT NULL AND {_PRICE} IS NULL THEN 'price_missing'
    WHEN s.compare_at_amount IS NOT NULL AND s.currency <> ({_CURRENCY}) THEN 'currency_mismatch'
    WHEN s.price_amount IS NOT NULL AND s.compare_at_amount IS NULL AND {_COMPARE_AT} IS NOT NULL
        AND s.currency <> v.currency THEN 'currency_mismatch'
    WHEN {_STOCK} < 0 AND NOT {_BACKORDER} THEN 'stock_below_zero'
    WHEN {_PRODUCT["unpublish_at"]} <= {_PRODUCT["publish_at"]} THEN 'schedule_reversed'
END"""


def _found(query: str, alias: str) -> str:
    """A lookup through an index for each row.

    LIMIT keeps the planner from joining with all products instead: what it knows of a table that grows by a batch a
    second is out of date.
    """
    return f"LEFT JOIN LATERAL ({query} LIMIT 1) {alias} ON true"


_BY_SKU = "SELECT x.id, x.product_id FROM variant x WHERE x.sku = s.sku AND x.deleted_at IS NULL"
_BY_IDENTITY = """
    SELECT * FROM product x WHERE x.external_ref = s.external_ref AND x.deleted_at IS NULL
    UNION ALL
    SELECT * FROM product x WHERE s.external_ref IS NULL AND x.id = k.product_id AND x.deleted_at IS NULL
"""
_OWN_VARIANT = """
    SELECT * FROM variant x WHERE x.product_id = p.id AND x.deleted_at IS NULL AND (x.is_default OR x.id = k.id)
    ORDER BY x.id IS NOT DISTINCT FROM k.id DESC
"""
_CHOSEN_SKU = f"""
    SELECT chosen.sku, CASE
        WHEN chosen.sku = s.sku THEN CASE WHEN k.product_id IS DISTINCT FROM p.id THEN k.product_id END
        ELSE (
            SELECT x.product_id FROM variant x
            WHERE x.sku = chosen.sku AND x.deleted_at IS NULL AND x.product_id IS DISTINCT FROM p.id
        ) END AS sku_owner
    FROM (SELECT {_SKU} AS sku) chosen
"""

PLAN = f"""
INSERT INTO import_plan (row, action, product_id, variant_id, is_new_variant, sku, slug, error, detail, first_row)
SELECT row,
    CASE WHEN error IS NOT NULL THEN 'failed' WHEN product_id IS NULL THEN 'create'
        WHEN is_changed THEN 'update' ELSE 'unchanged' END,
    coalesce(product_id, uuidv7()), coalesce(variant_id, uuidv7()), variant_id IS NULL,
    sku,
    CASE WHEN error IS NOT NULL THEN NULL
        WHEN slug IS NOT NULL OR product_id IS NOT NULL OR slug_contested THEN slug
        WHEN {_taken("slug_base")} THEN NULL
        ELSE slug_base END,
    error, detail, first_row
FROM (
    SELECT s.row, s.slug, s.slug_base, s.slug_contested, p.id AS product_id, v.id AS variant_id, q.sku,
        {_ERROR} AS error,
        coalesce(q.sku_owner::text, '') AS detail,
        coalesce(t.row, o.row) AS first_row,
        CASE WHEN p.id IS NULL THEN true
            ELSE {_differs("p", _PRODUCT)} OR v.id IS NULL OR {_differs("v", _VARIANT)} END AS is_changed
    FROM import_row s
    {_found(_BY_SKU, "k")}
    {_found(_BY_IDENTITY, "p")}
    {_found(_OWN_VARIANT, "v")}
    {_TAXA}
    {_found(_CHOSEN_SKU, "q")}
    {_found("SELECT x.row FROM import_touched x WHERE x.product_id = p.id", "t")}
    {_found("SELECT x.row FROM import_touched x WHERE x.product_id = q.sku_owner", "o")}
    OFFSET 0
) looked
"""

# Two rows for one product, one naming it by reference and one by SKU, meet only here.
REFUSE_SECOND = """
UPDATE import_plan q SET action = 'failed', error = 'duplicate_in_file', first_row = f.first_row
FROM (
    SELECT product_id, min(row) AS first_row FROM import_plan WHERE action IN ('update', 'unchanged')
    GROUP BY product_id HAVING count(*) > 1
) f
WHERE q.product_id = f.product_id AND q.row > f.first_row AND q.action IN ('update', 'unchanged')
"""

HAS_REQUIREMENTS = "SELECT EXISTS (SELECT FROM category_attribute WHERE is_required)"

# What the API demands of active products, a file has to bring as well. Rows that change nothing are no edits.
REFUSE_INCOMPLETE = f"""
WITH required AS MATERIALIZED (
    SELECT x.category_id, array_agg(a.code) AS codes
    FROM ({expected("leaf.deleted_at IS NULL")}) x JOIN attribute a ON a.id = x.attribute_id AND a.deleted_at IS NULL
    WHERE x.is_required GROUP BY x.category_id
), after AS MATERIALIZED (
    SELECT q.row, coalesce(c.above, {_PRODUCT["category_id"]}) || coalesce(p.category_ids, '{{}}') AS categories,
        jsonb_strip_nulls(coalesce(p.attributes, '{{}}') || coalesce(s.attributes::jsonb, '{{}}')) AS attributes,
        coalesce(p.options, '[]') AS options
    FROM import_plan q JOIN import_row s ON s.row = q.row
    LEFT JOIN product p ON p.id = q.product_id
    {_TAXA}
    WHERE q.action IN ('create', 'update') AND {_PRODUCT["status"]} = 'active'
), lacking AS (
    SELECT after.row, string_agg(DISTINCT code, ', ' ORDER BY code) AS codes
    FROM after CROSS JOIN unnest(after.categories) own (id) JOIN required r ON r.category_id = own.id
    CROSS JOIN unnest(r.codes) code
    WHERE NOT {has_attribute("after", "code")}
    GROUP BY after.row
)
UPDATE import_plan q SET action = 'failed', error = 'attribute_required', detail = lacking.codes
FROM lacking WHERE q.row = lacking.row
"""

REFUSE_WITHOUT_ALT = f"""
UPDATE import_plan q SET action = 'failed', error = 'alt_required'
FROM import_row s, product p
WHERE {REQUIRES_ALT} AND q.action = 'update' AND s.row = q.row AND p.id = q.product_id
    AND {_PRODUCT["status"]} = 'active'
    AND EXISTS (SELECT FROM product_image i WHERE i.product_id = p.id AND btrim(i.alt) = '')
"""

_UNNAMED = """
    SELECT q.row AS key, s.slug_base AS base, right(q.product_id::text, 12) AS tail
    FROM import_plan q JOIN import_row s ON s.row = q.row WHERE q.action = 'create' AND q.slug IS NULL
"""
_TO_BE_TAKEN = f"SELECT slug FROM import_plan UNION ALL SELECT unnest(ARRAY[{_RESERVED}])"
NUMBER_SLUGS = f"""
{with_free_slugs(wanted=_UNNAMED, table="product", reserved=_TO_BE_TAKEN)}
UPDATE import_plan q SET slug = slug_of.slug FROM slug_of WHERE q.row = slug_of.key
"""

LOCK = """
SELECT count(*) FROM (
    SELECT p.id FROM product p
    WHERE p.id IN (SELECT product_id FROM import_plan WHERE action = 'update') AND p.deleted_at IS NULL
    ORDER BY p.id FOR NO KEY UPDATE
) locked
"""

# As everybody does who writes products: what they refer to stays until the transaction ends. False: some of it is gone.
LOCK_REFERENCES = """
SELECT (SELECT count(DISTINCT id) FROM import_brand) = (
    SELECT count(*) FROM (
        SELECT b.id FROM brand b
        WHERE b.id IN (SELECT id FROM import_brand) AND b.deleted_at IS NULL ORDER BY b.id FOR SHARE
    ) locked_brands
) AND (SELECT count(DISTINCT id) FROM import_category) = (
    SELECT count(*) FROM (
        SELECT c.id FROM category c
        WHERE c.id IN (SELECT id FROM import_category) AND c.deleted_at IS NULL ORDER BY c.id FOR SHARE
    ) locked_categories
)
"""

INSERT_PRODUCTS = f"""
INSERT INTO product (
    id, external_ref, slug, name, description, status, publish_at, unpublish_at, brand_id, category_id, attributes, tags,
    rating_average, rating_count, popularity, created_at, {", ".join(_DERIVED)}
)
SELECT q.product_id, s.external_ref, q.slug, s.name, coalesce(s.description, ''), coalesce(s.status, 'draft'),
    s.publish_at, s.unpublish_at, b.id, c.id,
    coalesce(jsonb_strip_nulls(s.attributes::jsonb), '{{}}'), coalesce(s.tags, '{{}}'),
    s.rating_average, coalesce(s.rating_count, 0), coalesce(s.popularity, 0), coalesce(s.created_at, now()),
    s.price_amount, s.compare_at_amount, s.currency, coalesce(s.stock > 0, false) OR coalesce(s.allow_backorder, false)
FROM import_plan q JOIN import_row s ON s.row = q.row {_TAXA}
WHERE q.action = 'create'
ORDER BY q.product_id
"""

UPDATE_PRODUCTS = f"""
UPDATE product p SET {_assigned(_PRODUCT)},
    {", ".join(f"{column} = CASE WHEN q.is_sole THEN {value} ELSE p.{column} END" for column, value in _DERIVED.items())},
    version = p.version + 1, updated_at = now()
FROM (
    SELECT q.*, NOT EXISTS (
        SELECT FROM variant x WHERE x.product_id = q.product_id AND x.id <> q.variant_id AND x.deleted_at IS NULL
    ) AND NOT EXISTS (
        SELECT FROM sale x WHERE x.product_id = q.product_id AND x.deleted_at IS NULL
    ) AS is_sole
    FROM import_plan q WHERE q.action = 'update'
) q
JOIN import_row s ON s.row = q.row
LEFT JOIN variant v ON v.id = q.variant_id
{_TAXA}
WHERE p.id = q.product_id AND p.deleted_at IS NULL
"""

INSERT_VARIANTS = """
INSERT INTO variant (
    id, product_id, sku, gtin, price_amount, compare_at_amount, currency, stock, allow_backorder, weight_grams, is_default
)
SELECT q.variant_id, q.product_id, coalesce(q.sku, 'SKU-' || upper(right(q.product_id::text, 12))), s.gtin,
    s.price_amount, s.compare_at_amount, s.currency, coalesce(s.stock, 0), coalesce(s.allow_backorder, false),
    s.weight_grams, true
FROM import_plan q JOIN import_row s ON s.row = q.row
WHERE q.is_new_variant AND q.action IN ('create', 'update')
ORDER BY q.variant_id
"""

UPDATE_VARIANTS = f"""
UPDATE variant v SET {_assigned(_VARIANT)}, version = v.version + 1, updated_at = now()
FROM import_plan q JOIN import_row s ON s.row = q.row
WHERE q.action = 'update' AND NOT q.is_new_variant AND v.id = q.variant_id AND v.deleted_at IS NULL
    AND {_differs("v", _VARIANT)}
"""

REMEMBER = """
INSERT INTO import_touched (product_id, row) SELECT product_id, row FROM import_plan WHERE action <> 'failed'
"""

COUNT = "SELECT action, count(*) FROM import_plan GROUP BY action"
UNNAMED_LEFT = "SELECT EXISTS (SELECT FROM import_plan WHERE action = 'create' AND slug IS NULL)"
FAILED = """
SELECT q.row, q.error, q.first_row, s.external_ref, coalesce(q.sku, s.sku), s.slug, p.slug, q.detail
FROM import_plan q JOIN import_row s ON s.row = q.row
LEFT JOIN product p ON p.id = CASE WHEN q.error <> 'attribute_required' THEN nullif(q.detail, '')::uuid END
WHERE q.action = 'failed' ORDER BY q.row
"""

# A dry run makes no products that later rows could be matched with: it remembers their names instead.
_NAMES = """
    SELECT s.row, n.key FROM import_plan q JOIN import_row s ON s.row = q.row
    CROSS JOIN LATERAL (VALUES ('r:' || s.external_ref), ('s:' || q.sku), ('u:' || s.slug)) n (key)
    WHERE q.action <> 'failed' AND n.key IS NOT NULL
"""
REFUSE_SEEN = f"""
UPDATE import_plan q SET action = 'failed', error = 'duplicate_in_file', first_row = f.first_row
FROM (
    SELECT n.row, min(seen.row) AS first_row FROM ({_NAMES}) n JOIN import_seen seen ON seen.key = n.key GROUP BY n.row
) f
WHERE q.row = f.row AND q.action = 'create'
"""
REMEMBER_SEEN = f"INSERT INTO import_seen (key, row) SELECT key, row FROM ({_NAMES}) n ON CONFLICT DO NOTHING"

MERGE_STATEMENTS = (
    PLAN,
    NUMBER_SLUGS,
    LOCK,
    LOCK_REFERENCES,
    INSERT_PRODUCTS,
    UPDATE_PRODUCTS,
    INSERT_VARIANTS,
    UPDATE_VARIANTS,
    REMEMBER,
)
"""The merge of a staged batch whose brands and categories are resolved, without its bookkeeping."""
