"""From a search to the queries of one call to the engine."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.platform.db import Database
from mercato.platform.ids import new_id
from mercato.platform.settings import load_settings
from mercato.search.index import IndexNames
from mercato.search.query import QueryBuilder, QueryPlan, quoted
from mercato.search.schemas import SearchQuery, SearchSort
from mercato.search.taxonomy import Taxonomy, TaxonomyAttribute, TaxonomyBrand, make_snapshot

ACME = TaxonomyBrand(id=new_id(), slug="acme", name="Acme", description="", product_count=1)
SIZE = TaxonomyAttribute(code="size", name="Size", type="number", unit="cm", options=(), is_facet=True, position=0)
COLOUR = TaxonomyAttribute(code="colour", name="Colour", type="color", unit=None, options=(), is_facet=True, position=1)
HIDDEN = TaxonomyAttribute(code="note", name="Note", type="text", unit=None, options=(), is_facet=False, position=2)


@pytest.fixture(scope="module")
def builder() -> QueryBuilder:
    """A builder that knows a brand and three attributes."""
    nowhere = {"DATABASE_URL": "postgresql://x", "VALKEY_URL": "valkey://x", "MEILISEARCH_URL": "http://x"}
    taxonomy = Taxonomy(Database(load_settings(nowhere, env_file=None)))
    taxonomy._now = make_snapshot([], [ACME], [SIZE, COLOUR, HIDDEN])
    return QueryBuilder(IndexNames("shop_"), taxonomy, "EUR")


def purposes(plan: QueryPlan) -> dict[str, int]:
    """How many queries a plan has of each kind."""
    found = {
        "disjunctive": len(plan.disjunctive),
        "extremes": 2 * plan.has_extremes,
        "exact": 2 * plan.has_exact,
        "relaxed": int(plan.has_relaxed),
    }
    assert len(plan.queries) == 1 + sum(found.values())
    return {kind: number for kind, number in found.items() if number}


# --- filters -------------------------------------------------------------------------------------------------------------


@given(st.text())
def test_a_quoted_value_ends_where_it_should(value: str) -> None:
    inside = re.fullmatch(r'"((?:[^"\\]|\\["\\])*)"', quoted(value), re.DOTALL)
    assert inside is not None
    assert re.sub(r'\\(["\\])', r"\1", inside[1]) == value


@pytest.mark.parametrize(
    ("query", "facet", "expression"),
    [
        (SearchQuery(brand=("acme",)), "brand", f'brand_id IN ["{ACME.id}"]'),
        (SearchQuery(brand=("acme", "other")), "brand", f'brand_id IN ["{ACME.id}", "other"]'),
        (SearchQuery(category=(str(ACME.id),)), "category", f'category_ids IN ["{ACME.id}"]'),
        (SearchQuery(in_stock=False), "in_stock", "in_stock = false"),
        (SearchQuery(rating_min=4.5), "rating", "rating >= 4.5"),
        (SearchQuery(price_min=100), "price", "prices.EUR >= 100"),
        (SearchQuery(price_max=0, currency="USD"), "price", "prices.USD >= 0 AND prices.USD <= 0"),
        (
            SearchQuery(attributes={"colour": ("red", 'b"')}),
            "attr.colour",
            'attr.colour = "red" OR attr.colour = "b\\""',
        ),
        (SearchQuery(attributes={"colour": ("1..2",)}), "attr.colour", 'attr.colour = "1..2"'),
        (SearchQuery(attributes={"size": ("1..2",)}), "attr.size", '(attr.size >= "1.0" AND attr.size <= "2.0")'),
        (SearchQuery(attributes={"size": ("..2", "9")}), "attr.size", '(attr.size <= "2.0") OR attr.size = "9"'),
    ],
)
def test_a_filter_says_what_was_chosen(builder: QueryBuilder, query: SearchQuery, facet: str, expression: str) -> None:
    assert builder.filters(query) == {facet: expression}


def test_nothing_chosen_is_no_filter(builder: QueryBuilder) -> None:
    assert builder.filters(SearchQuery(q="kettle")) == {}


# --- plans ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        (SearchQuery(facets=()), {}),
        (SearchQuery(facets=("brand",)), {}),
        (SearchQuery(facets=("price",)), {"extremes": 2}),
        (SearchQuery(), {"extremes": 2}),
        (SearchQuery(q="kettle", facets=()), {}),
        (SearchQuery(q="red kettle", facets=()), {"relaxed": 1}),
        (SearchQuery(q="MUG-350", facets=()), {"exact": 2}),
        (SearchQuery(q="phone 12", facets=()), {"exact": 2, "relaxed": 1}),
        (SearchQuery(brand=("acme",), in_stock=True, facets=("brand", "in_stock")), {"disjunctive": 2}),
        (SearchQuery(brand=("acme",), facets=()), {}),
        (SearchQuery(attributes={"size": ("1",)}), {"disjunctive": 1, "extremes": 2}),
    ],
)
def test_a_plan_asks_for_what_the_search_needs(
    builder: QueryBuilder, query: SearchQuery, kinds: dict[str, int]
) -> None:
    assert purposes(builder.plan(query)) == kinds


def test_the_count_of_a_chosen_facet_leaves_out_its_own_filter_only(builder: QueryBuilder) -> None:
    query = SearchQuery(brand=("acme",), in_stock=True, facets=("brand", "in_stock"))
    main, brands, stock = builder.plan(query).queries
    assert main["filter"] == [f'brand_id IN ["{ACME.id}"]', "in_stock = true"]
    assert (brands["filter"], brands["facets"]) == (["in_stock = true"], ["brand_id"])
    assert (stock["filter"], stock["facets"]) == ([f'brand_id IN ["{ACME.id}"]'], ["in_stock"])


def test_a_chosen_attribute_is_counted_beside_what_every_search_counts(builder: QueryBuilder) -> None:
    assert builder.plan(SearchQuery()).facet_ids == ["category", "brand", "price", "rating", "in_stock"]
    chosen = builder.plan(SearchQuery(attributes={"size": ("1",)})).facet_ids
    assert chosen == ["category", "brand", "price", "rating", "in_stock", "attr.size"]


def test_a_page_is_asked_for_with_exact_totals(builder: QueryBuilder) -> None:
    main = builder.plan(SearchQuery(page=3, limit=10)).queries[0]
    assert (main["page"], main["hitsPerPage"], main["indexUid"]) == (3, 10, "shop_products")


@pytest.mark.parametrize(
    ("query", "sort"),
    [
        (SearchQuery(), ["popularity:desc"]),
        (SearchQuery(q="kettle"), []),
        (SearchQuery(q="kettle", sort=SearchSort.PRICE_DESC), ["price:desc"]),
        (SearchQuery(sort=SearchSort.CREATED_DESC), ["created_at:desc"]),
    ],
)
def test_without_words_popularity_decides(builder: QueryBuilder, query: SearchQuery, sort: list[str]) -> None:
    assert builder.plan(query).queries[0]["sort"] == sort


def test_every_query_of_a_plan_keeps_to_the_other_filters(builder: QueryBuilder) -> None:
    query = SearchQuery(q="mug 350 green", rating_min=4, price_min=1, attributes={"colour": ("red",)})
    for engine_query in builder.plan(query).queries:
        filters = engine_query["filter"]
        assert isinstance(filters, list)
        kept = [text for text in filters if "rating" in text or "price" in text or "colour" in text]
        assert len(kept) >= 2


def test_values_of_a_facet_are_counted_under_the_other_filters(builder: QueryBuilder) -> None:
    query = SearchQuery(brand=("acme",), attributes={"colour": ("red",)})
    wanted = builder.values(query, "brand", "ACM")
    assert wanted["filter"] == ['attr.colour = "red"', f'brand_id IN ["{ACME.id}"]']
    assert builder.values(query, "attr.colour", "r")["filter"] == [f'brand_id IN ["{ACME.id}"]']


def test_names_of_indexes_have_the_prefix() -> None:
    names = IndexNames("shop_")
    assert (names.products, names.suggestions) == ("shop_products", "shop_suggestions")
    assert names.rebuild(UUID(int=1)).startswith("shop_products_v")
