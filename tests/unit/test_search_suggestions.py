"""How suggestions of several kinds share the room there is."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.platform.ids import new_id
from mercato.search.gateway import EngineReply
from mercato.search.schemas import Suggestions
from mercato.search.suggest import read_suggestions

Json = dict[str, Any]


def product(name: str) -> Json:
    """A product as the engine gives it."""
    nothing = dict.fromkeys(("brand", "category", "price", "compare_at_price", "image", "sku"))
    rating = {"average": None, "count": 0}
    card = {"id": str(new_id()), "slug": name, "name": name, "rating": rating, "in_stock": True, **nothing}
    return {"card": msgspec.json.encode(card).decode()}


def other(kind: str, text: str) -> Json:
    """A query, category or brand as the engine gives it."""
    return {"kind": kind, "text": text, "entity_id": str(new_id()), "slug": text, "path": text, "product_count": 1}


def reply(*hits: Json) -> EngineReply:
    """What the engine answers to one of the queries."""
    return msgspec.json.decode(msgspec.json.encode({"hits": hits}), type=EngineReply)


def suggest(limit: int, q: str = "typed", **counts: int) -> Suggestions:
    """What is suggested when the engine finds so many of each kind."""
    kinds = ("queries", "categories", "brands")
    replies = [reply(*(product(f"p{n}") for n in range(counts.get("products", 0))))]
    replies += [reply(*(other(kind, f"{kind}{n}") for n in range(counts.get(kind, 0)))) for kind in kinds]
    return read_suggestions(q, limit, replies)


def sizes(found: Suggestions) -> dict[str, int]:
    """How many of each kind, and all."""
    plain: Json = msgspec.structs.asdict(found)
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
    found = read_suggestions("x", 10, [reply(product("<b>")), reply(other("query", "a & b")), reply(), reply()])
    assert found.products[0].highlight == "&lt;b&gt;"
    assert found.queries[0].highlight == "a &amp; b"
