"""How suggestions of several kinds share the room there is."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.catalog.product.schemas import Rating
from mercato.platform.ids import new_id
from mercato.search.gateway import EngineHit, EngineReply
from mercato.search.schemas import SearchHit, Suggestions
from mercato.search.suggest import read_suggestions


def product(name: str) -> EngineHit:
    """A product as the engine gives it."""
    card = SearchHit(
        id=new_id(),
        slug=name,
        name=name,
        brand=None,
        category=None,
        price=None,
        compare_at_price=None,
        rating=Rating(average=None, count=0),
        in_stock=True,
        image=None,
        sku=None,
        highlight={},
    )
    return EngineHit(card=card)


def other(kind: str, text: str) -> EngineHit:
    """A query, category or brand as the engine gives it."""
    return EngineHit(kind=kind, text=text, entity_id=str(new_id()), slug=text, path=text, product_count=1)


def suggest(limit: int, q: str = "typed", **counts: int) -> Suggestions:
    """What is suggested when the engine finds so many of each kind."""
    kinds = ("queries", "categories", "brands")
    replies = [EngineReply(hits=[product(f"p{n}") for n in range(counts.get("products", 0))])]
    replies += [EngineReply(hits=[other(kind, f"{kind}{n}") for n in range(counts.get(kind, 0))]) for kind in kinds]
    return read_suggestions(q, limit, replies)


def sizes(found: Suggestions) -> dict[str, int]:
    """How many of each kind, and all."""
    plain: dict[str, Any] = msgspec.structs.asdict(found)
    counted = {kind: len(plain[kind]) for kind in ("queries", "products", "categories", "brands")}
    return {**counted, "all": sum(counted.values())}


@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 4), st.integers(0, 3), st.integers(0, 2))
def test_the_room_is_filled_and_never_exceeded(
    limit: int, products: int, queries: int, categories: int, brands: int
) -> None:
    found = sizes(suggest(limit, products=products, queries=queries, categories=categories, brands=brands))
    assert found["all"] == min(limit, products + queries + categories + brands)
    assert found["products"] >= min(3, limit, products)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (10, {"queries": 3, "products": 3, "categories": 2, "brands": 2, "all": 10}),
        (5, {"queries": 1, "products": 3, "categories": 1, "brands": 0, "all": 5}),
        (3, {"queries": 0, "products": 3, "categories": 0, "brands": 0, "all": 3}),
    ],
)
def test_the_kinds_take_turns(limit: int, expected: dict[str, int]) -> None:
    assert sizes(suggest(limit, products=10, queries=4, categories=3, brands=2)) == expected


def test_what_was_typed_is_not_suggested() -> None:
    found = suggest(10, q=" Queries0 ", queries=3)
    assert [item.query for item in found.queries] == ["queries1", "queries2"]


def test_text_without_marks_is_escaped_all_the_same() -> None:
    replies = [EngineReply(hits=[product("<b>")]), EngineReply(hits=[other("query", "a & b")])]
    found = read_suggestions("x", 10, [*replies, EngineReply(hits=[]), EngineReply(hits=[])])
    assert found.products[0].highlight == "&lt;b&gt;"
    assert found.queries[0].highlight == "a &amp; b"
