"""The state of a results page and its address."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from mercato.catalog.attribute.schemas import AttributeType
from mercato.platform.db import Database
from mercato.platform.settings import Settings
from mercato.search.schemas import SearchSort
from mercato.search.taxonomy import Taxonomy, TaxonomyAttribute, TaxonomyBrand, TaxonomyCategory, make_snapshot
from mercato.storefront.state import LAST_PAGE, ListingState, clean_words, read_state


class FixedTaxonomy(Taxonomy):
    """A taxonomy of one category, two brands and three filters."""

    def __init__(self) -> None:
        settings = Settings(database_url="postgresql://x/y", valkey_url="valkey://x", meilisearch_url="http://x")
        super().__init__(Database(settings))
        shoes = uuid4()
        self._now = make_snapshot(
            [
                TaxonomyCategory(
                    id=shoes,
                    slug="shoes",
                    name="Shoes",
                    description="",
                    parent_id=None,
                    path_ids=(shoes,),
                    position=0,
                    product_count=1,
                    order=0,
                )
            ],
            [
                TaxonomyBrand(id=uuid4(), slug=slug, name=slug.title(), description="", product_count=1)
                for slug in ("norrvik", "tessel")
            ],
            [
                _attribute("color", "color"),
                _attribute("weight", "number"),
                _attribute("hidden", "text", is_facet=False),
            ],
        )


def _attribute(code: str, kind: AttributeType, *, is_facet: bool = True) -> TaxonomyAttribute:
    return TaxonomyAttribute(
        code=code, name=code.title(), type=kind, unit=None, options=(), is_facet=is_facet, position=0
    )


def read(query: str, currency: str = "EUR") -> ListingState:
    """The state of `/search?<query>`."""
    return read_state(query.encode(), path="/search", currencies=(currency, "USD"), taxonomy=FixedTaxonomy())


@pytest.mark.parametrize(
    "address",
    [
        "/search",
        "/search?q=red+shoes",
        "/search?q=shoes&category=shoes&brand=norrvik&brand=tessel",
        "/search?price_min=19.99&price_max=120&in_stock=true&rating_min=4",
        "/search?attr.color=Blue&attr.color=Red&attr.weight=100..200&sort=-price&page=3",
        "/search?q=50%25+%26+more",
    ],
)
def test_an_address_is_read_and_written_back_as_it_was(address: str) -> None:
    assert read(urlsplit(address).query).url == address


def test_parameters_are_put_in_order_and_defaults_left_out() -> None:
    assert (
        read("page=1&sort=relevance&brand=tessel&q=x&attr.color=Red").url == "/search?q=x&brand=tessel&attr.color=Red"
    )


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=mail&fbclid=1",
        "brand=nobody&category=nowhere&attr.hidden=x&attr.unknown=y",
        "price_min=abc&price_max=-&rating_min=9&in_stock=maybe&sort=best&page=x",
        "attr.weight=heavy&attr.weight=1..2..3&attr.weight=..",
        "q=%00&attr.color=%00",
        "q=&price_min=&page=",
        "&".join(f"a{n}=1" for n in range(1000)),
    ],
)
def test_what_means_nothing_is_left_out(query: str) -> None:
    assert read(query).url == "/search"


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("19.99", 1999),
        ("19,99", 1999),
        ("20", 2000),
        ("€ 20", 2000),
        ("1,299.50", 129950),
        ("1.299,50", 129950),
        ("1,299", 129900),
        (".5", 50),
    ],
)
def test_prices_are_read_as_people_type_them(typed: str, minor: int) -> None:
    assert read(f"price_min={typed}").price_min == minor


def test_prices_follow_the_decimals_of_the_currency() -> None:
    assert read("price_min=1500", currency="JPY").price_min == 1500
    assert read("price_min=1.255", currency="KWD").price_min == 1255


def test_a_reversed_price_range_is_turned_round() -> None:
    state = read("price_min=50&price_max=10")
    assert (state.price_min, state.price_max) == (1000, 5000)


def test_two_fields_of_a_number_make_a_range() -> None:
    assert read("attr.weight.min=100&attr.weight.max=200").attributes == {"weight": ("100..200",)}
    assert read("attr.weight.min=300&attr.weight.max=200").attributes == {"weight": ("200..300",)}
    assert read("attr.weight.max=2,5").attributes == {"weight": ("..2.5",)}
    assert read("attr.weight.min=&attr.weight.max=").attributes == {}


def test_toggling_a_value_adds_and_removes_it_and_goes_to_the_first_page() -> None:
    state = read("q=x&attr.color=Red&page=3")
    both = state.toggled("attr.color", "Blue")
    assert both.url == "/search?q=x&attr.color=Red&attr.color=Blue"
    assert both.toggled("attr.color", "Red").toggled("attr.color", "Blue").url == "/search?q=x"


def test_clearing_filters_keeps_words_and_order() -> None:
    state = read("q=x&brand=tessel&price_min=5&in_stock=true&rating_min=3&attr.color=Red&sort=price")
    assert state.unfiltered().url == "/search?q=x&sort=price"


def test_pages_stop_where_search_stops_looking() -> None:
    assert read("page=99999").page == LAST_PAGE
    assert read("page=0").page == 1


def test_the_search_asks_for_what_the_address_says() -> None:
    query = read("q=x&price_max=20&in_stock=true&attr.color=Red&sort=-rating&page=2").to_query(within_category="shoes")
    assert (query.q, query.category, query.price_max, query.currency) == ("x", ("shoes",), 2000, "EUR")
    assert (query.in_stock, query.attributes, query.page) == (True, {"color": ("Red",)}, 2)
    assert query.sort is SearchSort.RATING_DESC


def test_words_become_one_clean_line_of_bounded_length() -> None:
    assert clean_words("  red \t shoes\n") == "red shoes"
    assert len(clean_words("x" * 5000)) == 200
