"""What a results page without results offers instead of a dead end."""

import msgspec

from mercato.search.schemas import SearchHit, SearchQuery, SearchSort
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy
from mercato.storefront.navigation import Link, category_url
from mercato.storefront.state import ListingState

POPULAR = 6
_MAX_WAYS = 4


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """Ways on from an empty page."""

    fewer_words: list[Link]
    categories: list[Link]
    popular: list[SearchHit]


NO_HELP = Help(fewer_words=[], categories=[], popular=[])


async def make_help(state: ListingState, search: SearchService, taxonomy: Taxonomy) -> Help:
    """The same search with fewer words, categories that may hold what was meant, and popular products."""
    popular = await search.search(
        SearchQuery(sort=SearchSort.POPULARITY_DESC, facets=(), in_stock=True, limit=POPULAR, highlight=False)
    )
    return Help(
        fewer_words=_fewer_words(state),
        categories=await _near_categories(state.q, search, taxonomy),
        popular=popular.hits,
    )


def _fewer_words(state: ListingState) -> list[Link]:
    words = state.q.split()
    if len(words) < 2:
        return []
    shorter = [" ".join(words[:n] + words[n + 1 :]) for n in range(len(words))]
    return [Link(label=q, url=state.unfiltered().but(q=q).url) for q in shorter[-_MAX_WAYS:]]


async def _near_categories(q: str, search: SearchService, taxonomy: Taxonomy) -> list[Link]:
    for word in sorted(q.split(), key=len, reverse=True)[:2]:
        if near := (await search.suggest(word)).categories:
            return [Link(label=category.name, url=f"/c/{category.path}") for category in near[:_MAX_WAYS]]
    roots = sorted(taxonomy.children(None), key=lambda category: -category.product_count)[:_MAX_WAYS]
    return [Link(label=root.name, url=category_url(taxonomy, root)) for root in roots if root.product_count]
