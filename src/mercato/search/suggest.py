"""Search as you type: one multi-search call for products, queries, categories and brands."""

import html
from collections.abc import Sequence
from uuid import UUID

from mercato.search.gateway import EngineHit, EngineQuery, EngineReply
from mercato.search.index import IndexNames
from mercato.search.schemas import (
    SearchHit,
    SuggestedBrand,
    SuggestedCategory,
    SuggestedProduct,
    SuggestedQuery,
    Suggestions,
)
from mercato.search.text import MARK_CLOSE, MARK_OPEN, complete, mark_up

KINDS = ("query", "category", "brand")
SHARES = {"query": 4, "category": 3, "brand": 2}
"""At most so many of each kind; products fill the rest."""
MAX_COMPLETED = 2
"""Queries made from the names of the products found."""


def plan_suggestions(names: IndexNames, q: str, limit: int) -> list[EngineQuery]:
    """The queries of one call: products first, then queries, categories, brands. Nothing typed asks for what is popular."""
    products: EngineQuery = {
        "indexUid": names.products,
        "q": q,
        "limit": limit,
        "attributesToRetrieve": ["card"],
        "attributesToHighlight": ["name"],
        "highlightPreTag": MARK_OPEN,
        "highlightPostTag": MARK_CLOSE,
    }
    if not q:
        products["sort"] = ["popularity:desc"]
    return [products, *(_of_kind(names, q, kind, min(limit, SHARES[kind])) for kind in KINDS)]


def _of_kind(names: IndexNames, q: str, kind: str, limit: int) -> EngineQuery:
    return {
        "indexUid": names.suggestions,
        "q": q,
        "limit": limit,
        "filter": f"kind = {kind}",
        "matchingStrategy": "all",
        "attributesToHighlight": ["text"],
        "highlightPreTag": MARK_OPEN,
        "highlightPostTag": MARK_CLOSE,
    }


def read_suggestions(q: str, limit: int, replies: Sequence[EngineReply]) -> Suggestions:
    """What the replies to `plan_suggestions` offer: at most `limit` in all, at least three products when there are any."""
    products, queries, categories, brands = (list(reply.hits) for reply in replies)
    typed = q.strip().lower()
    queries = [hit for hit in queries if hit.text != typed]
    if typed:
        known = {hit.text for hit in queries}
        names = [hit.marked.name for hit in products]
        completed = [text for text in complete(q, names, MAX_COMPLETED) if text not in known]
        queries = [*(EngineHit(text=text) for text in completed), *queries]
    kept = max(0, limit - min(3, len(products)))
    queries, categories, brands = _share([queries, categories, brands], kept)
    room = limit - len(queries) - len(categories) - len(brands)
    return Suggestions(
        query=q,
        queries=[SuggestedQuery(query=hit.text, highlight=_text(hit)) for hit in queries],
        products=[_product(hit.card, hit) for hit in products[:room] if hit.card],
        categories=[_category(hit) for hit in categories],
        brands=[_brand(hit) for hit in brands],
        degraded=False,
    )


def _share(groups: Sequence[list[EngineHit]], room: int) -> list[list[EngineHit]]:
    """Take turns until there is no room: a long group must not push the others out."""
    taken: list[list[EngineHit]] = [[] for _ in groups]
    for position in range(max(map(len, groups), default=0)):
        for group, kept in zip(groups, taken, strict=True):
            if position < len(group) and sum(map(len, taken)) < room:
                kept.append(group[position])
    return taken


def _text(hit: EngineHit) -> str:
    return mark_up(hit.marked.text) or html.escape(hit.text, quote=False)


def _product(card: SearchHit, hit: EngineHit) -> SuggestedProduct:
    highlight = mark_up(hit.marked.name) or html.escape(card.name, quote=False)
    return SuggestedProduct(
        id=card.id, slug=card.slug, name=card.name, highlight=highlight, price=card.price, image=card.image
    )


def _category(hit: EngineHit) -> SuggestedCategory:
    return SuggestedCategory(
        id=UUID(hit.entity_id),
        slug=hit.slug,
        name=hit.text,
        highlight=_text(hit),
        path=hit.path,
        product_count=hit.product_count,
    )


def _brand(hit: EngineHit) -> SuggestedBrand:
    return SuggestedBrand(
        id=UUID(hit.entity_id), slug=hit.slug, name=hit.text, highlight=_text(hit), product_count=hit.product_count
    )
