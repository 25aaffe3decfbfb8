"""Gives the demo's products their options, variants and further pictures, in one transaction.

A product that has options, or ever had a second variant, is left alone: what people made of it stays.
"""

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from mercato.catalog.gtin import normalize_gtin
from mercato.demo.pictures import Picture, dominant_color
from mercato.demo.shelves import THRESHOLD
from mercato.demo.variants import Offer

_STAGING = """
CREATE TEMP TABLE demo_family (external_ref text NOT NULL, options jsonb NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE demo_variant (
    external_ref text NOT NULL, position integer NOT NULL, sku text NOT NULL, gtin text NOT NULL, options jsonb NOT NULL,
    price_amount bigint NOT NULL, compare_at_amount bigint, currency text NOT NULL, stock integer NOT NULL,
    weight_grams integer NOT NULL, is_default boolean NOT NULL, picture integer
) ON COMMIT DROP;
CREATE TEMP TABLE demo_picture (
    external_ref text NOT NULL, position integer NOT NULL, file text NOT NULL, alt text NOT NULL, width integer NOT NULL,
    height integer NOT NULL, dominant_color text NOT NULL
) ON COMMIT DROP
"""
_VARIANT_COLUMNS = (
    "external_ref", "position", "sku", "gtin", "options", "price_amount", "compare_at_amount", "currency", "stock",
    "weight_grams", "is_default", "picture",
)  # fmt: skip
_PICTURE_COLUMNS = ("external_ref", "position", "file", "alt", "width", "height", "dominant_color")
_FRESH = """
CREATE TEMP TABLE demo_fresh ON COMMIT DROP AS
SELECT p.id, p.external_ref, f.options
FROM demo_family f JOIN product p ON p.external_ref = f.external_ref AND p.deleted_at IS NULL
WHERE p.options = '[]' AND (SELECT count(*) FROM variant v WHERE v.product_id = p.id) = 1
ORDER BY p.id FOR NO KEY UPDATE OF p
"""
_PRODUCTS = """
UPDATE product p SET options = f.options, version = p.version + 1, updated_at = now() FROM demo_fresh f WHERE p.id = f.id
"""
_DEFAULTS = """
UPDATE variant v SET options = s.options, position = s.position, version = v.version + 1, updated_at = now()
FROM demo_fresh f JOIN demo_variant s ON s.external_ref = f.external_ref AND s.is_default
WHERE v.product_id = f.id AND v.deleted_at IS NULL
"""
_VARIANTS = """
INSERT INTO variant (
    id, product_id, sku, gtin, options, price_amount, compare_at_amount, currency, stock, allow_backorder,
    low_stock_threshold, weight_grams, position, is_default
)
SELECT uuidv7(), f.id, s.sku, s.gtin, s.options, s.price_amount, s.compare_at_amount, s.currency, s.stock,
    s.stock = 0 AND s.position % 3 = 0, $1, s.weight_grams, s.position, false
FROM demo_fresh f JOIN demo_variant s ON s.external_ref = f.external_ref AND NOT s.is_default
ORDER BY f.id, s.position
ON CONFLICT DO NOTHING
"""
_ASSETS = """
INSERT INTO asset (id, file, media_type, width, height, dominant_color)
SELECT DISTINCT ON (file) uuidv7(), file, 'image/webp', width, height, dominant_color FROM demo_picture ORDER BY file
ON CONFLICT DO NOTHING
"""
_PICTURES = """
INSERT INTO product_image (id, product_id, asset_id, alt, position)
SELECT uuidv7(), f.id, a.id, s.alt, s.position
FROM demo_fresh f JOIN demo_picture s ON s.external_ref = f.external_ref
JOIN asset a ON a.file = s.file AND a.focus_x IS NULL
WHERE NOT EXISTS (SELECT FROM product_image i WHERE i.product_id = f.id AND i.position = s.position)
ORDER BY f.id, s.position
ON CONFLICT DO NOTHING
"""
_SHOWN = """
INSERT INTO variant_image (variant_id, product_id, image_id, position)
SELECT v.id, f.id, i.id, 0
FROM demo_fresh f JOIN demo_variant s ON s.external_ref = f.external_ref
JOIN variant v ON v.product_id = f.id AND v.options = s.options
JOIN product_image i ON i.product_id = f.id AND i.position = s.picture
"""


class Gallery(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures that lie in the media store."""

    files: Mapping[Picture, str]
    side: int
    """Pixels."""


async def load_families(
    connection: asyncpg.Connection, offers: Sequence[Offer], gallery: Gallery, *, currency: str
) -> None:
    """Complete the products that have variants and have none yet; they and their first pictures are there."""
    families = [offer for offer in offers if offer.variants]
    variants = [row for offer in families for row in _variant_rows(offer, currency)]
    pictures = [row for offer in families for row in _picture_rows(offer, gallery)]
    options = [(offer.product.external_ref, _json(offer.options)) for offer in families]
    async with connection.transaction():
        await connection.execute(_STAGING)
        await connection.copy_records_to_table("demo_family", records=options)
        await connection.copy_records_to_table("demo_variant", records=variants, columns=_VARIANT_COLUMNS)
        await connection.copy_records_to_table("demo_picture", records=pictures, columns=_PICTURE_COLUMNS)
        await connection.execute(_FRESH)
        await connection.execute("ANALYZE demo_fresh, demo_variant, demo_picture")
        await connection.execute(_PRODUCTS)
        await connection.execute(_DEFAULTS)
        await connection.execute(_VARIANTS, THRESHOLD)
        await connection.execute(_ASSETS)
        await connection.execute(_PICTURES)
        await connection.execute(_SHOWN)


def _variant_rows(offer: Offer, currency: str) -> list[tuple[object, ...]]:
    places = {picture: place for place, picture in enumerate(offer.pictures)} if len(offer.pictures) > 1 else {}
    return [
        (
            offer.product.external_ref,
            position,
            variant.sku,
            normalize_gtin(variant.gtin),
            _json(variant.options),
            variant.price,
            variant.compare_at_price,
            currency,
            variant.stock,
            variant.weight_grams,
            variant.is_default,
            places.get(variant.picture),
        )
        for position, variant in enumerate(offer.variants)
    ]


def _picture_rows(offer: Offer, gallery: Gallery) -> list[tuple[object, ...]]:
    """All but the first, which the product has already."""
    product, side = offer.product, gallery.side
    return [
        (
            product.external_ref,
            position,
            gallery.files[picture],
            f"{product.name}, {picture.color}",
            side,
            side,
            dominant_color(picture),
        )
        for position, picture in enumerate(offer.pictures)
        if position
    ]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
