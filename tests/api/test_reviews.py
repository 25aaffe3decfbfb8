"""Reviews: who writes and moderates them, who sees them, and the ratings made of them."""

import httpx
import pytest

from mercato.devstack import Stack
from mercato.platform.ids import new_id
from tests.support.answers import at_once, expect_invalid, expect_problem, read_all, read_pages
from tests.support.builders import Json, make_product, price, unique
from tests.support.installation import Installation, new_installation
from tests.support.people import Person, make_key, make_person, with_key
from tests.support.reviewing import make_review, moderate, rating_of, write_review

FUTURE = "2999-01-01T00:00:00Z"


@pytest.fixture
async def buyer(shared_shop: Installation) -> Person:
    return await make_person(shared_shop)


@pytest.fixture
async def product(shared_shop: Installation) -> Json:
    return await make_product(shared_shop)


def reviews_of(product: Json, *, by: str = "id") -> str:
    """Where the reviews of a product are."""
    return f"/api/v1/products/{product[by]}/reviews"


def address(review: Json) -> str:
    """Where a review is."""
    return f"/api/v1/reviews/{review['id']}"


async def sell(seller: Person, **fields: object) -> Json:
    """A product of a seller."""
    body = {"name": unique("Product"), "status": "active", "price": price(1000), **fields}
    response = await seller.client.post("/api/v1/products", json=body)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


# --- write ---------------------------------------------------------------------------------------------------------------


async def test_a_review_waits_for_a_moderator_and_then_counts(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    response = await buyer.client.post(
        reviews_of(product, by="slug"), json={"rating": 4, "title": " Good ", "body": "Keeps tea hot.\nNo leak.\n"}
    )
    assert response.status_code == 201
    made = response.json()
    assert response.headers["location"] == f"/api/v1/reviews/{made['id']}"
    expected = {
        "rating": 4,
        "title": "Good",
        "body": "Keeps tea hot.\nNo leak.",
        "status": "pending",
        "author": "A Person",
        "product": {field: product[field] for field in ("id", "slug", "name")},
        "is_mine": True,
        "version": 1,
    }
    assert {field: made[field] for field in expected} == expected
    assert await rating_of(shared_shop, product) == (None, 0)
    approved = await moderate(shared_shop, made)
    assert (approved["status"], approved["version"], approved["moderated_at"] is not None) == ("approved", 2, True)
    assert await rating_of(shared_shop, product) == (4.0, 1)


async def test_stars_are_enough(buyer: Person, product: Json) -> None:
    made = await write_review(buyer.client, product, 1)
    assert (made["rating"], made["title"], made["body"]) == (1, "", "")


async def test_a_second_review_of_the_same_product_is_a_conflict_until_the_first_is_deleted(
    buyer: Person, product: Json
) -> None:
    first = await write_review(buyer.client, product)
    expect_problem(await buyer.client.post(reviews_of(product), json={"rating": 1}), 409, "already_reviewed")
    assert (await buyer.client.delete(address(first))).status_code == 204
    expect_problem(await buyer.client.get(address(first)), 404, "not_found")
    assert (await write_review(buyer.client, product, 2))["id"] != first["id"]


async def test_of_many_reviews_by_one_buyer_at_once_one_is_stored(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    async def send() -> httpx.Response:
        return await buyer.client.post(reviews_of(product), json={"rating": 3})

    answers = await at_once(*[send] * 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    for answer in answers:
        if answer.status_code == 409:
            expect_problem(answer, 409, "already_reviewed")
    assert len(await read_all(shared_shop.admin, "/reviews", product=product["id"])) == 1


async def test_a_repeated_request_with_its_key_gets_the_first_review_again(buyer: Person, product: Json) -> None:
    headers = {"Idempotency-Key": unique()}
    first = await buyer.client.post(reviews_of(product), json={"rating": 3}, headers=headers)
    again = await buyer.client.post(reviews_of(product), json={"rating": 3}, headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rating", 0),
        ("rating", 6),
        ("rating", 4.5),
        ("rating", "5"),
        ("rating", None),
        ("rating", True),
        ("title", "two\nlines"),
        ("title", "nul\0"),
        ("title", "esc\x1b[31m"),
        ("title", "x" * 151),
        ("title", None),
        ("body", "nul\0"),
        ("body", "bell\x07"),
        ("body", "x" * 5001),
        ("body", 5),
        ("status", "approved"),
        ("author", "Somebody else"),
        ("product_id", "x"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(buyer: Person, product: Json, field: str, value: object) -> None:
    response = await buyer.client.post(reviews_of(product), json={"rating": 5, field: value})
    expect_invalid(response, f"/{field}")


async def test_a_review_needs_stars_and_a_body(buyer: Person, product: Json) -> None:
    expect_invalid(await buyer.client.post(reviews_of(product), json={}), "/rating", "missing_field")
    expect_invalid(await buyer.client.post(reviews_of(product)), "", "missing_body")
    many = await buyer.client.post(reviews_of(product), json={"rating": 5, "body": "x" * 70_000})
    expect_problem(many, 413, "too_large")


async def test_words_are_plain_text_in_any_script(buyer: Person, product: Json) -> None:
    words = "<script>alert(1)</script> & 漢字 🍵 العربية"
    made = await write_review(buyer.client, product, 5, title=words, body=words)
    assert (made["title"], made["body"]) == (words, words)


async def test_only_accounts_write_reviews(shared_shop: Installation, product: Json) -> None:
    body = {"rating": 5}
    expect_problem(await shared_shop.client.post(reviews_of(product), json=body), 401, "unauthenticated")
    expect_problem(await shared_shop.admin.post(reviews_of(product), json=body), 403, "account_required")
    seller = await make_person(shared_shop, "seller")
    key = with_key(shared_shop, await make_key(seller.client, "read:catalog", "write:catalog"))
    expect_problem(await key.post(reviews_of(product), json=body), 403, "missing_scope")
    await write_review(seller.client, product)


async def test_sellers_do_not_review_what_they_sell(shared_shop: Installation) -> None:
    seller, rival = await make_person(shared_shop, "seller"), await make_person(shared_shop, "seller")
    shown, draft = await sell(seller), await sell(seller, status="draft")
    for made in (shown, draft):
        expect_problem(await seller.client.post(reviews_of(made), json={"rating": 5}), 403, "own_product")
    await write_review(rival.client, shown)


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "archived"}, {"publish_at": FUTURE}], ids=str)
async def test_what_shoppers_cannot_see_is_not_reviewed(shared_shop: Installation, buyer: Person, fields: Json) -> None:
    hidden = await make_product(shared_shop, **fields)
    expect_problem(await buyer.client.post(reviews_of(hidden), json={"rating": 5}), 404, "not_found")
    admin = await make_person(shared_shop, "admin")
    expect_problem(await admin.client.post(reviews_of(hidden), json={"rating": 5}), 409, "not_published")


# --- read ----------------------------------------------------------------------------------------------------------------


async def test_everybody_sees_approved_reviews_and_authors_their_own(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    shown = await make_review(shared_shop, product, 4)
    waiting = await write_review(buyer.client, product, 2)
    rejected = await moderate(shared_shop, await make_review(shared_shop, product, 1), "rejected", reason="Rude.")

    async def seen(client: httpx.AsyncClient) -> set[str]:
        listed = {review["id"] for review in await read_all(client, f"/products/{product['slug']}/reviews")}
        for review in (shown, waiting, rejected):
            found = (await client.get(address(review))).status_code == 200
            assert found == (review["id"] in listed or client is shared_shop.admin)
        return listed

    assert await seen(shared_shop.client) == {shown["id"]}
    assert await seen((await make_person(shared_shop)).client) == {shown["id"]}
    assert await seen(buyer.client) == {shown["id"], waiting["id"]}
    assert await seen(shared_shop.admin) == {shown["id"]}


async def test_an_author_is_a_name_and_nothing_more(shared_shop: Installation, buyer: Person, product: Json) -> None:
    review = await moderate(shared_shop, await write_review(buyer.client, product), reason="Thank you.")
    private = ("reason", "moderated_at", "account_id", "moderated_by")
    for client, is_mine, expected in (
        (shared_shop.client, False, [None] * 4),
        (buyer.client, True, ["Thank you.", review["moderated_at"], None, None]),
        (shared_shop.admin, False, ["Thank you.", review["moderated_at"], buyer.id, None]),
    ):
        [listed] = await read_all(client, f"/products/{product['id']}/reviews")
        found = (await client.get(address(review))).json()
        assert listed == found
        assert (found["author"], found["is_mine"]) == ("A Person", is_mine)
        assert [found[field] for field in private] == expected
        assert buyer.email not in str(found)
    await buyer.client.patch("/api/v1/auth/me", json={"name": "Renamed"})
    assert (await shared_shop.client.get(address(review))).json()["author"] == "Renamed"


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "rating", "-rating"])
async def test_reviews_are_sorted_filtered_and_paged(shared_shop: Installation, product: Json, sort: str) -> None:
    made = [await make_review(shared_shop, product, rating) for rating in (3, 5, 1, 5, 3)]
    path = f"/products/{product['id']}/reviews"
    pages = await read_pages(shared_shop.client, path, sort=sort, limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    field = sort.lstrip("-")
    keys = [(review[field], review["id"]) for page in pages for review in page]
    assert keys == sorted(((r[field], r["id"]) for r in made), reverse=sort.startswith("-"))
    fives = await read_all(shared_shop.client, path, sort=sort, rating=5, limit=1)
    assert {review["id"] for review in fives} == {made[1]["id"], made[3]["id"]}
    several = await shared_shop.client.get(f"/api/v1{path}", params={"rating": [1, 3], "count": "exact"})
    assert several.json()["total"] == len(several.json()["items"]) == 3


async def test_a_page_of_reviews_takes_one_statement(shared_shop: Installation, product: Json) -> None:
    review = await make_review(shared_shop, product)
    for path in (reviews_of(product), f"{reviews_of(product)}/summary", address(review)):
        with shared_shop.counted() as statements:
            await shared_shop.client.get(path)
        assert len(statements) == 1, path


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("sort", "title"), ("rating", "6"), ("rating", "x"), ("limit", "0"), ("cursor", "x"), ("status", "approved"),
     ("colour", "red"), ("count", "maybe")],
)  # fmt: skip
async def test_unknown_filters_and_orders_are_refused(
    shared_shop: Installation, product: Json, parameter: str, value: str
) -> None:
    response = await shared_shop.client.get(reviews_of(product), params={parameter: value})
    expect_problem(response, 400, "invalid_input")


async def test_a_cursor_of_another_order_is_refused(shared_shop: Installation, product: Json) -> None:
    for _ in range(2):
        await make_review(shared_shop, product)
    page = (await shared_shop.client.get(reviews_of(product), params={"limit": 1})).json()
    other = {"cursor": page["next_cursor"], "sort": "rating"}
    expect_invalid(await shared_shop.client.get(reviews_of(product), params=other), "cursor", "invalid_cursor")


async def test_reviews_are_as_visible_as_their_product(shared_shop: Installation, buyer: Person) -> None:
    seller = await make_person(shared_shop, "seller")
    product = await sell(seller)
    review = await moderate(shared_shop, await write_review(buyer.client, product))
    await seller.client.patch(f"/api/v1/products/{product['id']}", json={"status": "archived"})
    for path in (reviews_of(product), f"{reviews_of(product)}/summary"):
        expect_problem(await shared_shop.client.get(path), 404, "not_found")
        assert (await seller.client.get(path)).status_code == 200
    expect_problem(await shared_shop.client.get(address(review)), 404, "not_found")
    assert (await buyer.client.get(address(review))).status_code == 200
    await seller.client.delete(f"/api/v1/products/{product['id']}")
    for client in (buyer.client, shared_shop.admin):
        expect_problem(await client.get(address(review)), 404, "not_found")
    assert await read_all(shared_shop.admin, "/reviews", product=product["id"]) == []


@pytest.mark.parametrize("key", [str(new_id()), "there-is-no-such-thing", "%00"])
async def test_reviews_of_no_product_are_not_found(shared_shop: Installation, buyer: Person, key: str) -> None:
    for path in (f"/api/v1/products/{key}/reviews", f"/api/v1/products/{key}/reviews/summary"):
        expect_problem(await shared_shop.client.get(path), 404, "not_found")
    expect_problem(await buyer.client.post(f"/api/v1/products/{key}/reviews", json={"rating": 1}), 404, "not_found")


async def test_a_summary_counts_the_stars(shared_shop: Installation, buyer: Person, product: Json) -> None:
    for rating in (5, 5, 2):
        await make_review(shared_shop, product, rating)
    await write_review(buyer.client, product, 1)
    found = (await shared_shop.client.get(f"{reviews_of(product, by='slug')}/summary")).json()
    assert found == {
        "rating": {"average": 4.0, "count": 3},
        "reviews": 3,
        "stars": [{"stars": n, "count": count} for n, count in ((5, 2), (4, 0), (3, 0), (2, 1), (1, 0))],
    }


# --- change and moderate -------------------------------------------------------------------------------------------------


async def test_a_changed_review_has_to_be_approved_again(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    review = await moderate(shared_shop, await write_review(buyer.client, product, 5, title="Fine"))
    same = await buyer.client.patch(address(review), json={"rating": 5, "title": "Fine "})
    assert (same.json()["status"], same.json()["version"]) == ("approved", 2)
    changed = await buyer.client.patch(address(review), json={"rating": 1})
    assert (changed.status_code, changed.json()["status"], changed.json()["version"]) == (200, "pending", 3)
    assert (changed.json()["title"], changed.json()["moderated_at"]) == ("Fine", None)
    assert await rating_of(shared_shop, product) == (None, 0)
    await moderate(shared_shop, review)
    assert await rating_of(shared_shop, product) == (1.0, 1)


async def test_words_are_their_authors_and_verdicts_the_admins(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    review = await write_review(buyer.client, product)
    stranger = await make_person(shared_shop)
    expect_problem(await shared_shop.admin.patch(address(review), json={"title": "x"}), 403, "not_author")
    expect_problem(await buyer.client.patch(address(review), json={"status": "approved"}), 403, "missing_role")
    expect_problem(await buyer.client.patch(address(review), json={"reason": "x"}), 403, "missing_role")
    for answer in (
        await stranger.client.patch(address(review), json={"rating": 1}),
        await stranger.client.delete(address(review)),
    ):
        expect_problem(answer, 404, "not_found")
    await moderate(shared_shop, review)
    for answer in (
        await stranger.client.patch(address(review), json={"rating": 1}),
        await stranger.client.delete(address(review)),
    ):
        expect_problem(answer, 403, "not_author")
    assert (await shared_shop.admin.delete(address(review))).status_code == 204
    assert await rating_of(shared_shop, product) == (None, 0)


@pytest.mark.parametrize(("field", "value"), [("status", "gone"), ("status", None), ("reason", "nul\0"), ("x", 1)])
async def test_a_verdict_that_is_none_is_refused(
    shared_shop: Installation, buyer: Person, product: Json, field: str, value: object
) -> None:
    review = await write_review(buyer.client, product)
    expect_invalid(await shared_shop.admin.patch(address(review), json={field: value}), f"/{field}")


async def test_a_stale_version_is_refused(shared_shop: Installation, buyer: Person, product: Json) -> None:
    review = await write_review(buyer.client, product)
    tag = (await buyer.client.get(address(review))).headers["etag"]
    unchanged = await buyer.client.get(address(review), headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    await moderate(shared_shop, review)
    stale = {"If-Match": tag}
    for answer in (
        await buyer.client.patch(address(review), json={"rating": 1}, headers=stale),
        await buyer.client.delete(address(review), headers=stale),
    ):
        assert expect_problem(answer, 412, "stale_version")["current_version"] == 2


async def test_the_queue_lists_what_waits_and_is_the_admins(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    waiting = await write_review(buyer.client, product)
    await make_review(shared_shop, product)
    for key in (product["id"], product["slug"]):
        queue = await read_all(shared_shop.admin, "/reviews", product=key, status="pending")
        assert [(review["id"], review["account_id"]) for review in queue] == [(waiting["id"], buyer.id)]
    assert len(await read_all(shared_shop.admin, "/reviews", product=product["id"])) == 2
    assert waiting["id"] in {r["id"] for r in await read_all(shared_shop.admin, "/reviews", status="pending", limit=2)}
    expect_problem(await buyer.client.get("/api/v1/reviews"), 403, "missing_role")
    unknown = await shared_shop.admin.get("/api/v1/reviews", params={"status": "new"})
    expect_problem(unknown, 400, "invalid_input")


async def test_who_moderated_is_noted_and_logged(shared_shop: Installation, buyer: Person, product: Json) -> None:
    admin = await make_person(shared_shop, "admin")
    review = await write_review(buyer.client, product)
    await admin.client.patch(address(review), json={"status": "rejected", "reason": "Not about the product."})
    found = (await shared_shop.admin.get(address(review))).json()
    assert (found["status"], found["moderated_by"]) == ("rejected", admin.id)
    events = await read_all(shared_shop.admin, "/audit", resource=f"product/{product['id']}")
    kinds = {(event["resource"]["type"], event["action"]) for event in events}
    assert ("review", "create") in kinds
    assert ("review", "update") in kinds
    assert ("product", "update") not in kinds


# --- ratings -------------------------------------------------------------------------------------------------------------


async def test_ratings_that_were_imported_are_the_base_that_reviews_add_to(
    shared_shop: Installation, product: Json
) -> None:
    await shared_shop.execute(
        "UPDATE product SET rating_average = 4.5, rating_count = 2 WHERE id = $1::uuid", product["id"]
    )
    review = await make_review(shared_shop, product, 3)
    assert await rating_of(shared_shop, product) == (4.0, 3)
    other = await make_review(shared_shop, product, 1)
    assert await rating_of(shared_shop, product) == (3.25, 4)
    await shared_shop.admin.delete(address(other))
    await moderate(shared_shop, review, "rejected")
    assert await rating_of(shared_shop, product) == (4.5, 2)


async def test_a_rating_does_not_change_the_version_of_the_product(shared_shop: Installation, product: Json) -> None:
    path = f"/api/v1/products/{product['id']}"
    before = await shared_shop.client.get(path)
    await make_review(shared_shop, product)
    after = await shared_shop.client.get(path)
    assert after.json()["version"] == before.json()["version"]
    assert after.headers["etag"] != before.headers["etag"]


async def test_ratings_are_exact_when_reviews_are_moderated_at_once(shared_shop: Installation, product: Json) -> None:
    other = await make_product(shared_shop)
    people = [await make_person(shared_shop) for _ in range(10)]
    made = [
        (await write_review(person.client, product, 1 + n % 5), await write_review(person.client, other, 5 - n % 5))
        for n, person in enumerate(people)
    ]
    calls = [lambda review=review: moderate(shared_shop, review) for pair in made for review in pair]
    await at_once(*calls)
    assert await rating_of(shared_shop, product) == await rating_of(shared_shop, other) == (3.0, 10)
    changes = [
        lambda r=mine, p=person: p.client.delete(address(r)) for person, (mine, _) in zip(people, made, strict=True)
    ]
    edits = [
        lambda r=theirs, p=person: p.client.patch(address(r), json={"title": "Changed"})
        for person, (_, theirs) in zip(people, made, strict=True)
    ]
    answers = await at_once(*changes, *edits)
    assert {answer.status_code for answer in answers} == {200, 204}
    assert await rating_of(shared_shop, product) == await rating_of(shared_shop, other) == (None, 0)


async def test_without_moderation_reviews_count_at_once(stack: Stack, template: str) -> None:
    async with new_installation(stack, template, reviews_approve="auto") as shop:
        product = await make_product(shop)
        path = f"/api/v1/products/{product['id']}"
        people = [await make_person(shop) for _ in range(12)]

        async def edit() -> httpx.Response:
            return await shop.admin.patch(path, json={"description": unique()})

        reviews = [
            lambda n=n, p=person: p.client.post(f"{path}/reviews", json={"rating": 1 + n % 5})
            for n, person in enumerate(people)
        ]
        answers = await at_once(*reviews, *[edit] * 6)
        assert [answer.status_code for answer in answers] == [201] * 12 + [200] * 6
        assert {answer.json()["status"] for answer in answers[:12]} == {"approved"}
        assert await rating_of(shop, product) == (2.75, 12)
        mine = answers[0].json()
        changed = await people[0].client.patch(address(mine), json={"rating": 4})
        assert changed.json()["status"] == "approved"
        assert await rating_of(shop, product) == (3.0, 12)


async def test_ratings_written_in_bulk_are_exact(shared_shop: Installation) -> None:
    products = [await make_product(shared_shop) for _ in range(3)]
    people = [await make_person(shared_shop) for _ in range(4)]
    await shared_shop.execute(
        """INSERT INTO review (id, product_id, account_id, rating, status)
        SELECT uuidv7(), p.id, a.id, a.n, CASE WHEN a.n = 1 THEN 'pending' ELSE 'approved' END
        FROM unnest($1::uuid[]) p (id), unnest($2::uuid[]) WITH ORDINALITY a (id, n)""",
        [product["id"] for product in products],
        [person.id for person in people],
    )
    for product in products:
        assert await rating_of(shared_shop, product) == (3.0, 3)
    await shared_shop.execute("DELETE FROM review WHERE product_id = $1::uuid AND rating = 4", products[0]["id"])
    assert await rating_of(shared_shop, products[0]) == (2.5, 2)


async def test_search_follows_the_rating(shared_shop: Installation) -> None:
    word = unique("kettle")
    good, bad = [await make_product(shared_shop, name=f"{word} {n}") for n in range(2)]
    await make_review(shared_shop, good, 5)
    await make_review(shared_shop, bad, 2)
    await shared_shop.drain()
    found = (await shared_shop.client.get("/api/v1/search", params={"q": word, "sort": "-rating"})).json()
    assert [(hit["id"], hit["rating"]) for hit in found["hits"]] == [
        (good["id"], {"average": 5.0, "count": 1}),
        (bad["id"], {"average": 2.0, "count": 1}),
    ]
    liked = (await shared_shop.client.get("/api/v1/search", params={"q": word, "rating_min": 4})).json()
    assert [hit["id"] for hit in liked["hits"]] == [good["id"]]


async def test_reviews_under_a_former_slug_lead_to_the_present_one(
    shared_shop: Installation, buyer: Person, product: Json
) -> None:
    slug = unique("renamed-")
    await shared_shop.admin.patch(f"/api/v1/products/{product['id']}", json={"slug": slug})
    for rest in ("/reviews", "/reviews/summary"):
        answer = await shared_shop.client.get(f"/api/v1/products/{product['slug']}{rest}")
        assert expect_problem(answer, 301, "moved")["location"] == f"/api/v1/products/{slug}{rest}"
    refused = await buyer.client.post(reviews_of(product, by="slug"), json={"rating": 5})
    assert expect_problem(refused, 404, "not_found")["moved_to"] == slug
    page = await shared_shop.client.get(f"/p/{product['slug']}/reviews?stars=5")
    assert (page.status_code, page.headers["location"]) == (301, f"/p/{slug}/reviews?stars=5")
