"""Prices of the demo's most popular products in further currencies, and sales of some of them. Run again, it adds what is missing."""

import asyncpg

CURRENCIES = "USD, GBP, JPY"
PRODUCTS = 1_000
"""So many of the most popular products have prices in further currencies."""
ON_SALE = 7
"""Each so many-th of them is on sale, and the one after it will be."""

_POPULAR = """
SELECT v.id, v.product_id, v.price_amount, v.currency, v.prices,
    dense_rank() OVER (ORDER BY p.popularity DESC, p.id) AS place
FROM (
    SELECT id, popularity FROM product
    WHERE external_ref LIKE 'demo-%' AND status = 'active' AND deleted_at IS NULL
    ORDER BY popularity DESC, id LIMIT $1
) p
JOIN variant v ON v.product_id = p.id AND v.deleted_at IS NULL AND v.price_amount >= 100 AND v.currency = 'EUR'
"""
# As shops set them, not converted to the day's rate: dollars and pounds end in 99, yen in tens.
_PRICE = f"""
UPDATE variant v SET version = v.version + 1, updated_at = now(), prices = jsonb_build_object(
    'USD', jsonb_build_object('amount', w.price_amount * 112 / 10000 * 100 + 99, 'compare_at_amount', NULL),
    'GBP', jsonb_build_object('amount', w.price_amount * 86 / 10000 * 100 + 99, 'compare_at_amount', NULL),
    'JPY', jsonb_build_object('amount', w.price_amount * 16 / 100 * 10, 'compare_at_amount', NULL)
)
FROM ({_POPULAR}) w WHERE v.id = w.id AND v.prices IS NULL
"""
_PUT_ON_SALE = f"""
INSERT INTO sale (id, product_id, variant_id, name, currency, amount, starts_at, ends_at)
SELECT uuidv7(), w.product_id, w.id, CASE w.place % {ON_SALE} WHEN 0 THEN 'Deal of the month' ELSE 'Next week' END, w.currency,
    w.price_amount * 80 / 100, date_trunc('minute', now()) + offset_days, date_trunc('minute', now()) + offset_days + length_days
FROM ({_POPULAR}) w
CROSS JOIN LATERAL (
    SELECT CASE w.place % {ON_SALE} WHEN 0 THEN interval '0' ELSE interval '7 days' END AS offset_days,
        CASE w.place % {ON_SALE} WHEN 0 THEN interval '30 days' ELSE interval '7 days' END AS length_days
) times
WHERE w.place % {ON_SALE} IN (0, 1)
  AND NOT EXISTS (SELECT FROM sale s WHERE s.variant_id = w.id AND s.deleted_at IS NULL AND s.ends_at > now())
"""


async def seed_prices(connection: asyncpg.Connection) -> None:
    """Add the prices and the sales that are missing."""
    async with connection.transaction():
        await connection.execute(_PRICE, PRODUCTS)
        await connection.execute(_PUT_ON_SALE, PRODUCTS)
