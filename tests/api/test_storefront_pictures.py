"""Pictures on the pages: formats, sizes, what is kept free for them, and what machines are told."""

import re
from collections.abc import Sequence

import msgspec

from tests.api.test_images import upload
from tests.api.test_storefront_pages import data_blocks, get, refresh
from tests.support.builders import Json, make_brand, make_category, make_product, unique
from tests.support.installation import Installation
from tests.support.pictures import picture

PRESETS = (("160", 160), ("320", 320), ("640", 640), ("1280", 1280), ("square", 320))
PLACEHOLDER = "data:image/webp;base64,UklGRg=="


def renditions(stem: str) -> list[Json]:
    """As a worker would have made them."""
    return [
        {
            "name": name,
            "format": kind,
            "width": width,
            "height": 180,
            "bytes": 1,
            "url": f"/media/r/{stem}-{name}.{kind}",
        }
        for name, width in PRESETS
        for kind in ("avif", "webp", "jpeg")
    ]


async def render(shop: Installation, url: str, stem: str) -> None:
    """Have all sizes of an original, without a worker."""
    await shop.execute(
        """UPDATE asset SET status = 'ready', renditions = $2, dominant_color = '#123456', placeholder = $3
        WHERE file = $1""",
        url.removeprefix("/media/"),
        msgspec.json.encode(renditions(stem)).decode(),
        PLACEHOLDER,
    )


async def with_pictures(shop: Installation, count: int = 1, **fields: object) -> tuple[Json, list[Json]]:
    """A product with wide pictures."""
    product = await make_product(shop, **{"name": unique("Vase"), **fields})
    answer = await upload(shop.admin, product["id"], [picture(size=(640, 360)) for _ in range(count)], alt="A vase")
    assert answer.status_code == 201, answer.text
    return product, answer.json()


def elements(text: str, name: str) -> list[str]:
    """All elements of a kind, with what is in them."""
    return re.findall(rf"<{name}[ >].*?</{name}>", text, re.DOTALL)


def srcsets(element: str) -> Sequence[tuple[str, ...]]:
    """Type and srcset of the sources."""
    return re.findall(r'<source type="([^"]*)" srcset="([^"]*)"', element)


async def test_a_tile_offers_every_format_in_the_sizes_of_a_list(shared_shop: Installation) -> None:
    product, [image] = await with_pictures(shared_shop)
    stem = unique("t")
    await render(shared_shop, image["url"], stem)
    await refresh(shared_shop)
    page = (await get(shared_shop, f"/search?q={product['name']}")).text
    [shown] = elements(page, "picture")
    widths = (160, 320, 640)
    assert srcsets(shown) == [
        (f"image/{kind}", ", ".join(f"/media/r/{stem}-{width}.{kind} {width}w" for width in widths))
        for kind in ("avif", "webp")
    ]
    assert shown.count('sizes="(min-width:') == 2
    assert f'<img src="/media/r/{stem}-640.jpeg" alt="A vase" width="640" height="360"' in shown
    assert 'fetchpriority="high"' in shown
    assert (
        '<svg class="tint" viewBox="0 0 640 360" aria-hidden="true"><rect width="100%" height="100%" fill="#123456"/>'
        in page
    )
    assert f'type="image/avif" imagesrcset="/media/r/{stem}-160.avif 160w, ' in page
    hit = (await shared_shop.client.get("/api/v1/search", params={"q": product["name"]})).json()["hits"][0]
    assert {(one["name"], one["format"]) for one in hit["image"]["renditions"]} == {
        *((name, kind) for name in ("160", "320", "640", "square") for kind in ("avif", "webp")),
        ("640", "jpeg"),
    }


async def test_the_original_shows_while_it_is_processed_and_after_it_failed(shared_shop: Installation) -> None:
    product, [image] = await with_pictures(shared_shop)
    for status in ("processing", "failed"):
        await shared_shop.execute(
            "UPDATE asset SET status = $2 WHERE file = $1", image["url"].removeprefix("/media/"), status
        )
        await refresh(shared_shop)
        for path in (f"/p/{product['slug']}", f"/search?q={product['name']}"):
            page = (await get(shared_shop, path)).text
            shown = elements(page, "picture")[0]
            assert "<source" not in shown
            assert f'<img src="{image["url"]}" alt="A vase" width="640" height="360"' in shown
            assert f'<link rel="preload" as="image" href="{image["url"]}"' in page


async def test_a_product_page_shows_pictures_whole_and_thumbnails_cut(shared_shop: Installation) -> None:
    product, images = await with_pictures(shared_shop, 2)
    stem = unique("p")
    for number, image in enumerate(images):
        await render(shared_shop, image["url"], f"{stem}{number}")
    answer = await get(shared_shop, f"/p/{product['slug']}")
    first, second, *thumbs = elements(answer.text, "picture")
    assert f"/media/r/{stem}0-1280.avif 1280w" in first
    assert 'loading="lazy"' not in first
    assert 'loading="lazy"' in second
    assert [srcsets(thumb)[0] for thumb in thumbs] == [
        ("image/avif", f"/media/r/{stem}{number}-square.avif 320w") for number in range(2)
    ]
    assert all('width="72" height="72"' in thumb for thumb in thumbs)
    assert f'<image href="{PLACEHOLDER}"' in answer.text
    largest = f"http://127.0.0.1:8000/media/r/{stem}0-1280.jpeg"
    assert f'<meta property="og:image" content="{largest}">' in answer.text
    assert data_blocks(answer)["Product"]["image"][0] == largest
    assert f'class="gallery-zoom" href="/media/r/{stem}0-1280.jpeg"' in answer.text


async def test_categories_and_brands_show_their_own_picture(shared_shop: Installation) -> None:
    category, brand = await make_category(shared_shop), await make_brand(shared_shop)
    await make_product(shared_shop, category_id=category["id"], brand_id=brand["id"])
    for kind, path, row in (("categories", "c", category), ("brands", "b", brand)):
        await refresh(shared_shop)
        assert "listing-own" not in (await get(shared_shop, f"/{path}/{row['slug']}")).text
        answer = await shared_shop.admin.put(
            f"/api/v1/{kind}/{row['id']}/image", files=[("file", ("x.jpg", picture(), "image/jpeg"))]
        )
        stem = unique(path)
        await render(shared_shop, answer.json()["image"]["url"], stem)
        await refresh(shared_shop)
        page = (await get(shared_shop, f"/{path}/{row['slug']}")).text
        shown = elements(page[page.index("listing-own") :], "picture")[0]
        # A mark of a brand is never cut.
        assert ("-square.avif" if path == "c" else "-1280.avif") in shown
        assert 'alt=""' in shown
        assert f'<meta property="og:image" content="http://127.0.0.1:8000/media/r/{stem}-1280.jpeg">' in page
    home = (await get(shared_shop, "/")).text
    tile = next(part for part in elements(home, "a") if f'href="/c/{category["slug"]}"' in part and "picture" in part)
    assert "-square.avif" in tile


async def test_every_page_leads_to_the_account_from_its_top(shared_shop: Installation) -> None:
    for path in ("/", "/search", "/sign-in", "/nowhere"):
        top = elements((await get(shared_shop, path)).text, "header")[0]
        assert '<a class="top-account" href="/account" aria-label="Your account">' in top
