"""Pictures of products: uploads, order, words, deletion, and how files are given out."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from mercato.devstack import Stack
from tests.support.builders import Json, make_brand, make_category, make_product
from tests.support.installation import Installation, new_installation
from tests.support.people import make_person
from tests.support.pictures import encoded, opened, photograph_with_position, picture, png_that_claims


async def upload(
    client: httpx.AsyncClient, key: str, files: Sequence[bytes], name: str = "photo.jpg", **fields: Any
) -> httpx.Response:
    """Send files as a form."""
    parts = [("file", (name, content, "image/jpeg")) for content in files]
    return await client.post(f"/api/v1/products/{key}/images", files=parts, data=fields)


async def uploaded(shop: Installation, product: Json, count: int = 1, **fields: Any) -> list[Json]:
    """Give a product pictures."""
    answer = await upload(shop.admin, product["id"], [picture() for _ in range(count)], **fields)
    assert answer.status_code == 201, answer.text
    images: list[Json] = answer.json()
    return images


async def ids_of(shop: Installation, product: Json) -> list[str]:
    """The product's pictures in order."""
    answer = await shop.admin.get(f"/api/v1/products/{product['id']}/images")
    assert [image["position"] for image in answer.json()] == list(range(len(answer.json())))
    return [image["id"] for image in answer.json()]


async def test_an_upload_is_answered_at_once_with_the_original(shared_shop: Installation) -> None:
    product, content = await make_product(shared_shop), picture(size=(64, 48))
    answer = await upload(shared_shop.admin, product["id"], [content], alt="A dark square")
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
    assert shown["version"] > product["version"]
    file = await shared_shop.client.get(image["url"])
    assert file.content == content
    assert file.headers["content-type"] == "image/jpeg"
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_several_files_come_in_their_order_with_words_for_each(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    files = [picture(), picture("PNG"), picture("WEBP"), picture("AVIF"), picture("GIF"), picture("TIFF")]
    answer = await upload(shared_shop.admin, product["slug"], files, alt=["one", "two", "three", "four", "five", "six"])
    assert [image["alt"] for image in answer.json()] == ["one", "two", "three", "four", "five", "six"]
    assert await ids_of(shared_shop, product) == [image["id"] for image in answer.json()]


async def test_the_content_counts_not_the_name(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    answer = await upload(shared_shop.admin, product["id"], [picture("PNG")], name="../../etc/passwd.exe")
    (image,) = answer.json()
    assert image["url"].endswith(".png")
    assert "passwd" not in image["url"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415, "not_a_picture"),
        (b"MZ executable", 415, "not_a_picture"),
        (b"\0\0\0\x20ftypheic" + b"\0" * 40, 415, "unsupported_format"),
        (b"GIF89a/*<script>*/=1;", 400, "unreadable_file"),
        (png_that_claims(65_000, 65_000), 413, "too_many_pixels"),
    ],
)
async def test_what_is_no_picture_is_refused_with_the_reason_and_its_place(
    shared_shop: Installation, content: bytes, status: int, code: str
) -> None:
    product = await make_product(shared_shop)
    answer = await upload(shared_shop.admin, product["id"], [picture(), content])
    assert answer.status_code == status, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/file/1", code)]
    assert await ids_of(shared_shop, product) == []


async def test_forms_that_are_none_are_refused(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    address = f"/api/v1/products/{product['id']}/images"
    for body in (
        {"json": {"file": "x"}},
        {"data": {"alt": "no file"}},
        {"files": [("file", (f"{n}", picture(), "image/jpeg")) for n in range(11)]},
        {"files": [("file", ("a", picture(), "image/jpeg"))], "data": {"alt": "a\0b"}},
        {"content": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
    ):
        answer = await shared_shop.admin.post(address, **body)
        assert answer.status_code in {400, 413, 415}, (body, answer.text)
    assert await ids_of(shared_shop, product) == []


async def test_the_same_file_again_is_the_picture_that_is_there(shared_shop: Installation) -> None:
    product, other, content = await make_product(shared_shop), await make_product(shared_shop), picture()
    (first,) = (await upload(shared_shop.admin, product["id"], [content], alt="first")).json()
    (again,) = (await upload(shared_shop.admin, product["id"], [content], alt="second")).json()
    (elsewhere,) = (await upload(shared_shop.admin, other["id"], [content])).json()
    assert (again["id"], again["alt"]) == (first["id"], "first")
    assert elsewhere["url"] == first["url"]
    assert elsewhere["id"] != first["id"]


async def test_one_file_sent_ten_times_at_once_is_one_picture(shared_shop: Installation) -> None:
    product, content = await make_product(shared_shop), picture()
    answers = await asyncio.gather(*(upload(shared_shop.admin, product["id"], [content]) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()[0]["id"] for answer in answers}) == 1


async def test_a_repeated_upload_with_an_idempotency_key_is_one(shared_shop: Installation) -> None:
    product, key = await make_product(shared_shop), str(uuid4())
    files = [("file", ("a.jpg", picture(), "image/jpeg"))]
    address = f"/api/v1/products/{product['id']}/images"
    first = await shared_shop.admin.post(address, files=files, headers={"Idempotency-Key": key})
    again = await shared_shop.admin.post(address, files=files, headers={"Idempotency-Key": key})
    assert (first.status_code, again.status_code, again.headers["idempotent-replayed"]) == (201, 201, "true")
    assert again.json() == first.json()


async def test_pictures_are_ordered_and_described(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    a, b, c = (image["id"] for image in await uploaded(shared_shop, product, 3))
    moved = await shared_shop.admin.patch(f"/api/v1/images/{c}", json={"is_primary": True, "alt": "The front"})
    assert (moved.json()["position"], moved.json()["alt"], moved.json()["is_primary"]) == (0, "The front", True)
    assert await ids_of(shared_shop, product) == [c, a, b]
    await shared_shop.admin.patch(f"/api/v1/images/{c}", json={"position": 1})
    assert await ids_of(shared_shop, product) == [a, c, b]
    refused = await shared_shop.admin.patch(f"/api/v1/images/{a}", json={"is_primary": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "primary_required")


async def test_a_stale_change_of_a_picture_is_refused(shared_shop: Installation) -> None:
    (image,) = await uploaded(shared_shop, await make_product(shared_shop))
    address = f"/api/v1/images/{image['id']}"
    changed = await shared_shop.admin.patch(address, json={"alt": "new"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = await shared_shop.admin.patch(address, json={"alt": "newer"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)


async def test_another_focal_point_is_another_cut_of_the_same_file(shared_shop: Installation) -> None:
    (image,) = await uploaded(shared_shop, await make_product(shared_shop))
    address = f"/api/v1/images/{image['id']}"
    changed = (await shared_shop.admin.patch(address, json={"focal_point": {"x": 0.25, "y": 1}})).json()
    assert (changed["focal_point"], changed["status"], changed["url"]) == (
        {"x": 0.25, "y": 1},
        "processing",
        image["url"],
    )
    for point in ({"x": 2, "y": 0}, {"x": 0.5}, {"x": -0.1, "y": 0}):
        assert (await shared_shop.admin.patch(address, json={"focal_point": point})).status_code == 400
    assert (await shared_shop.admin.patch(address, json={"focal_point": None})).json()["focal_point"] is None


async def test_a_deleted_picture_leaves_no_gap_and_two_deletes_are_one(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    a, b, c = (image["id"] for image in await uploaded(shared_shop, product, 3))
    answers = await asyncio.gather(*(shared_shop.admin.delete(f"/api/v1/images/{a}") for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [204, 404]
    assert await ids_of(shared_shop, product) == [b, c]


async def test_a_file_is_replaced_in_its_place(shared_shop: Installation) -> None:
    product, content = await make_product(shared_shop), picture(size=(90, 30))
    a, b = await uploaded(shared_shop, product, 2, alt="words")
    answer = await shared_shop.admin.put(f"/api/v1/images/{b['id']}/file", files={"file": ("x", content, "image/png")})
    assert answer.status_code == 200, answer.text
    image = answer.json()
    assert (image["id"], image["position"], image["alt"], image["width"]) == (b["id"], 1, "words", 90)
    same = await shared_shop.admin.put(f"/api/v1/images/{a['id']}/file", files={"file": ("x", content, "image/png")})
    assert (same.status_code, same.json()["code"]) == (409, "image_exists")


async def test_a_product_has_a_limited_number_of_pictures(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    for _ in range(5):
        await uploaded(shared_shop, product, 10)
    answer = await upload(shared_shop.admin, product["id"], [picture()])
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_images")
    assert len(await ids_of(shared_shop, product)) == 50


async def test_sellers_change_pictures_of_their_own_products_only(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    draft = await make_product(shared_shop, status="draft")
    (image,) = await uploaded(shared_shop, product)
    async with (await make_person(shared_shop, "seller")).client as client:
        assert (await upload(client, product["id"], [picture()])).json()["code"] == "not_owner"
        assert (await upload(client, draft["id"], [picture()])).status_code == 404
        assert (await client.patch(f"/api/v1/images/{image['id']}", json={"alt": "x"})).status_code == 403
        assert (await client.delete(f"/api/v1/images/{image['id']}")).status_code == 403
        own = (await client.post("/api/v1/products", json={"name": "Mine"})).json()
        assert (await upload(client, own["id"], [picture()])).status_code == 201
    assert (await upload(shared_shop.client, product["id"], [picture()])).status_code == 401
    assert (await shared_shop.client.get(f"/api/v1/products/{draft['id']}/images")).status_code == 404


async def test_place_and_camera_are_removed_on_request(shared_shop: Installation) -> None:
    product, content = await make_product(shared_shop), photograph_with_position(6)
    parts = [("file", ("a.jpg", content, "image/jpeg"))]
    address = f"/api/v1/products/{product['id']}/images"
    (image,) = (await shared_shop.admin.post(address, files=parts, params={"strip": "true"})).json()
    kept = (await shared_shop.client.get(image["url"])).content
    assert b"Camera of somebody" in content
    assert b"Camera of somebody" not in kept
    assert (image["width"], image["height"]) == (300, 400)
    refused = await shared_shop.admin.post(
        address, files=[("file", ("a", picture("TIFF"), "image/tiff"))], params={"strip": "true"}
    )
    assert refused.json()["errors"][0]["code"] == "cannot_strip"


@pytest.mark.parametrize("kind", ["brands", "categories"])
async def test_categories_and_brands_have_a_picture(shared_shop: Installation, kind: str) -> None:
    made = await (make_brand if kind == "brands" else make_category)(shared_shop)
    assert made["image"] is None
    address = f"/api/v1/{kind}/{made['slug']}"
    answer = await shared_shop.admin.put(f"{address}/image", files={"file": ("x", picture(), "image/png")})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["image"]["width"], answer.json()["version"]) == (640, made["version"] + 1)
    assert (await shared_shop.client.get(address)).json()["image"] == answer.json()["image"]
    assert (await shared_shop.admin.delete(f"{address}/image")).status_code == 204
    assert (await shared_shop.client.get(address)).json()["image"] is None
    async with (await make_person(shared_shop, "seller")).client as client:
        refused = await client.put(f"{address}/image", files={"file": ("x", picture(), "image/png")})
        assert refused.json()["code"] == "missing_role"


async def test_files_are_given_out_in_parts_and_by_validator(shared_shop: Installation) -> None:
    content = picture("PNG", size=(200, 100))
    product = await make_product(shared_shop)
    (image,) = (await upload(shared_shop.admin, product["id"], [content])).json()

    async def get(**headers: str) -> httpx.Response:
        return await shared_shop.client.get(
            image["url"], headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    whole = await get()
    assert (whole.status_code, whole.headers["accept-ranges"], whole.headers["x-content-type-options"]) == (
        200,
        "bytes",
        "nosniff",
    )
    assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (await get(If_None_Match=whole.headers["etag"])).status_code == 304
    size = len(content)
    for asked, start, end in (
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, size - 1),
        ("bytes=-5", size - 5, size - 1),
        ("bytes=5-999999", 5, size - 1),
    ):
        part = await get(Range=asked)
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{end}/{size}"
        assert part.content == content[start : end + 1]
    assert (await get(Range=f"bytes={size}-")).status_code == 416
    for strange in ("bytes=1-2,4-5", "lines=1-2", "bytes=9-1", "bytes=-"):
        assert (await get(Range=strange)).content == content
    assert (await get(Range="bytes=0-9", If_Range='"other"')).status_code == 200
    head = await shared_shop.client.head(image["url"])
    assert (head.status_code, int(head.headers["content-length"]), head.content) == (200, size, b"")


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fetc%2fpasswd",
        "../etc/passwd",
        "%2e%2e/x.jpg",
        ".demo-pictures.json",
        "nothing.jpg",
        "r/../x.jpg",
        "a%00.jpg",
    ],
)
async def test_paths_that_climb_or_lead_nowhere_find_nothing(shared_shop: Installation, path: str) -> None:
    answer = await shared_shop.client.get(f"/media/{path}")
    assert answer.status_code == 404


async def test_pictures_change_the_product_for_everybody_at_once(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    await shared_shop.client.get(f"/api/v1/products/{product['id']}")
    (image,) = await uploaded(shared_shop, product)
    assert (await shared_shop.client.get(f"/api/v1/products/{product['id']}")).json()["images"][0]["id"] == image["id"]
    await shared_shop.admin.delete(f"/api/v1/images/{image['id']}")
    assert (await shared_shop.client.get(f"/api/v1/products/{product['id']}")).json()["images"] == []


async def test_who_changed_a_picture_is_in_the_audit_log(shared_shop: Installation) -> None:
    product = await make_product(shared_shop)
    (image,) = await uploaded(shared_shop, product)
    await shared_shop.admin.patch(f"/api/v1/images/{image['id']}", json={"alt": "For the log"})
    events = (await shared_shop.admin.get("/api/v1/audit", params={"resource": f"product_image/{image['id']}"})).json()
    assert [event["action"] for event in events["items"]] == ["update", "create"]
    assert events["items"][0]["after"]["alt"] == "For the log"


async def test_private_originals_are_given_out_by_signed_addresses(stack: Stack, template: str, tmp_path: Path) -> None:
    async with new_installation(stack, template, media_dir=tmp_path, private_originals=True) as shop:
        content, product = picture(), await make_product(shop)
        (image,) = (await upload(shop.admin, product["id"], [content])).json()
        assert image["url"] == "/static/processing.svg"
        file = await shop.resources.db.reads.fetchval("SELECT file FROM asset")
        hidden = await shop.client.get(f"/media/{file}")
        assert (hidden.status_code, hidden.json()["code"]) == (403, "private_original")
        answer = await shop.admin.get(f"/api/v1/images/{image['id']}/original")
        assert answer.status_code == 200, answer.text
        address = answer.json()["url"]
        found = await shop.client.get(address)
        assert (found.content, found.headers["cache-control"]) == (content, "private, max-age=600")
        for changed in (address[:-1] + ("0" if address[-1] != "0" else "1"), address.replace("expires=1", "expires=2")):
            assert (await shop.client.get(changed)).status_code == 403
        assert datetime.fromisoformat(answer.json()["expires_at"]) > datetime.now(UTC)


async def test_an_address_of_an_original_is_for_who_may_change_the_picture(shared_shop: Installation) -> None:
    (image,) = await uploaded(shared_shop, await make_product(shared_shop))
    address = f"/api/v1/images/{image['id']}/original"
    given = (await shared_shop.admin.get(address)).json()["url"]
    assert (await shared_shop.client.get(given)).status_code == 200
    assert (await shared_shop.client.get(address)).status_code == 401
    assert (await shared_shop.admin.get(f"/api/v1/images/{uuid4()}/original")).status_code == 404
    async with (await make_person(shared_shop, "seller")).client as client:
        assert (await client.get(address)).json()["code"] == "not_owner"


def test_builders_make_other_pictures_each_time() -> None:
    assert picture() != picture()
    assert opened(encoded(opened(picture()), "PNG")).size == (640, 480)
