"""Free slugs for many new rows in one statement."""

# A base that is taken more often than this gets a random tail instead of the next number.
_NUMBERS_TRIED = 50


def with_free_slugs(*, wanted: str, table: str, reserved: str) -> str:
    """Common table expressions that end in `slug_of (key, slug)`.

    `wanted` is a query of (key, base, tail): the first key gets the base itself when no live row of `table` has it, the
    others base-2, base-3, …; when these run out, base and tail. `reserved` is a query of (slug) that others will get.
    """
    return f"""
    WITH wanted AS (
        SELECT key, base, tail, row_number() OVER (PARTITION BY base ORDER BY key) AS n,
            count(*) OVER (PARTITION BY base) AS total
        FROM ({wanted}) asked
    ),
    reserved AS (SELECT slug FROM ({reserved}) others WHERE slug IS NOT NULL),
    candidate AS (
        SELECT base, slug, row_number() OVER (PARTITION BY base ORDER BY i) AS n
        FROM (SELECT DISTINCT base, total FROM wanted) bases
        CROSS JOIN LATERAL (
            SELECT i, CASE i WHEN 1 THEN base ELSE base || '-' || i END AS slug
            FROM generate_series(1, total + {_NUMBERS_TRIED}) i
        ) numbered
        WHERE NOT EXISTS (SELECT FROM {table} x WHERE x.slug = numbered.slug AND x.deleted_at IS NULL)
          AND NOT EXISTS (SELECT FROM reserved r WHERE r.slug = numbered.slug)
          AND (i = 1 OR NOT EXISTS (SELECT FROM wanted w WHERE w.base = numbered.slug))
    ),
    slug_of AS (
        SELECT w.key, coalesce(c.slug, w.base || '-' || w.tail) AS slug
        FROM wanted w LEFT JOIN candidate c ON c.base = w.base AND c.n = w.n
    )"""
