"""Search as the API and the pages use it: the engine, and Postgres while the engine is away."""

import math
import time
from collections.abc import Mapping

from mercato.platform.db import Database
from mercato.platform.logging import get_logger
from mercato.platform.problems import InvalidInput, NotFound, Unavailable
from mercato.platform.settings import Settings
from mercato.search.facets import FIELDS
from mercato.search.fallback import search_by_postgres, suggest_by_postgres
from mercato.search.gateway import EngineQuery, EngineRefused, EngineUnavailable, MeilisearchGateway
from mercato.search.index import MAX_FACET_VALUES, IndexNames
from mercato.search.query import QueryBuilder
from mercato.search.schemas import MAX_HITS, AttributeSort, Facet, FacetValues, SearchQuery, SearchResult, Suggestions
from mercato.search.suggest import plan_suggestions, read_suggestions
from mercato.search.taxonomy import Taxonomy

REST_S = 2.0
"""After a failure the engine is left alone for so long: a hanging one must not cost each search its timeout."""

_log = get_logger()


class SearchService:
    """Answers searches; knows which way is open."""

    def __init__(self, settings: Settings, db: Database, gateway: MeilisearchGateway, taxonomy: Taxonomy) -> None:
        self._db, self._gateway, self._taxonomy = db, gateway, taxonomy
        self._currency = settings.currency
        self._names = IndexNames(settings.search_index_prefix)
        self._builder = QueryBuilder(self._names, taxonomy, settings.currency)
        self._engine_rests_until = 0.0

    async def search(self, query: SearchQuery) -> SearchResult:
        """One page of results, in one call to the engine; raises `InvalidInput` for filters that make no sense."""
        self._check(query)
        if self._may_ask_engine():
            plan = self._builder.plan(query)
            try:
                return self._builder.read(query, plan, await self._gateway.multi_search(plan.queries))
            except EngineUnavailable as error:
                self._rest(error)
        return await search_by_postgres(self._db.reads, query, self._taxonomy, self._currency)

    async def suggest(self, q: str, limit: int = 10) -> Suggestions:
        """What to offer for the letters typed so far, in one call to the engine."""
        if self._may_ask_engine():
            try:
                replies = await self._gateway.multi_search(plan_suggestions(self._names, q, limit))
                return read_suggestions(q, limit, replies)
            except EngineUnavailable as error:
                self._rest(error)
        return await suggest_by_postgres(self._db.reads, q, limit, self._taxonomy)

    async def facet_values(self, facet: str, q: str, query: SearchQuery) -> FacetValues:
        """Values of one facet that match `q`, counted under the query's other filters.

        `q` may stand anywhere in a value. Raises `NotFound` for a facet without values to search in, `Unavailable` for an
        attribute while the engine is away.
        """
        self._check(query)
        if facet not in {"brand", "category"} and not (facet.startswith("attr.") and self._has_facet(facet)):
            raise NotFound(f"There is no facet {facet!r} to search in.")
        found = await self._count_values(facet, q, query)
        options = [option for option in found.options if q.lower() in option.label.lower()]
        return FacetValues(id=facet, label=found.label, options=options)

    async def _count_values(self, facet: str, q: str, query: SearchQuery) -> Facet:
        if self._may_ask_engine():
            try:
                counts = await self._ask_for_values(facet, q, query)
                return self._builder.facets.make(facet, counts, query)
            except EngineUnavailable as error:
                self._rest(error)
        if facet.startswith("attr."):
            raise Unavailable("The search engine does not answer.")
        result = await search_by_postgres(self._db.reads, query, self._taxonomy, self._currency)
        return next(found for found in result.facets if found.id == facet)

    async def _ask_for_values(self, facet: str, q: str, query: SearchQuery) -> Mapping[str, int]:
        wanted = self._builder.values(query, facet, q)
        [reply] = await self._gateway.multi_search([wanted])
        counts = reply.facet_distribution.get(FIELDS.get(facet, facet), {})
        if not q or not facet.startswith("attr.") or len(counts) < MAX_FACET_VALUES:
            return counts
        # There are more values than the engine lists. Its own facet search knows them all, but only by their beginnings.
        named: EngineQuery = {"facetName": facet, "facetQuery": q, "q": query.q, "filter": wanted["filter"]}
        hits = await self._gateway.search_facet(self._names.products, named)
        return counts | {hit.value: hit.count for hit in hits}

    def _check(self, query: SearchQuery) -> None:
        if (query.page - 1) * query.limit >= MAX_HITS:
            raise InvalidInput.at("page", f"results are shown up to number {MAX_HITS}; narrow the search", "too_deep")
        if query.price_min is not None and query.price_max is not None and query.price_min > query.price_max:
            raise InvalidInput.at("price_min", "must not be above price_max", "range_reversed")
        for code, values in query.attributes.items():
            if not self._has_facet(f"attr.{code}"):
                raise InvalidInput.at(f"attr.{code}", "is not a filter", "unknown_filter")
            if self._taxonomy.attributes[code].type == "number":
                _check_numbers(code, values)
        if isinstance(query.sort, AttributeSort) and not self._is_sortable(query.sort.code):
            raise InvalidInput.at("sort", f"there is no order by attr.{query.sort.code}", "unknown_sort")
        for facet in query.facets or ():
            if not self._has_facet(facet):
                raise InvalidInput.at("facets", f"there is no facet {facet!r}", "unknown_facet")

    def _has_facet(self, facet: str) -> bool:
        definition = self._taxonomy.attributes.get(facet.removeprefix("attr.")) if facet.startswith("attr.") else None
        return facet in FIELDS or (definition is not None and definition.is_facet)

    def _is_sortable(self, code: str) -> bool:
        definition = self._taxonomy.attributes.get(code)
        return definition is not None and definition.is_sortable

    def _may_ask_engine(self) -> bool:
        return time.monotonic() >= self._engine_rests_until

    def _rest(self, error: EngineUnavailable) -> None:
        if not isinstance(error, EngineRefused):  # what it refuses is one request's fault; the others go on
            self._engine_rests_until = time.monotonic() + REST_S
        _log.warning("search_degraded", error=str(error))


def _check_numbers(code: str, values: tuple[str, ...]) -> None:
    for value in values:
        if not _is_number_or_range(value):
            raise InvalidInput.at(f"attr.{code}", f"{value!r} is not a number or a range such as 10..20")


def _is_number_or_range(text: str) -> bool:
    try:
        bounds = [float(part) for part in text.split("..", 1) if part]
    except ValueError:
        return False
    return bool(bounds) and all(map(math.isfinite, bounds)) and bounds == sorted(bounds)
