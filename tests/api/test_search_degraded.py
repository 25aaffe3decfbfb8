"""Search while the engine is away: Postgres answers, coarser but by the same rules."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from mercato.platform.problems import InvalidInput, NotFound, Unavailable
from mercato.search.gateway import MeilisearchGateway
from mercato.search.schemas import SearchQuery, SearchResult, SearchSort
from mercato.search.service import SearchService
from tests.api.searching import stocked
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price, unique
from tests.support.installation import Installation


@pytest.fixture
async def search(shared_shop: Installation) -> AsyncIterator[SearchService]:
    """Search of the shared shop, whose engine is nowhere to be reached."""
    settings, resources = shared_shop.settings, shared_shop.resources
    async with MeilisearchGateway(msgspec.structs.replace(settings, meilisearch_url="http://127.0.0.1:1")) as gateway:
        yield SearchService(settings, resources.db, gateway, resources.taxonomy)


def names(result: SearchResult) -> list[str]:
    """What was found, in order; the answer must admit how it came about."""
    assert result.degraded is True
    return [hit.name for hit in result.hits]


@pytest.mark.parametrize(
    "q", ["wireless headphones", "WIRELESS", "headphones wirel", "w", "headphoness", "wireless-headphones"]
)
async def test_words_are_found_by_their_start_and_with_small_typos(
    shared_shop: Installation, search: SearchService, q: str
) -> None:
    category = await stocked(shared_shop, {"name": "Wireless Headphones"}, {"name": "Kettle"})
    assert names(await search.search(SearchQuery(q=q, category=(category,)))) == ["Wireless Headphones"]


async def test_codes_lead_to_their_product_first(shared_shop: Installation, search: SearchService) -> None:
    sku, gtin = unique("SKU-1"), "4006381333931"
    category = await stocked(
        shared_shop,
        {"name": f"Case for {sku}"},
        {"name": "Plain", "sku": sku, "gtin": gtin},
        {"name": f"Refill {gtin}"},
    )
    for q in (sku, gtin, gtin.zfill(14)):
        assert names(await search.search(SearchQuery(q=q, category=(category,))))[0] == "Plain", q


@pytest.mark.parametrize(
    "fields", [{"status": "draft"}, {"status": "archived"}, {"publish_at": "2999-01-01T00:00:00Z"}]
)
async def test_what_is_not_published_stays_hidden(
    shared_shop: Installation, search: SearchService, fields: Json
) -> None:
    word, sku = unique(""), unique("SKU-1")  # words of other tests that begin alike would be found as its misspellings
    await make_product(shared_shop, name=word, sku=sku, **fields)
    for q in (word, word[:8], sku):
        assert names(await search.search(SearchQuery(q=q))) == []
    assert (await search.suggest(word)).products == []


async def test_filters_hold(shared_shop: Installation, search: SearchService) -> None:
    colour = (await make_attribute(shared_shop, type="color", is_facet=True))["code"]
    size = (await make_attribute(shared_shop, type="number", is_facet=True))["code"]
    brand = await make_brand(shared_shop)
    category = await stocked(
        shared_shop,
        {"name": "a", "brand_id": brand["id"], "price": price(100), "attributes": {colour: "red", size: 5}},
        {"name": "b", "price": price(200), "stock": 0, "attributes": {colour: "blue", size: 20.5}},
        {"name": "c", "price": price(200, "USD"), "attributes": {size: 10}},
    )
    await shared_shop.execute("UPDATE product SET rating_average = 4.5 WHERE name = 'b' AND category_id = $1", category)

    async def find(**filters: object) -> list[str]:
        query = msgspec.convert({"category": (category,), "attributes": {}, **filters}, SearchQuery)
        return sorted(names(await search.search(query)))

    assert await find() == ["a", "b", "c"]
    assert await find(brand=(brand["slug"],)) == await find(brand=(brand["id"],)) == ["a"]
    assert (await find(in_stock=False), await find(rating_min=4.5)) == (["b"], ["b"])
    assert (await find(price_min=100, price_max=150), await find(currency="USD")) == (["a"], ["c"])
    assert await find(attributes={colour: ("red", "blue")}) == ["a", "b"]
    assert await find(attributes={colour: ("red",), size: ("20..",)}) == []
    for wanted, expected in ((("5..10",), ["a", "c"]), (("..5", "20.."), ["a", "b"]), (("10", "20.50"), ["b", "c"])):
        assert await find(attributes={size: wanted}) == expected, wanted


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (SearchSort.PRICE, ["Cheap", "Dear", "Unpriced"]),
        (SearchSort.PRICE_DESC, ["Dear", "Cheap", "Unpriced"]),
        (SearchSort.RATING_DESC, ["Unpriced", "Cheap", "Dear"]),
        (SearchSort.POPULARITY_DESC, ["Dear", "Unpriced", "Cheap"]),
        (SearchSort.CREATED_DESC, ["Unpriced", "Cheap", "Dear"]),
        (SearchSort.RELEVANCE, ["Dear", "Unpriced", "Cheap"]),
    ],
)
async def test_orders_are_kept(
    shared_shop: Installation, search: SearchService, sort: SearchSort, expected: list[str]
) -> None:
    category = await stocked(
        shared_shop,
        {"name": "Dear", "price": price(900)},
        {"name": "Cheap", "price": price(100)},
        {"name": "Unpriced", "price": None},
    )
    await shared_shop.execute(
        """UPDATE product SET rating_average = v.rating, popularity = v.popularity
        FROM (VALUES ('Dear', NULL, 9), ('Cheap', 3.0, 1), ('Unpriced', 5.0, 5)) AS v (name, rating, popularity)
        WHERE v.name = product.name AND category_id = $1""",
        category,
    )
    assert names(await search.search(SearchQuery(category=(category,), sort=sort))) == expected


async def test_pages_hold_everything_once(shared_shop: Installation, search: SearchService) -> None:
    category = await stocked(shared_shop, *({"name": f"Lamp {letter}"} for letter in "abcde"))
    for q in ("", "lamp"):
        pages = [
            await search.search(SearchQuery(q=q, category=(category,), limit=2, page=number)) for number in (1, 2, 3)
        ]
        assert len({hit.id for page in pages for hit in page.hits}) == 5
        assert {(page.total, page.pages) for page in pages} == {(5, 3)}


async def test_brands_and_categories_are_counted_and_prices_ranged(
    shared_shop: Installation, search: SearchService
) -> None:
    brand = await make_brand(shared_shop, name="Acme")
    category = await stocked(shared_shop, {"brand_id": brand["id"], "price": price(100)}, {"price": price(300)})
    result = await search.search(SearchQuery(category=(category,)))
    facets = {facet.id: {o.label: o.count for o in facet.options} for facet in result.facets}
    assert facets["brand"] == {"Acme": 1}
    assert list(facets["category"].values()) == [2]
    assert (result.facet_stats["price"].min, result.facet_stats["price"].max) == (100, 300)


@pytest.mark.parametrize("q", ["'", "' | !", "\\", "a & b", ":*", "%", "🍵", "()", "a" * 200, "''", "<->"])
async def test_no_query_breaks_the_database(search: SearchService, q: str) -> None:
    assert (await search.search(SearchQuery(q=q))).degraded
    assert (await search.suggest(q)).degraded


async def test_suggestions_go_on_in_text_that_is_safe_to_show(shared_shop: Installation, search: SearchService) -> None:
    word = unique("")
    brand = await make_brand(shared_shop, name=f"{word} & Co")
    shelf = await make_category(shared_shop, name=f"{word} shelf")
    await stocked(shared_shop)
    await make_product(shared_shop, name=f"{word} <b>", brand_id=brand["id"], category_id=shelf["id"])
    await shared_shop.resources.taxonomy.load()
    found = await search.suggest(word[:9])
    assert [item.highlight for item in found.products] == [f"{word} &lt;b&gt;"]
    assert [item.highlight for item in found.brands] == [f"{word} &amp; Co"]
    assert [item.slug for item in found.categories] == [shelf["slug"]]


async def test_searching_inside_a_facet_goes_on_for_brands_and_is_refused_for_attributes(
    shared_shop: Installation, search: SearchService
) -> None:
    code = (await make_attribute(shared_shop, is_facet=True))["code"]
    brand = await make_brand(shared_shop, name="Acme")
    category = await stocked(shared_shop, {"brand_id": brand["id"], "attributes": {code: "x"}})
    query = SearchQuery(category=(category,))
    assert [option.value for option in (await search.facet_values("brand", "acm", query)).options] == [brand["slug"]]
    with pytest.raises(Unavailable):
        await search.facet_values(f"attr.{code}", "x", query)
    with pytest.raises(NotFound):
        await search.facet_values("attr.no_such_attribute", "x", query)


async def test_what_makes_no_sense_is_refused_as_ever(search: SearchService) -> None:
    for query in (SearchQuery(page=51, limit=20), SearchQuery(price_min=2, price_max=1), SearchQuery(facets=("x",))):
        with pytest.raises(InvalidInput):
            await search.search(query)


async def test_the_engine_is_left_alone_for_a_while_after_it_failed(
    shared_shop: Installation, search: SearchService
) -> None:
    assert search._may_ask_engine()
    await search.search(SearchQuery())
    assert not search._may_ask_engine()
