"""The pages over HTTP, in the process: what they say, to people and to machines."""

import json
import re
from html import unescape

import httpx

from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation

HTML = "text/html; charset=utf-8"


async def refresh(shop: Installation) -> None:
    """Bring index and taxonomy up to date."""
    await shop.drain()
    await shop.resources.taxonomy.load()


async def get(shop: Installation, path: str, **headers: str) -> httpx.Response:
    """A page, as a browser asks for it."""
    return await shop.client.get(path, headers={"Accept": "text/html", **headers})


def data_blocks(page: httpx.Response) -> dict[str, Json]:
    """JSON-LD blocks by their type."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    return {block["@type"]: block for block in map(json.loads, found)}


def title(page: httpx.Response) -> str:
    """The title of a page."""
    match = re.search(r"<title>(.*?)</title>", page.text)
    assert match is not None
    return unescape(match[1])


async def test_a_product_page_shows_what_the_product_is(shared_shop: Installation) -> None:
    brand, category = await make_brand(shared_shop), await make_category(shared_shop)
    weight = await make_attribute(shared_shop, code=unique("w"), name="Net weight", type="number", unit="kg")
    made = await make_product(
        shared_shop,
        name=f"Kettle {unique()}",
        description="Boils fast.\n\nAnd quietly.",
        brand_id=brand["id"],
        category_id=category["id"],
        attributes={weight["code"]: 1.5},
        price=price(7999),
        compare_at_price=price(9999),
        stock=3,
    )
    await refresh(shared_shop)
    page = await get(shared_shop, f"/p/{made['slug']}")
    assert (page.status_code, page.headers["content-type"]) == (200, HTML)
    text = unescape(page.text)
    for words in (made["name"], brand["name"], category["name"], "€79.99", "€99.99", "20%", "Only 3 left"):
        assert words in text
    assert '<th scope="row">Net weight</th><td>1.5\u00a0kg</td>' in text
    assert "<p>Boils fast.</p>" in text
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/p/{made["slug"]}">' in text


async def test_a_product_page_tells_machines_the_same(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    made = await make_product(shared_shop, category_id=category["id"], sku=unique("SKU-"), price=price(1250), stock=0)
    await refresh(shared_shop)
    blocks = data_blocks(await get(shared_shop, f"/p/{made['slug']}"))
    [offer] = blocks["Product"]["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("12.50", "EUR")
    assert offer["availability"] == "https://schema.org/OutOfStock"
    assert blocks["Product"]["sku"] == made["variants"][0]["sku"]
    assert [item["name"] for item in blocks["BreadcrumbList"]["itemListElement"]] == [
        "Home",
        category["name"],
        made["name"],
    ]


async def test_the_id_of_a_product_leads_to_its_slug(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    page = await get(shared_shop, f"/p/{made['id']}?utm_source=mail")
    assert (page.status_code, page.headers["location"]) == (301, f"/p/{made['slug']}?utm_source=mail")


async def test_drafts_archived_and_unknown_products_are_not_there(shared_shop: Installation) -> None:
    draft = await make_product(shared_shop, status="draft")
    archived = await make_product(shared_shop, status="archived")
    for slug in (draft["slug"], archived["slug"], draft["id"], "never-heard-of"):
        page = await get(shared_shop, f"/p/{slug}")
        assert (page.status_code, page.headers["content-type"]) == (404, HTML)
        assert "This page is not here" in page.text
        assert draft["name"] not in page.text


async def test_markup_in_texts_of_others_stays_text(shared_shop: Installation) -> None:
    evil = "<script>alert(1)</script>"
    made = await make_product(shared_shop, name=f"{evil} {unique()}", description=f"</script>{evil}", tags=[evil])
    await refresh(shared_shop)
    for path in (f"/p/{made['slug']}", f"/search?q={evil}", f"/search?q={made['slug'][-13:]}"):
        page = await get(shared_shop, path)
        assert page.status_code == 200
        assert evil not in page.text


async def test_a_category_page_has_one_address_and_others_lead_to_it(shared_shop: Installation) -> None:
    root = await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=root["id"], description="All that is small.")
    made = await make_product(shared_shop, category_id=leaf["id"])
    await refresh(shared_shop)
    canonical = f"/c/{root['slug']}/{leaf['slug']}"
    page = await get(shared_shop, canonical)
    assert page.status_code == 200
    assert made["name"] in page.text
    assert "All that is small." in page.text
    for wrong in (f"/c/{leaf['slug']}", f"/c/elsewhere/{leaf['slug']}"):
        moved = await get(shared_shop, f"{wrong}?sort=price")
        assert (moved.status_code, moved.headers["location"]) == (301, f"{canonical}?sort=price")
    assert (await get(shared_shop, f"/c/{root['slug']}/never-heard-of")).status_code == 404


async def test_a_moved_category_leads_from_its_old_address_to_the_new_one(shared_shop: Installation) -> None:
    old, new = await make_category(shared_shop), await make_category(shared_shop)
    leaf = await make_category(shared_shop, parent_id=old["id"])
    answer = await shared_shop.admin.post(
        f"/api/v1/categories/{leaf['id']}/move", json={"parent_id": new["id"], "position": 0}
    )
    assert answer.status_code == 200, answer.text
    await refresh(shared_shop)
    page = await get(shared_shop, f"/c/{old['slug']}/{leaf['slug']}")
    assert (page.status_code, page.headers["location"]) == (301, f"/c/{new['slug']}/{leaf['slug']}")


async def test_a_brand_page_shows_its_products_only(shared_shop: Installation) -> None:
    brand, other = await make_brand(shared_shop), await make_brand(shared_shop)
    mine = await make_product(shared_shop, brand_id=brand["id"])
    theirs = await make_product(shared_shop, brand_id=other["id"])
    await refresh(shared_shop)
    page = await get(shared_shop, f"/b/{brand['slug']}?brand={other['slug']}")
    assert title(page) == f"{brand['name']} | Mercato"
    assert mine["name"] in page.text
    assert theirs["name"] not in page.text
    assert (await get(shared_shop, "/b/never-heard-of")).status_code == 404


async def test_filters_of_the_address_narrow_the_results(shared_shop: Installation) -> None:
    word = unique("lamp")
    cheap = await make_product(shared_shop, name=f"{word} cheap", price=price(1000))
    dear = await make_product(shared_shop, name=f"{word} dear", price=price(5050))
    await refresh(shared_shop)
    both = await get(shared_shop, f"/search?q={word}")
    assert cheap["slug"] in both.text
    assert dear["slug"] in both.text
    page = await get(shared_shop, f"/search?q={word}&price_max=50,49&utm_source=mail&brand=nobody&sort=nonsense")
    assert cheap["slug"] in page.text
    assert dear["slug"] not in page.text
    assert "Up to €50.49" in page.text
    assert "utm_source" not in page.text


async def test_a_change_of_price_is_on_the_results_page_at_once(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, price=price(1000))
    await refresh(shared_shop)
    path = f"/search?q={made['name'].split()[1]}"
    assert "€10.00" in (await get(shared_shop, path)).text
    answer = await shared_shop.admin.patch(f"/api/v1/products/{made['id']}", json={"price": price(1234)})
    assert answer.status_code == 200
    await shared_shop.drain()
    assert "€12.34" in (await get(shared_shop, path)).text


async def test_pages_of_results_are_numbered_and_linked(shared_shop: Installation) -> None:
    brand = await make_brand(shared_shop)
    for _ in range(26):
        await make_product(shared_shop, brand_id=brand["id"])
    await refresh(shared_shop)
    first = await get(shared_shop, f"/b/{brand['slug']}")
    assert f'<link rel="next" href="/b/{brand["slug"]}?page=2">' in first.text
    assert first.text.count('class="tile"') == 24
    assert data_blocks(first)["ItemList"]["itemListElement"][0]["position"] == 1
    second = await get(shared_shop, f"/b/{brand['slug']}?page=2")
    assert f'<link rel="prev" href="/b/{brand["slug"]}">' in second.text
    assert second.text.count('class="tile"') == 2
    assert title(second) == f"{brand['name']}, page 2 | Mercato"
    assert data_blocks(second)["ItemList"]["itemListElement"][0]["position"] == 25
    beyond = await get(shared_shop, f"/b/{brand['slug']}?page=9")
    assert (beyond.status_code, beyond.headers["location"]) == (302, f"/b/{brand['slug']}?page=2")


async def test_nothing_found_offers_fewer_words_and_popular_products(shared_shop: Installation) -> None:
    await make_product(shared_shop)
    await refresh(shared_shop)
    page = await get(shared_shop, f"/search?q={unique('zq')}+{unique('zv')}")
    assert page.status_code == 200
    assert "Nothing found for" in page.text
    assert "Search for" in page.text
    assert "Popular now" in page.text


async def test_the_script_gets_the_main_part_alone(shared_shop: Installation) -> None:
    await refresh(shared_shop)
    part = await get(shared_shop, "/search?q=lamp&utm_source=mail", **{"X-Fragment": "results"})
    assert part.text.lstrip().startswith("<main")
    assert 'data-url="/search?q=lamp"' in part.text
    assert "X-Fragment" in part.headers["vary"]


async def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(shared_shop: Installation) -> None:
    for path in ("/", "/search", "/never-heard-of"):
        page = await get(shared_shop, path)
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"(module|application/ld\+json)\")", page.text)
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!127\.0\.0\.1:8000/)', page.text)


async def test_static_files_are_kept_for_ever_under_names_that_change(shared_shop: Installation) -> None:
    page = await get(shared_shop, "/")
    for file in re.findall(r'"(/static/[^"]+)"', page.text):
        answer = await shared_shop.client.get(file)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    missing = await shared_shop.client.get("/static/shop.css")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


async def test_the_first_load_weighs_less_than_60_kilobytes(shared_shop: Installation) -> None:
    page = await get(shared_shop, "/search")
    files = re.findall(r'"(/static/[^"]+)"', page.text)
    weight = 0
    for path in ("/search", *files):
        async with shared_shop.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            weight += sum([len(part) async for part in answer.aiter_raw()])
    assert weight < 60_000


async def test_head_answers_like_get(shared_shop: Installation) -> None:
    answer = await shared_shop.client.head("/search")
    assert (answer.status_code, answer.headers["content-type"]) == (200, HTML)


async def test_unknown_addresses_answer_people_with_a_page_and_programs_with_a_problem(
    shared_shop: Installation,
) -> None:
    page = await get(shared_shop, "/never-heard-of")
    assert (page.status_code, page.headers["content-type"]) == (404, HTML)
    answer = await shared_shop.client.get("/api/v1/never-heard-of")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_the_sitemap_lists_what_shoppers_see(shared_shop: Installation) -> None:
    category = await make_category(shared_shop)
    shown = await make_product(shared_shop, category_id=category["id"])
    hidden = await make_product(shared_shop, status="draft")
    await refresh(shared_shop)
    index = await shared_shop.client.get("/sitemap.xml")
    assert index.headers["content-type"].startswith("application/xml")
    parts = [unescape(found) for found in re.findall(r"<loc>(.*?)</loc>", index.text)]
    assert all(part.startswith("http://127.0.0.1:8000/sitemap-") for part in parts)
    found = ""
    for part in parts:
        answer = await shared_shop.client.get(part.removeprefix("http://127.0.0.1:8000"))
        assert answer.status_code == 200
        found += answer.text
    assert f"/p/{shown['slug']}<" in found
    assert f"/c/{category['slug']}<" in found
    assert hidden["slug"] not in found


async def test_robots_are_told_where_the_sitemap_is(shared_shop: Installation) -> None:
    answer = await shared_shop.client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in answer.text
    assert (await shared_shop.client.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


async def test_an_empty_shop_has_a_home_page(empty_shop: Installation) -> None:
    page = await get(empty_shop, "/")
    assert page.status_code == 200
    assert "Find it before you finish typing" in page.text
    assert (await get(empty_shop, "/search")).status_code == 200


async def test_a_product_in_several_departments_counts_once(empty_shop: Installation) -> None:
    one, other = await make_category(empty_shop), await make_category(empty_shop)
    await make_product(empty_shop, category_id=one["id"], category_ids=[one["id"], other["id"]])
    await make_product(empty_shop)
    await refresh(empty_shop)
    assert "2 products in 2 departments" in (await get(empty_shop, "/")).text
