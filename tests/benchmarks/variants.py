"""A product with many variants and pictures, beside a plain one."""

from uuid import UUID

import asyncpg

from mercato.platform.ids import new_id
from mercato.platform.settings import Settings
from tests.benchmarks.client import Connection, make_request
from tests.benchmarks.figures import Report, absolute, median
from tests.benchmarks.site import RENDITIONS, connect
from tests.support.installation import ADMIN

VARIANTS, IMAGES = 50, 10

_PRODUCT = """
INSERT INTO product (id, slug, name, description, status, brand_id, category_id, attributes, tags, options)
SELECT $1, 'many-variants', name, description, status, brand_id, category_id, attributes, tags,
    '[{"name": "Size", "values": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]},
      {"name": "Colour", "values": ["Red", "Blue", "Green", "Black", "White"]}]'
FROM product WHERE id = $2
"""
_VARIANTS = """
INSERT INTO variant (id, product_id, sku, options, price_amount, currency, stock, is_default, position)
SELECT uuidv7(), $1, 'MANY-' || n, jsonb_build_object(
        'Size', (n / 5 + 1)::text, 'Colour', ('{Red,Blue,Green,Black,White}'::text[])[n % 5 + 1]
    ), 1000 + n, 'EUR', 5, n = 0, n
FROM generate_series(0, $2::int - 1) n
"""
_IMAGES = f"""
WITH made AS (
    INSERT INTO asset (id, file, media_type, width, height, status, renditions)
    SELECT uuidv7(), md5(n::text) || '.webp', 'image/webp', 640, 640, 'ready', {RENDITIONS.format(seed="n")}
    FROM generate_series(0, $2::int - 1) n RETURNING id
)
INSERT INTO product_image (id, product_id, asset_id, alt, position)
SELECT uuidv7(), $1, id, 'Picture', row_number() OVER (ORDER BY id) - 1 FROM made
"""
_SHOWN = """
INSERT INTO variant_image (variant_id, product_id, image_id, position)
SELECT v.id, $1, i.id, 0 FROM variant v JOIN product_image i ON i.product_id = $1 AND i.position = v.position % $2::int
WHERE v.product_id = $1
"""


async def measure_variants(report: Report, settings: Settings, port: int, *, rounds: int) -> None:
    """How many times as long as a plain product one with many variants takes, past what the process holds in memory."""
    connection = await connect(settings.database_url)
    plain = await connection.fetchval("SELECT id FROM product WHERE status = 'active' AND options = '[]' LIMIT 1")
    rich = await _make(connection, plain)
    client = await Connection.open(port)
    # With credentials, so that the database is asked.
    requests = [make_request("GET", f"/api/v1/products/{key}", port=port, headers=ADMIN) for key in (rich, plain)]
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds * 100):
        for side, request in zip(times, requests, strict=True):
            seconds, answer = await client.time(request)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
            side.append(seconds * 1000)
    client.close()
    await connection.execute("UPDATE product SET deleted_at = now() WHERE id = $1", rich)
    await connection.close()
    ours, alone = median(times[0]), median(times[1])
    report.rows.append(
        absolute(
            f"product with {VARIANTS} variants and {IMAGES} pictures",
            "times a plain one",
            ours / alone,
            at_most=2.0,
            limit=1.0,
            limit_name=f"a plain product ({alone:.2f} ms, this one {ours:.2f} ms)",
        )
    )


async def _make(connection: asyncpg.Connection, like: UUID) -> UUID:
    product_id = new_id()
    await connection.execute(_PRODUCT, product_id, like)
    await connection.execute(_VARIANTS, product_id, VARIANTS)
    await connection.execute(_IMAGES, product_id, IMAGES)
    await connection.execute(_SHOWN, product_id, IMAGES)
    return product_id
