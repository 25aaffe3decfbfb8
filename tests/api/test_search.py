"""What search finds, in which order, and what it says about it."""

import pytest

from mercato.platform.ids import new_id
from tests.api.searching import SEARCH, ask, find, stocked
from tests.support.answers import expect_invalid
from tests.support.builders import make_product, price, unique
from tests.support.installation import Installation

# --- words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "wireless headphones",
        "Wireless HEADPHONES",
        "wirless hedphones",
        "headphones wireless",
        "wireless head",
        "wirel",
        "w",
        "headhpones",
        "  wireless   headphones  ",
        "wireless-headphones",
    ],
)
async def test_words_are_found_by_their_start_and_with_typos(shared_shop: Installation, q: str) -> None:
    category = await stocked(shared_shop, {"name": "Wireless Headphones"}, {"name": "Kettle"})
    assert await find(shared_shop, q=q, category=category) == ["Wireless Headphones"]


@pytest.mark.parametrize("q", ["müsli", "musli", "MÜSLI", "mu\u0308sli"])
async def test_accents_and_their_composition_do_not_matter(shared_shop: Installation, q: str) -> None:
    category = await stocked(shared_shop, {"name": "Müsli Bowl"})
    assert await find(shared_shop, q=q, category=category) == ["Müsli Bowl"]


@pytest.mark.parametrize(
    ("name", "q"), [("سماعات لاسلكية", "سماعات"), ("漢字の皿", "漢字"), ("Чайник синий", "чайник")]
)
async def test_other_scripts_are_found(shared_shop: Installation, name: str, q: str) -> None:
    category = await stocked(shared_shop, {"name": name})
    assert await find(shared_shop, q=q, category=category) == [name]


@pytest.mark.parametrize(
    "name", ["<b>Kettle</b>", "A|Kettle|B", "$Kettle=", "Acme™Kettle®", "(Kettle)", "a/Kettle", "Tea-Kettle"]
)
async def test_a_word_is_found_between_signs(shared_shop: Installation, name: str) -> None:
    category = await stocked(shared_shop, {"name": name})
    assert await find(shared_shop, q="kettle", category=category) == [name]


async def test_every_word_must_match(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Red Kettle"}, {"name": "Red Teapot"}, {"name": "Blue Kettle"})
    assert await find(shared_shop, q="red kettle", category=category) == ["Red Kettle"]


async def test_without_a_match_of_all_words_those_that_match_some_are_shown_and_said_to_be(
    shared_shop: Installation,
) -> None:
    category = await stocked(shared_shop, {"name": "Red Kettle"}, {"name": "Blue Teapot"})
    result = await ask(shared_shop, q="kettle zzqqxx", category=category)
    assert [hit["name"] for hit in result["hits"]] == ["Red Kettle"]
    assert (result["relaxed"], result["total"]) == (True, 1)
    assert (await ask(shared_shop, q="kettle", category=category))["relaxed"] is False


async def test_tags_brands_categories_and_searchable_values_are_found_too(shared_shop: Installation) -> None:
    word = unique("Word")
    category = await stocked(
        shared_shop, {"name": "Tagged", "tags": [word]}, {"name": "Described", "description": f"A {word}."}
    )
    assert await find(shared_shop, q=word, category=category) == ["Tagged", "Described"]


async def test_a_match_in_the_name_comes_before_one_in_the_description(shared_shop: Installation) -> None:
    category = await stocked(
        shared_shop, {"name": "Stand", "description": "For a kettle."}, {"name": "Kettle", "description": "Boils."}
    )
    assert await find(shared_shop, q="kettle", category=category) == ["Kettle", "Stand"]


async def test_nothing_typed_shows_what_is_popular(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Rare"}, {"name": "Loved"})
    await shared_shop.execute("UPDATE product SET popularity = 9 WHERE name = 'Loved' AND category_id = $1", category)
    await shared_shop.drain()
    assert await find(shared_shop, category=category) == ["Loved", "Rare"]
    assert await find(shared_shop, q="   ", category=category) == ["Loved", "Rare"]


@pytest.mark.parametrize(
    "q", ['"', "'", "\\", "(", "*", "-", "' OR 1=1 --", "<script>", "%", "🍵", "\u202e", "a" * 200, "a " * 100]
)
async def test_no_query_breaks_search(shared_shop: Installation, q: str) -> None:
    assert (await ask(shared_shop, q=q))["query"] == q.strip()


# --- corrections ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "corrected"),
    [
        ("wirless hedphones", "wireless headphones"),
        ("Wirless headphones", "wireless headphones"),
        ("wireless headphones", None),
        ("wireless head", None),
        ("", None),
    ],
)
async def test_a_misspelt_query_is_answered_with_what_was_understood(
    shared_shop: Installation, q: str, corrected: str | None
) -> None:
    category = await stocked(shared_shop, {"name": "Wireless Headphones"})
    result = await ask(shared_shop, q=q, category=category)
    assert (result["query"], result["corrected_query"]) == (q, corrected)


# --- hits ----------------------------------------------------------------------------------------------------------------


async def test_a_hit_has_what_a_result_list_shows(shared_shop: Installation) -> None:
    fields = {"name": "Kettle", "price": price(1999), "compare_at_price": price(2999)}
    category = await stocked(shared_shop, fields)
    [hit] = (await ask(shared_shop, category=category))["hits"]
    product = (await shared_shop.client.get(f"/api/v1/products/{hit['id']}")).json()
    same = ("id", "slug", "name", "brand", "category", "price", "compare_at_price", "rating", "in_stock")
    assert {field: hit[field] for field in same} == {field: product[field] for field in same}
    assert hit["sku"] == product["variants"][0]["sku"]
    assert hit["image"] is None


async def test_matches_are_marked_in_text_that_is_safe_to_show(shared_shop: Installation) -> None:
    name = "<script>alert('1')</script> & Kettle \ue000 </mark>"
    category = await stocked(shared_shop, {"name": name, "description": "<b>A kettle</b> that boils."})
    [hit] = (await ask(shared_shop, q="kettle", category=category))["hits"]
    assert hit["name"] == name
    marked = hit["highlight"]["name"]
    assert marked == ("&lt;script&gt;alert('1')&lt;/script&gt; &amp; <mark>Kettle</mark> \ue000 &lt;/mark&gt;")
    assert hit["highlight"]["description"] == "A <mark>kettle</mark> that boils."


async def test_highlights_are_left_out_on_request_and_without_a_query(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, {"name": "Kettle"})
    for parameters in ({"q": "kettle", "highlight": "false"}, {}):
        [hit] = (await ask(shared_shop, category=category, **parameters))["hits"]
        assert hit["highlight"] == {}


async def test_each_answer_has_an_id_of_its_own(shared_shop: Installation) -> None:
    ids = {(await ask(shared_shop, q="kettle"))["query_id"] for _ in range(3)}
    assert len(ids) == 3


# --- orders and pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price", ["Cheap", "Middle", "Dear", "Unpriced"]),
        ("-price", ["Dear", "Middle", "Cheap", "Unpriced"]),
        ("-rating", ["Middle", "Cheap", "Dear", "Unpriced"]),
        ("-popularity", ["Dear", "Cheap", "Middle", "Unpriced"]),
        ("-created_at", ["Unpriced", "Cheap", "Dear", "Middle"]),
    ],
)
async def test_an_order_is_kept_with_and_without_words(
    shared_shop: Installation, sort: str, expected: list[str]
) -> None:
    category = await stocked(
        shared_shop,
        {"name": "Middle", "price": price(200), "tags": ["lamp"]},
        {"name": "Dear", "price": price(10_000), "tags": ["lamp"]},
        {"name": "Cheap", "price": price(99), "tags": ["lamp"]},
        {"name": "Unpriced", "price": None, "tags": ["lamp"]},
    )
    await shared_shop.execute(
        """UPDATE product SET rating_average = v.rating, popularity = v.popularity, rating_count = 1,
            created_at = now() - v.age * interval '1 day'
        FROM (VALUES ('Middle', 4.9, 1, 4), ('Cheap', 4.5, 5, 2), ('Dear', 1.0, 9, 3), ('Unpriced', NULL, 0, 1))
            AS v (name, rating, popularity, age)
        WHERE v.name = product.name AND category_id = $1""",
        category,
    )
    await shared_shop.drain()
    assert await find(shared_shop, category=category, sort=sort) == expected
    assert await find(shared_shop, category=category, sort=sort, q="lamp") == expected


async def test_pages_hold_everything_once_and_say_how_many_there_are(shared_shop: Installation) -> None:
    category = await stocked(shared_shop, *({"name": f"Lamp {letter}"} for letter in "abcde"))
    for q in ("", "lamp"):
        pages = [await ask(shared_shop, category=category, q=q, limit=2, page=number) for number in (1, 2, 3, 4)]
        assert [len(page["hits"]) for page in pages] == [2, 2, 1, 0]
        assert len({hit["id"] for page in pages for hit in page["hits"]}) == 5
        assert {(page["total"], page["pages"]) for page in pages} == {(5, 3)}
        assert [page["page"] for page in pages] == [1, 2, 3, 4]


async def test_no_hits_are_no_pages(shared_shop: Installation) -> None:
    result = await ask(shared_shop, category=new_id())
    assert (result["hits"], result["total"], result["pages"]) == ([], 0, 0)


# --- refusals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("colour=red", "colour", "unknown_parameter"),
        ("attr=red", "attr", "unknown_parameter"),
        ("cursor=x", "cursor", "unknown_parameter"),
        ("attr.no_such_attribute=1", "attr.no_such_attribute", "unknown_filter"),
        ("attr.=1", "attr.", "unknown_filter"),
        ("facets=colour", "facets", "unknown_facet"),
        ("facets=attr.no_such_attribute", "facets", "unknown_facet"),
        ("sort=name", "sort", "unknown_sort"),
        ("sort=attr.nothing_like_that", "sort", "unknown_sort"),
        ("sort=--attr.x", "sort", "unknown_sort"),
        ("sort=-attr.", "sort", "unknown_sort"),
        ("sort=", "sort", "unknown_sort"),
        ("sort=price&sort=-price", "sort", "repeated_parameter"),
        ("q=a&q=b", "q", "repeated_parameter"),
        ("q=" + "x" * 201, "q", "invalid"),
        ("q=a%00b", "q", "invalid"),
        ("brand=a%00b", "brand", "invalid"),
        ("page=0", "page", "invalid"),
        ("page=1001", "page", "invalid"),
        ("page=43&limit=24", "page", "too_deep"),
        ("page=11&limit=100", "page", "too_deep"),
        ("limit=0", "limit", "invalid"),
        ("limit=101", "limit", "invalid"),
        ("price_min=-1", "price_min", "invalid"),
        ("price_min=1.5", "price_min", "invalid"),
        ("price_max=1000000000000001", "price_max", "invalid"),
        ("price_min=2&price_max=1", "price_min", "range_reversed"),
        ("currency=eur", "currency", "invalid"),
        ("currency=XYZ", "currency", "unknown_currency"),
        ("rating_min=0", "rating_min", "invalid"),
        ("rating_min=5.1", "rating_min", "invalid"),
        ("rating_min=nan", "rating_min", "invalid"),
        ("in_stock=maybe", "in_stock", "invalid"),
        ("highlight=maybe", "highlight", "invalid"),
        ("&".join(["brand=x"] * 101), "brand", "too_many"),
        ("&".join(["category=x"] * 101), "category", "too_many"),
        ("&".join(["attr.x=1"] * 101), "attr", "too_many"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_refused_by_name(
    shared_shop: Installation, query: str, pointer: str, code: str
) -> None:
    expect_invalid(await shared_shop.client.get(f"{SEARCH}?{query}"), pointer, code)


async def test_the_last_page_that_the_engine_reaches_is_answered(shared_shop: Installation) -> None:
    assert (await ask(shared_shop, page=10, limit=100))["page"] == 10
    assert (await ask(shared_shop, page=42, limit=24))["page"] == 42


async def test_a_refused_search_does_not_degrade_the_next(shared_shop: Installation) -> None:
    await make_product(shared_shop)
    for query in ("attr.x=..", "facets=colour", "price_min=2&price_max=1"):
        await shared_shop.client.get(f"{SEARCH}?{query}")
    await ask(shared_shop)
