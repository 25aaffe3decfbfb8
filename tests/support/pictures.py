"""Pictures that tests send: made here, of every kind and of every fault."""

import io
import struct
import zlib
from collections.abc import Sequence
from itertools import count

from PIL import Image, ImageDraw

from tests.support.builders import Json
from tests.support.installation import Installation

_numbers = count(1)
_SHOW = """
WITH made AS (
    INSERT INTO asset (id, file, media_type, width, height, dominant_color, status)
    VALUES (uuidv7(), {file}, 'image/webp', {width}, {height}, {color}, 'ready')
    ON CONFLICT (file, focus_x, focus_y) DO UPDATE SET file = excluded.file RETURNING id
)
INSERT INTO product_image (id, product_id, asset_id, alt, position)
SELECT uuidv7(), $1, id, {alt}, {position} FROM made RETURNING id::text
"""
SHOW_SOME = _SHOW.format(file="'some.webp'", width=8, height=8, color="NULL", alt="''", position=0)
"""The statement that shows a picture on product `$1`."""
_SHOW_THIS = _SHOW.format(file="$2", width="$3", height="$4", color="$5", alt="$6", position="$7")


async def show(
    shop: Installation,
    product: Json,
    file: str = "some.webp",
    *,
    alt: str = "",
    position: int = 0,
    size: tuple[int, int] = (8, 8),
    color: str | None = None,
) -> str:
    """Have a product show a file of the store, without renditions, as if it had been there for long; gives the picture's id."""
    values = (product["id"], file, *size, color, alt, position)
    await shop.execute(_SHOW_THIS, *values)
    found = await shop.resources.db.reads.fetchval(
        "SELECT i.id::text FROM product_image i JOIN asset a ON a.id = i.asset_id WHERE i.product_id = $1 AND a.file = $2",
        product["id"],
        file,
    )
    return str(found)


def picture(
    kind: str = "JPEG", *, size: tuple[int, int] = (640, 480), color: str = "#3377aa", **options: object
) -> bytes:
    """A picture with a shape in it; each has other content than all before it."""
    number = next(_numbers)
    image = Image.new("RGB", size, color)
    draw = ImageDraw.Draw(image)
    draw.ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="#ffcc00")
    for bit in range(16):
        if number >> bit & 1:
            draw.rectangle((bit * 8 % size[0], 0, bit * 8 % size[0] + 6, min(6, size[1] - 1)), fill="#ffffff")
    return encoded(image, kind, **options)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file."""
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def photograph_with_position(orientation: int = 6) -> bytes:
    """A JPEG that says how it lies and where it was made."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    return picture(size=(400, 300), exif=exif)


def animation(frames: int, *, size: tuple[int, int] = (60, 40), kind: str = "GIF") -> bytes:
    """A moving picture."""
    colors = [Image.new("RGB", size, (n * 7 % 256, n * 13 % 256, n // 256 * 40 % 256)) for n in range(frames)]
    return encoded(colors[0], kind, save_all=True, append_images=colors[1:], duration=40, loop=0)


def png_that_claims(width: int, height: int, rows: Sequence[bytes] = ()) -> bytes:
    """A PNG whose header says so, whatever it holds."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"".join(rows) or b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(*part) for part in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def opened(content: bytes) -> Image.Image:
    """A file as a picture again."""
    return Image.open(io.BytesIO(content))
