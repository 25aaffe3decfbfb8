"""Pictures that lie in the media store already, given to many products at once."""

from collections.abc import Sequence

import asyncpg
import msgspec

_STAGING = """
CREATE TEMP TABLE import_picture (
    external_ref text NOT NULL, file text NOT NULL, alt text NOT NULL, width integer NOT NULL, height integer NOT NULL,
    dominant_color text
) ON COMMIT DROP
"""
# The first picture only: one that a product has already stays.
_MERGE = """
INSERT INTO product_image (id, product_id, file, alt, position, width, height, dominant_color)
SELECT uuidv7(), p.id, s.file, s.alt, 0, s.width, s.height, s.dominant_color
FROM import_picture s JOIN product p ON p.external_ref = s.external_ref AND p.deleted_at IS NULL
WHERE NOT EXISTS (SELECT FROM product_image i WHERE i.product_id = p.id)
ON CONFLICT (product_id, position) DO NOTHING
"""


class ProductPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of the product with an external reference; sizes in pixels."""

    external_ref: str
    file: str
    """Its name in the media store."""
    alt: str
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
        return int((await connection.execute(_MERGE)).rpartition(" ")[2])
