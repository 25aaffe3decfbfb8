"""Reviews on the pages: beside the product, all of them, and the form to write one."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from tests.api.test_auth_pages import sign_in, token_in
from tests.api.test_storefront_pages import data_blocks
from tests.support.answers import read_all
from tests.support.builders import Json, make_product, unique
from tests.support.installation import Installation
from tests.support.people import client_of, make_person, register, set_role
from tests.support.reviewing import make_review, moderate, rating_of, write_review


@pytest.fixture
async def account(shared_shop: Installation) -> Json:
    return await register(shared_shop.client)


@pytest.fixture
async def browser(shared_shop: Installation, account: Json) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who signed in on the pages."""
    async with client_of(shared_shop, {}) as client:
        await sign_in(client, account["email"])
        yield client


@pytest.fixture
async def product(shared_shop: Installation) -> Json:
    return await make_product(shared_shop)


def page_of(product: Json) -> str:
    """The page of a product."""
    return f"/p/{product['slug']}"


async def send(browser: httpx.AsyncClient, product: Json, **fields: str) -> httpx.Response:
    """Fill the form in and send it."""
    form = await browser.get(f"{page_of(product)}/review")
    assert form.status_code == 200
    return await browser.post(f"{page_of(product)}/review", data={"csrf_token": token_in(form), **fields})


async def test_a_product_without_reviews_says_so(shared_shop: Installation, product: Json) -> None:
    with shared_shop.counted() as statements:
        page = await shared_shop.client.get(page_of(product))
    assert "Nobody has reviewed it yet" in page.text
    assert f'href="{page_of(product)}/review"' in page.text
    assert len(statements) == 1
    assert data_blocks(page)["Product"].keys().isdisjoint({"review", "aggregateRating"})


async def test_the_newest_reviews_stand_beside_the_product(shared_shop: Installation, product: Json) -> None:
    for rating in (5, 5, 4, 2, 1):
        await make_review(shared_shop, product, rating)
    newest = await make_review(shared_shop, product, 4, title="Fine <b>mug</b>", body="Hot.\n\n  For hours & hours.")
    waiting = await write_review((await make_person(shared_shop)).client, product, 1, title=unique("Waiting"))
    with shared_shop.counted() as statements:
        page = await shared_shop.client.get(page_of(product))
    assert len(statements) == 3
    text = page.text
    assert "Fine &lt;b&gt;mug&lt;/b&gt;" in text
    assert "Hot.\n\n  For hours & hours." in unescape(text)
    assert waiting["title"] not in text
    assert text.count('<li class="review">') == 5
    assert text.count("<bdi>A Person</bdi>") == 5
    assert "All 6 reviews" in text
    assert re.search(
        r'href="/p/[^"]+/reviews\?stars=5"><span>5\s+stars</span>.*?<span class="star-counts-number">2<', text
    )
    block = data_blocks(page)["Product"]
    assert block["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": 3.5,
        "ratingCount": 6,
        "reviewCount": 6,
    }
    assert len(block["review"]) == 5
    assert block["review"][0] == {
        "@type": "Review",
        "author": {"@type": "Person", "name": "A Person"},
        "datePublished": newest["created_at"][:10],
        "reviewRating": {"@type": "Rating", "ratingValue": 4, "bestRating": 5},
        "name": "Fine <b>mug</b>",
        "reviewBody": "Hot.\n\n  For hours & hours.",
    }


async def test_imported_ratings_are_told_apart_from_reviews(shared_shop: Installation, product: Json) -> None:
    await shared_shop.execute(
        "UPDATE product SET rating_average = 4, rating_count = 9 WHERE id = $1::uuid", product["id"]
    )
    await make_review(shared_shop, product, 4)
    page = await shared_shop.client.get(page_of(product))
    assert "10 ratings, 1 with a review" in page.text


async def test_all_reviews_are_paged_sorted_and_filtered(shared_shop: Installation, product: Json) -> None:
    people = [(await register(shared_shop.client))["id"] for _ in range(23)]
    await shared_shop.execute(
        """INSERT INTO review (id, product_id, account_id, rating, title, status)
        SELECT uuidv7(), $1::uuid, a.id, 1 + a.n % 5, 'Number ' || a.n, 'approved'
        FROM unnest($2::uuid[]) WITH ORDINALITY a (id, n)""",
        product["id"],
        people,
    )
    path = f"{page_of(product)}/reviews"
    first = await shared_shop.client.get(f"{path}?sort=-rating")
    assert (first.text.count('<li class="review">'), "Number 4<" in first.text) == (20, True)
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = await shared_shop.client.get(unescape(following[1]))
    assert second.text.count('<li class="review">') == 3
    assert "First page" in second.text
    threes = await shared_shop.client.get(f"{path}?stars=3")
    assert threes.text.count('aria-label="3 of 5 stars"') == threes.text.count('<li class="review">') == 5
    assert '<meta name="robots" content="noindex, follow">' in first.text


@pytest.mark.parametrize(
    "query", ["cursor=x", "stars=9", "sort=title", "stars=%00", "utm_source=x", "cursor=" + "e" * 3000]
)
async def test_an_address_that_makes_no_sense_shows_the_first_page(
    shared_shop: Installation, product: Json, query: str
) -> None:
    await make_review(shared_shop, product)
    page = await shared_shop.client.get(f"{page_of(product)}/reviews?{query}")
    if query == "stars=%00":
        assert page.status_code in {200, 400}
    else:
        assert (page.status_code, page.text.count('<li class="review">')) == (200, 1)


async def test_reviews_of_hidden_and_unknown_products_are_not_there(
    shared_shop: Installation, browser: httpx.AsyncClient
) -> None:
    draft = await make_product(shared_shop, status="draft")
    for slug in (draft["slug"], "never-heard-of"):
        for path in ("reviews", "review"):
            assert (await browser.get(f"/p/{slug}/{path}")).status_code == 404
        assert (await browser.post(f"/p/{slug}/review", data={"rating": "5"})).status_code == 404
    shown = await make_product(shared_shop)
    moved = await browser.get(f"/p/{shown['id']}/reviews?stars=5")
    assert (moved.status_code, moved.headers["location"]) == (301, f"{page_of(shown)}/reviews?stars=5")


async def test_writing_a_review_begins_with_signing_in(shared_shop: Installation, product: Json) -> None:
    for answer in (
        await shared_shop.client.get(f"{page_of(product)}/review"),
        await shared_shop.client.post(f"{page_of(product)}/review", data={"rating": "5"}),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={page_of(product)}/review")


async def test_a_review_is_written_changed_and_deleted_by_forms(
    shared_shop: Installation, browser: httpx.AsyncClient, product: Json
) -> None:
    sent = await send(browser, product, rating="4", title="Good", body="Line one.\r\n\r\nLine two.")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page_of(product)}/review")
    [review] = await read_all(shared_shop.admin, "/reviews", product=product["id"])
    assert (review["rating"], review["title"], review["body"]) == (4, "Good", "Line one.\n\nLine two.")
    form = await browser.get(sent.headers["location"])
    assert form.headers["cache-control"] == "no-store"
    assert "once we have read it" in form.text
    assert "Line one.\n\nLine two.</textarea>" in unescape(form.text)
    assert re.search(r'value="4" required checked>', form.text)
    await moderate(shared_shop, review)
    assert "is on the page of the product" in (await browser.get(f"{page_of(product)}/review")).text
    assert (await send(browser, product, rating="2", title="Good")).status_code == 303
    assert await rating_of(shared_shop, product) == (None, 0)
    await moderate(shared_shop, review, "rejected", reason="Please say what is wrong.")
    assert "Please say what is wrong." in (await browser.get(f"{page_of(product)}/review")).text
    gone = await send(browser, product, do="delete")
    assert (gone.status_code, gone.headers["location"]) == (303, f"{page_of(product)}#reviews")
    assert await read_all(shared_shop.admin, "/reviews", product=product["id"]) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": "No stars"}, "Please choose 1 to 5 stars."),
        ({"rating": "6"}, "Please choose 1 to 5 stars."),
        ({"rating": "5", "title": "x" * 151}, "must have at most 150 characters"),
        ({"rating": "5", "title": "two\nlines"}, "control characters"),
        ({"rating": "5", "body": "bell\x07"}, "control characters"),
        ({"rating": "5", "body": "nul\0"}, "control characters"),
    ],
)
async def test_what_is_wrong_with_a_form_is_told_in_it(
    shared_shop: Installation, browser: httpx.AsyncClient, product: Json, fields: dict[str, str], words: str
) -> None:
    answer = await send(browser, product, **fields)
    assert (answer.status_code, words in answer.text) == (400, True), answer.text
    assert await read_all(shared_shop.admin, "/reviews", product=product["id"]) == []


async def test_a_form_of_another_site_is_not_used(
    shared_shop: Installation, browser: httpx.AsyncClient, product: Json
) -> None:
    token = token_in(await browser.get(f"{page_of(product)}/review"))
    for data, headers in (
        ({"rating": "5"}, {}),
        ({"rating": "5", "csrf_token": "0" * 64}, {}),
        ({"rating": "5", "csrf_token": token}, {"Origin": "https://evil.example"}),
    ):
        answer = await browser.post(f"{page_of(product)}/review", data=data, headers=headers)
        assert (answer.status_code, "This form has expired" in answer.text) == (403, True)
    assert await read_all(shared_shop.admin, "/reviews", product=product["id"]) == []


async def test_sellers_are_told_that_others_review_their_products(
    shared_shop: Installation, browser: httpx.AsyncClient, account: Json
) -> None:
    await set_role(shared_shop.admin, account, "seller")
    token = token_in(await browser.get("/account"))
    fields = {"name": unique("Product"), "status": "active"}
    product = (await browser.post("/api/v1/products", json=fields, headers={"X-CSRF-Token": token})).json()
    form = await browser.get(f"{page_of(product)}/review")
    assert "You sell this product" in form.text
    sent = await browser.post(f"{page_of(product)}/review", data={"rating": "5", "csrf_token": token})
    assert sent.status_code == 403
