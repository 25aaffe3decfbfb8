"""Pictures that lie in the media store already, given to many products at once."""

from collections.abc import Sequence

import asyncpg
import msgspec

_STAGING = """
CREATE TEMP TABLE import_picture (
    external_ref text NOT NULL, file text NOT NULL, alt text NOT NULL, media_type text NOT NULL, bytes bigint NOT NULL,
    width integer NOT NULL, height integer NOT NULL, dominant_color text
) ON COMMIT DROP
"""
_ASSETS = """
INSERT INTO asset (id, file, media_type, bytes, width, height, dominant_color)
SELECT DISTINCT ON (file) uuidv7(), file, media_type, bytes, width, height, dominant_color FROM import_picture
ORDER BY file
ON CONFLICT DO NOTHING
"""
# The first picture only: one that a product has already stays.
_MERGE = """
INSERT INTO product_image (id, product_id, asset_id, alt, position)
SELECT uuidv7(), p.id, a.id, s.alt, 0
FROM import_picture s JOIN product p ON p.external_ref = s.external_ref AND p.deleted_at IS NULL
JOIN asset a ON a.file = s.file AND a.focus_x IS NULL
WHERE NOT EXISTS (SELECT FROM product_image i WHERE i.product_id = p.id)
ON CONFLICT DO NOTHING
"""


class ProductPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of the product with an external reference; sizes in pixels."""

    external_ref: str
    file: str
    """Its name in the media store."""
    alt: str
    media_type: str
    bytes: int
    width: int
    height: int
    dominant_color: str | None
    """As #rrggbb."""


async def load_pictures(connection: asyncpg.Connection, pictures: Sequence[ProductPicture]) -> int:
    """Give products without a picture theirs, in one transaction; returns how many got one."""
    async with connection.transaction():
        await connection.execute(_STAGING)
        await connection.copy_records_to_table(
            "import_picture",
            records=[msgspec.structs.astuple(picture) for picture in pictures],
            columns=ProductPicture.__struct_fields__,
        )
        await connection.execute(_ASSETS)
        return int((await connection.execute(_MERGE)).rpartition(" ")[2])
