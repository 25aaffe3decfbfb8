"""Settings of the engine's indexes, as code."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

PRODUCTS = "products"
SUGGESTIONS = "suggestions"

SEARCHABLE: Sequence[str] = ("name", "brand", "codes", "sku", "gtin", "categories", "tags", "words", "description")
"""Most important first."""

HIGHLIGHTED: Sequence[str] = ("name", "description")
SEPARATORS = "<>=|~^$€£®™°"
"""Beyond the engine's own: without these the words of "<b>Mug</b>", "pack|10€" or "Acme®" are not found."""
MAX_FACET_VALUES = 200
MAX_TOTAL_HITS = 10_000_000
"""Totals are true at any size; how deep pages go is limited by `schemas.MAX_HITS`."""


def _filterable(patterns: Sequence[str], *, equality: bool, comparison: bool, facet_search: bool) -> dict[str, object]:
    return {
        "attributePatterns": list(patterns),
        "features": {
            "facetSearch": facet_search,
            "filter": {"equality": equality, "comparison": comparison},
        },
    }


PRODUCT_SETTINGS: Mapping[str, object] = {
    "searchableAttributes": list(SEARCHABLE),
    "displayedAttributes": ["id", "card", "variants", "rev", "name", "description", "prices", "compare_at"],
    "filterableAttributes": [
        _filterable(
            ["codes", "category_ids", "brand_id", "in_stock", "stars", "price_band"],
            equality=True,
            comparison=False,
            facet_search=False,
        ),
        _filterable(["prices.*", "rating"], equality=False, comparison=True, facet_search=False),
        _filterable(["attr.*"], equality=True, comparison=True, facet_search=True),
    ],
    # "order" stands for every field below it: an attribute becomes sortable with its documents, without other settings. So does
    # "prices", for currencies.
    "sortableAttributes": ["price", "prices", "rating", "popularity", "created_at", "order"],
    # "sort" first: someone who asks for the cheapest wants the cheapest, not the cheapest of the best matches. "attribute"
    # before "proximity": a word of the name counts for more than words that stand close together in a description.
    "rankingRules": ["sort", "words", "typo", "attribute", "proximity", "exactness", "popularity:desc"],
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 8},
        "disableOnAttributes": ["sku", "gtin", "codes"],
        "disableOnNumbers": True,
    },
    "faceting": {"maxValuesPerFacet": MAX_FACET_VALUES, "sortFacetValuesBy": {"*": "count"}},
    "pagination": {"maxTotalHits": MAX_TOTAL_HITS},
    "separatorTokens": list(SEPARATORS),
    "searchCutoffMs": 1000,
}

SUGGESTION_SETTINGS: Mapping[str, object] = {
    "searchableAttributes": ["text"],
    "filterableAttributes": [_filterable(["kind"], equality=True, comparison=False, facet_search=False)],
    "rankingRules": ["words", "typo", "proximity", "attribute", "exactness", "product_count:desc"],
    "sortableAttributes": ["product_count"],
    "separatorTokens": list(SEPARATORS),
    "typoTolerance": {"minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 8}, "disableOnNumbers": True},
    "searchCutoffMs": 500,
}


class IndexNames(msgspec.Struct, frozen=True):
    """Names of the indexes of one installation; a prefix lets several share an engine."""

    prefix: str

    @property
    def products(self) -> str:
        """The live index of products."""
        return self.prefix + PRODUCTS

    @property
    def suggestions(self) -> str:
        """The index of queries, categories and brands to suggest."""
        return self.prefix + SUGGESTIONS

    def rebuild(self, rebuild_id: UUID) -> str:
        """An index that is built beside the live one."""
        return f"{self.prefix}{PRODUCTS}_v{rebuild_id.hex}"
