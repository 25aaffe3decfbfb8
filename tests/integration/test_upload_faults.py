"""Uploads that go wrong on the way, disks that are full, and the same file by way of two processes at once."""

import asyncio
import os
import resource
from pathlib import Path

import httpx
from PIL import Image

from tests.support.builders import Json, make_product
from tests.support.installation import ADMIN_KEY, Installation
from tests.support.pictures import encoded, picture
from tests.support.processes import MercatoProcess, api, eventually, worker

BOUNDARY = "part"
LARGE = 3_000_000
LESS = 1_500_000
LITTLE = 100_000
"""Bytes: of a file that does not fit, what fits, and what a rendition does not fit into."""


async def send(client: httpx.AsyncClient, product: Json, content: bytes) -> httpx.Response:
    """Upload one file."""
    parts = {"file": ("photo.jpg", content, "image/jpeg")}
    return await client.post(f"/api/v1/products/{product['id']}/images", files=parts)


def files_in(folder: Path) -> list[str]:
    """Everything that lies in the store, also what is being received."""
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def is_empty(shop: Installation, product: Json) -> bool:
    """Whether neither rows nor files are there."""
    rows = await shop.resources.db.reads.fetchval("SELECT count(*) FROM asset")
    images = (await shop.admin.get(f"/api/v1/products/{product['id']}/images")).json()
    return rows == 0 and images == [] and not files_in(shop.settings.media_dir)


async def begin_upload(server: MercatoProcess, product: Json, content: bytes, sent: int) -> asyncio.StreamWriter:
    """Send the beginning of an upload."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'.encode()
    body = head + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    lines = [
        f"POST /api/v1/products/{product['id']}/images HTTP/1.1",
        "Host: shop",
        f"X-API-Key: {ADMIN_KEY}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(body)}",
    ]
    _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body[:sent])
    await writer.drain()
    return writer


async def test_an_upload_that_is_cut_off_leaves_nothing(empty_shop: Installation, tmp_path: Path) -> None:
    product = await make_product(empty_shop)
    content = picture() + os.urandom(LARGE)
    async with api(empty_shop.settings, tmp_path.parent / "cut-off.log") as (server, _):
        writer = await begin_upload(server, product, content, len(content) // 2)

        async def is_under_way() -> bool:
            return bool(files_in(empty_shop.settings.media_dir))

        await eventually(is_under_way, "a file that is being received")
        writer.close()
        await eventually(lambda: is_empty(empty_shop, product), "nothing left of it")
        assert server.events("unhandled_exception") == []


async def test_a_full_disk_is_answered_with_503_and_nothing_is_left(empty_shop: Installation, tmp_path: Path) -> None:
    product = await make_product(empty_shop)
    content = picture() + os.urandom(LARGE)
    async with api(empty_shop.settings, tmp_path.parent / "full.log") as (server, client):
        _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (LESS, most))
        refused = await send(client, product, content)
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable"), refused.text
        assert await is_empty(empty_shop, product)
        assert (await send(client, product, picture())).status_code == 201
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, most))
        assert (await send(client, product, content)).status_code == 201
        assert server.events("unhandled_exception") == []


async def test_a_disk_that_is_full_while_sizes_are_made_is_no_fault_of_the_picture(
    empty_shop: Installation, tmp_path: Path
) -> None:
    product, shop = await make_product(empty_shop), empty_shop
    async with worker(shop.settings, tmp_path.parent / "full-worker.log") as process:
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LITTLE, most))
        sent = await send(shop.admin, product, encoded(Image.effect_noise((1400, 1000), 120).convert("RGB"), "JPEG"))
        await process.until_logged("media_put_off")
        assert process.events("media_defect") == []
    await shop.execute("UPDATE asset SET due_at = now(), attempts = 100")
    await shop.resources.processing.work()
    (image,) = (await shop.admin.get(f"/api/v1/products/{product['id']}/images")).json()
    assert (image["id"], image["status"]) == (sent.json()[0]["id"], "ready")


async def test_one_file_by_way_of_two_processes_at_once_is_one_file(empty_shop: Installation, tmp_path: Path) -> None:
    products, content = [await make_product(empty_shop) for _ in range(8)], picture(size=(1600, 1200))
    async with (
        api(empty_shop.settings, tmp_path.parent / "one.log") as (_, one),
        api(empty_shop.settings, tmp_path.parent / "two.log") as (_, two),
    ):
        answers = await asyncio.gather(*(send(c, product, content) for product in products for c in (one, two)))
    assert {answer.status_code for answer in answers} == {201}
    urls = {answer.json()[0]["url"] for answer in answers}
    assert len({answer.json()[0]["id"] for answer in answers}) == len(products)
    assert len(urls) == 1
    assert files_in(empty_shop.settings.media_dir) == [urls.pop().removeprefix("/media/")]
    assert (await empty_shop.client.get(answers[0].json()[0]["url"])).content == content
