"""Which attributes are worth counting for a search: those that the products of its categories have.

A shop has hundreds of facet attributes and the engine's time grows with each one asked for, so a search asks for those of the chosen
categories, else of the categories that its words name ("running shoes"), then for the commonest of the whole shop.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from mercato.catalog import sql

MAX_PER_SEARCH = 24
MAX_PER_CATEGORY = 20
MAX_CATEGORIES = 3
MIN_WORD = 3

USAGE = f"""
WITH facets AS MATERIALIZED (SELECT array_agg(code) AS codes FROM attribute WHERE is_facet AND deleted_at IS NULL)
SELECT p.category_id, key, count(*) FROM product p CROSS JOIN LATERAL jsonb_object_keys(p.attributes) key
WHERE {sql.PUBLISHED} AND key = ANY((SELECT codes FROM facets)::text[]) GROUP BY 1, 2
UNION ALL
SELECT own.id, key, count(*)
FROM product p CROSS JOIN unnest(p.category_ids) own (id) CROSS JOIN LATERAL jsonb_object_keys(p.attributes) key
WHERE cardinality(p.category_ids) > 0 AND {sql.PUBLISHED} AND key = ANY((SELECT codes FROM facets)::text[]) GROUP BY 1, 2
UNION ALL
SELECT own.id, key, count(*)
FROM product p CROSS JOIN unnest(p.category_id || p.category_ids) own (id)
CROSS JOIN LATERAL (SELECT {sql.OPTION_CODE.format("o ->> 'name'")} AS key FROM jsonb_array_elements(p.options) o) named
WHERE p.options <> '[]' AND {sql.PUBLISHED} AND key = ANY((SELECT codes FROM facets)::text[]) AND NOT p.attributes ? key
GROUP BY 1, 2
"""

_WORD = re.compile(r"[^\W\d_]+")

Usage = Sequence[tuple[UUID | None, str, int]]
"""Rows of `USAGE`: a category of the products, attribute, number of products that have it."""


class Relevance(msgspec.Struct, frozen=True, kw_only=True):
    """Attribute codes by category (its subtree) and overall, commonest first; and categories by the words of their names."""

    by_category: Mapping[UUID, tuple[str, ...]]
    overall: tuple[str, ...]
    named: Mapping[str, frozenset[UUID]]

    def choose(self, chosen: Iterable[UUID], words: str) -> list[str]:
        """The attributes to count for a search in the chosen categories, or for these words."""
        categories = list(chosen) or self._meant(words)
        codes = [code for category in categories for code in self.by_category.get(category, ())]
        return list(dict.fromkeys([*codes, *self.overall]))[:MAX_PER_SEARCH]

    def _meant(self, words: str) -> list[UUID]:
        """The categories that most of the words name."""
        hits: Counter[UUID] = Counter()
        for stem in _stems(words):
            hits.update(self.named.get(stem, ()))
        most = max(hits.values(), default=0)
        return [category for category, count in hits.most_common() if count == most][:MAX_CATEGORIES]


def make_relevance(usage: Usage, paths: Mapping[UUID, Sequence[UUID]], names: Mapping[UUID, str]) -> Relevance:
    """Add the usage up the tree. `paths` has the ids from the root down to each category, `names` their names."""
    counts: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    overall: Counter[str] = Counter()
    for category, code, count in usage:
        overall[code] += count
        for step in paths.get(category, ()) if category else ():
            counts[step][code] += count
    named: defaultdict[str, set[UUID]] = defaultdict(set)
    for category, name in names.items():
        for stem in _stems(name):
            named[stem].add(category)
    return Relevance(
        by_category={category: _commonest(found, MAX_PER_CATEGORY) for category, found in counts.items()},
        overall=_commonest(overall, MAX_PER_SEARCH),
        named={stem: frozenset(found) for stem, found in named.items()},
    )


def _commonest(counts: Counter[str], at_most: int) -> tuple[str, ...]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(code for code, _count in ranked[:at_most])


def _stems(text: str) -> set[str]:
    """Words without the ending of a plural."""
    words = (word.lower() for word in _WORD.findall(text))
    return {
        word.removesuffix("es" if word.endswith(("ses", "xes", "ches", "shes")) else "s")
        for word in words
        if len(word) >= MIN_WORD
    }
