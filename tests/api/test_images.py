"""Pictures of products: uploads, order, words, deletion, and how files are given out."""

import io
from collections.abc import Sequence
from typing import Any

import httpx
from PIL import Image

from tests.support.builders import Json, make_product
from tests.support.installation import Installation


def picture(color: str = "red", *, size: tuple[int, int] = (64, 48), kind: str = "JPEG") -> bytes:
    """A small picture; other colours are other files."""
    made = io.BytesIO()
    Image.new("RGB", size, color).save(made, kind)
    return made.getvalue()


async def upload(shop: Installation, key: str, files: Sequence[bytes], **fields: Any) -> httpx.Response:
    """Send files as a form."""
    parts = [("file", (f"{number}.jpg", content, "image/jpeg")) for number, content in enumerate(files)]
    return await shop.admin.post(f"/api/v1/products/{key}/images", files=parts, data=fields)


async def images_of(shop: Installation, key: str) -> list[Json]:
    """What the product shows."""
    found: list[Json] = (await shop.admin.get(f"/api/v1/products/{key}/images")).json()
    return found


async def test_an_upload_is_answered_at_once_with_the_original(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    answer = await upload(shared_shop, product["id"], [picture("#102030")], alt="A dark square")
    assert answer.status_code == 201, answer.text
    (image,) = answer.json()
    assert (image["status"], image["alt"], image["position"], image["is_primary"]) == (
        "processing",
        "A dark square",
        0,
        True,
    )
    assert (image["width"], image["height"], image["renditions"]) == (64, 48, [])
    shown = (await shared_shop.client.get(f"/api/v1/products/{product['slug']}")).json()
    assert shown["images"] == [image]
    file = await shared_shop.client.get(image["url"])
    assert file.content == picture("#102030")
    assert file.headers["content-type"] == "image/jpeg"
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
