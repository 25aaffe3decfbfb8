"""From an upload to its renditions: workers that work, die and come late; stores that are away; what nothing shows."""

import signal
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec

from mercato.devstack import Stack
from mercato.media.asset.repository import claim
from mercato.media.processing import LEASE
from mercato.media.sweeping import sweep
from mercato.platform.db import reader_of
from mercato.platform.settings import Settings
from mercato.platform.storage import Bucket
from tests.support.bucket import bucket_server
from tests.support.builders import Json, make_product
from tests.support.command import Command
from tests.support.installation import Installation, environment_of, make_settings, new_database, running
from tests.support.pictures import animation, opened, picture
from tests.support.processes import eventually, worker


async def send(shop: Installation, product: Json, *files: bytes) -> list[Json]:
    """Upload pictures of a product."""
    parts = [("file", ("photo", content, "image/jpeg")) for content in files]
    answer = await shop.admin.post(f"/api/v1/products/{product['id']}/images", files=parts)
    assert answer.status_code == 201, answer.text
    images: list[Json] = answer.json()
    return images


async def shown(shop: Installation, product: Json) -> list[Json]:
    """The product's pictures as anybody sees them."""
    found: list[Json] = (await shop.client.get(f"/api/v1/products/{product['id']}/images")).json()
    return found


def files_in(folder: Path) -> set[str]:
    """Names of the pictures that lie there."""
    return {path.name for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".log"}


async def until_settled(shop: Installation, product: Json) -> list[Json]:
    """The pictures once none is being processed."""

    async def settled() -> bool:
        return all(image["status"] != "processing" for image in await shown(shop, product))

    await eventually(settled, "pictures that are ready or failed", seconds=60)
    return await shown(shop, product)


async def test_a_worker_makes_every_size_and_everybody_sees_them(empty_shop: Installation, tmp_path: Path) -> None:
    product = await make_product(empty_shop)
    async with worker(empty_shop.settings, tmp_path / "worker.log"):
        await send(empty_shop, product, picture(size=(1400, 900)), animation(5))
        still, moving = await until_settled(empty_shop, product)
    assert still["status"] == moving["status"] == "ready"
    assert {(one["name"], one["format"]) for one in still["renditions"]} >= {
        ("1280", "avif"),
        ("160", "jpeg"),
        ("square", "webp"),
    }
    assert still["placeholder"].startswith("data:image/webp;base64,")
    assert still["dominant_color"].startswith("#")
    for one in still["renditions"]:
        file = await empty_shop.client.get(one["url"])
        assert (file.headers["content-type"], len(file.content)) == (f"image/{one['format']}", one["bytes"])
        assert opened(file.content).size == (one["width"], one["height"])
    assert {one["format"] for one in moving["renditions"] if one["name"] != "square"} == {"webp", "jpeg"}
    await empty_shop.drain()
    (hit,) = (await empty_shop.client.get("/api/v1/search", params={"q": product["name"]})).json()["hits"]
    assert {one["width"] for one in hit["image"]["renditions"]} == {160, 320, 640}
    listed = (await empty_shop.client.get("/api/v1/products")).json()["items"][0]["image"]
    assert listed["thumbnail_url"].endswith(".webp")


async def test_a_file_that_breaks_behind_its_header_fails_with_a_reason(
    empty_shop: Installation, tmp_path: Path
) -> None:
    product, whole = await make_product(empty_shop), picture("JPEG", size=(900, 700), quality=98)
    await send(empty_shop, product, whole[: len(whole) // 2])
    async with worker(empty_shop.settings, tmp_path / "worker.log"):
        (image,) = await until_settled(empty_shop, product)
    assert image["status"] == "failed"
    assert "cut off" in image["failure"]
    status = (await empty_shop.admin.get("/api/v1/media/status")).json()
    assert (status["failed"], status["processing"]) == (1, 0)
    again = (await send(empty_shop, product, whole[: len(whole) // 2]))[0]
    assert again["status"] == "processing"


async def test_a_worker_that_is_killed_leaves_its_pictures_to_the_next(
    empty_shop: Installation, tmp_path: Path
) -> None:
    product = await make_product(empty_shop)
    await send(empty_shop, product, *(picture(size=(1600, 1200)) for _ in range(4)))
    async with worker(empty_shop.settings, tmp_path / "first.log") as first:

        async def is_at_work() -> bool:
            return bool(await empty_shop.resources.db.reads.fetchval("SELECT count(*) FROM asset WHERE attempts > 0"))

        await eventually(is_at_work, "a picture that is being rendered")
        await first.kill()
    # The lease of what it had runs out.
    await empty_shop.execute("UPDATE asset SET due_at = now() WHERE status = 'processing'")
    async with worker(empty_shop.settings, tmp_path / "second.log"):
        images = await until_settled(empty_shop, product)
    assert [image["status"] for image in images] == ["ready"] * 4


async def test_a_picture_that_nobody_foresaw_does_not_hold_up_the_others(empty_shop: Installation) -> None:
    product = await make_product(empty_shop)
    await send(empty_shop, product, picture())
    await empty_shop.execute(
        "INSERT INTO asset (id, file, media_type, width, height, due_at)"
        " VALUES (uuidv7(), 'No Key Of Ours.JPG', 'image/jpeg', 1, 1, now() - interval '1 hour')"
    )
    await empty_shop.resources.processing.work()
    (image,) = await shown(empty_shop, product)
    assert image["status"] == "ready"
    status = (await empty_shop.admin.get("/api/v1/media/status")).json()
    assert (status["processing"], status["ready"]) == (1, 1)

    await empty_shop.execute("UPDATE asset SET attempts = 3, due_at = now() WHERE status = 'processing'")
    await empty_shop.resources.processing.work()
    assert (await empty_shop.admin.get("/api/v1/media/status")).json()["failed"] == 1


async def test_what_is_made_anew_waits_for_what_is_new(empty_shop: Installation) -> None:
    shop, product = empty_shop, await make_product(empty_shop)
    await send(shop, product, picture())
    await shop.resources.processing.work()
    await shop.execute("UPDATE asset SET status = 'processing', due_at = now() - interval '1 hour'")
    status = (await shop.admin.get("/api/v1/media/status")).json()
    assert 3600 <= status["oldest_seconds"] < 3700
    await send(shop, product, picture())
    async with shop.resources.db.transaction() as session:
        (first, second) = [
            *await claim(await reader_of(session), 1, LEASE),
            *await claim(await reader_of(session), 1, LEASE),
        ]
    old, new = await shown(shop, product)
    assert [f"/media/{first.file}", f"/media/{second.file}"] == [new["url"], old["url"]]
    assert (await shop.admin.get("/api/v1/media/status")).json()["oldest_seconds"] == 0


async def test_a_lost_original_is_said_to_be_lost(empty_shop: Installation, tmp_path: Path) -> None:
    product = await make_product(empty_shop)
    (image,) = await send(empty_shop, product, picture())
    (empty_shop.settings.media_dir / image["url"].removeprefix("/media/")).unlink()
    async with worker(empty_shop.settings, tmp_path / "worker.log"):
        (image,) = await until_settled(empty_shop, product)
    assert (image["status"], "upload it again" in image["failure"]) == ("failed", True)


async def test_files_are_removed_once_nothing_shows_them_and_not_before(
    empty_shop: Installation, tmp_path: Path
) -> None:
    shop, folder = empty_shop, empty_shop.settings.media_dir
    product, other, content = await make_product(shop), await make_product(shop), picture()
    (image,) = await send(shop, product, content)
    await send(shop, other, content)
    async with worker(shop.settings, tmp_path / "worker.log"):
        await until_settled(shop, product)
    storage, db = shop.resources.media.storage, shop.resources.db
    files = files_in(folder)
    await storage.put("0123456789abcdef.jpg", b"left by an upload that was cut off", "image/jpeg")
    left = folder / ".incoming" / "of-a-worker"
    left.mkdir()
    (left / "1.jpg").write_bytes(b"left by a worker that was killed")

    await shop.admin.delete(f"/api/v1/images/{image['id']}")
    assert (await sweep(db, storage)).files == 0
    assert left.exists()
    assert (await sweep(db, storage, grace=timedelta(0))).files == 1
    assert files_in(folder) == files

    (shown_elsewhere,) = await shown(shop, other)
    await shop.admin.delete(f"/api/v1/images/{shown_elsewhere['id']}")
    swept = await sweep(db, storage, grace=timedelta(0))
    assert (swept.assets, swept.files) == (1, len(files))
    assert not files_in(folder)


async def test_other_presets_are_rendered_anew_while_the_old_are_shown(
    empty_shop: Installation, tmp_path: Path
) -> None:
    shop = empty_shop
    product = await make_product(shop)
    await send(shop, product, picture())
    async with worker(shop.settings, tmp_path / "worker.log"):
        (before,) = await until_settled(shop, product)
    await shop.execute("UPDATE asset SET recipe = 'of older presets'")
    assert (await shop.admin.get("/api/v1/media/status")).json()["outdated"] == 1

    marked = await Command.start("media", "rerender", "--no-wait", environment=environment_of(shop.settings))
    assert await marked.ends() == 0, marked.output
    (meanwhile,) = await shown(shop, product)
    assert (meanwhile["status"], meanwhile["renditions"]) == ("processing", before["renditions"])

    rerendered = await Command.start("media", "rerender", environment=environment_of(shop.settings))
    assert await rerendered.ends() == 0, rerendered.output
    (after,) = await shown(shop, product)
    assert (after["status"], after["renditions"]) == ("ready", before["renditions"])
    status = await Command.start("media", "status", environment=environment_of(shop.settings))
    assert await status.ends() == 0
    assert "1 ready, 0 to be rendered, 0 failed, 0 outdated" in status.output


def in_bucket(stack: Stack, url: str, bucket: Bucket, **changes: object) -> Settings:
    """Settings of an installation whose files lie in this bucket."""
    return make_settings(
        stack,
        url,
        media_dir=Path("/nowhere"),
        s3_bucket=bucket.name,
        s3_endpoint=bucket.endpoint,
        s3_access_key=bucket.access_key,
        s3_secret_key=bucket.secret_key,
        **changes,
    )


async def test_private_originals_of_a_bucket_are_given_out_by_its_own_addresses(
    stack: Stack, template: str, tmp_path: Path
) -> None:
    async with new_database(template) as url, bucket_server(tmp_path / "s3") as (bucket, _):
        async with running(in_bucket(stack, url, bucket, private_originals=True)) as shop:
            content = picture()
            (image,) = await send(shop, await make_product(shop), content)
            stand_in = await shop.client.get(image["url"])
            assert (stand_in.status_code, stand_in.headers["content-type"]) == (200, "image/svg+xml")
            signed = (await shop.admin.get(f"/api/v1/images/{image['id']}/original")).json()["url"]
        async with httpx.AsyncClient() as anybody:
            assert (await anybody.get(signed)).content == content
            assert (await anybody.get(signed.partition("?")[0])).status_code == 403


async def test_a_bucket_holds_files_and_its_absence_loses_nothing(stack: Stack, template: str, tmp_path: Path) -> None:
    async with new_database(template) as url, bucket_server(tmp_path / "s3") as (bucket, server):
        settings = in_bucket(stack, url, bucket)
        async with running(settings) as shop:
            product = await make_product(shop)
            (image,) = await send(shop, product, picture())
            redirect = await shop.client.get(image["url"])
            assert redirect.status_code == 302
            assert redirect.headers["location"].startswith(bucket.endpoint)
            server.send_signal(signal.SIGKILL)
            await server.wait()
            parts = [("file", ("photo", picture(), "image/jpeg"))]
            refused = await shop.admin.post(f"/api/v1/products/{product['id']}/images", files=parts)
            assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
            assert len(await shown(shop, product)) == 1
            async with worker(settings, tmp_path / "worker.log") as process:
                await process.until_logged("media_put_off")
                async with bucket_server(tmp_path / "s3", int(bucket.endpoint.rpartition(":")[2])):
                    await shop.execute("UPDATE asset SET due_at = now()")
                    await until_settled(shop, product)
                    (ready,) = await shown(shop, product)
    assert ready["status"] == "ready"
    assert msgspec.json.encode(ready["renditions"]).count(b"/media/r/") == len(ready["renditions"])
