"""HTTP of search."""

import re
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import FromQuery, PathParameter, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import ACTION_PROBLEMS, LIST_PROBLEMS, READ_PROBLEMS
from mercato.identity.controllers import public, requires
from mercato.identity.limits import limited
from mercato.platform.db import Database, reader_of
from mercato.platform.http import ApiRequest
from mercato.platform.money import CURRENCIES, MAX_AMOUNT
from mercato.platform.problems import InvalidInput
from mercato.search.gateway import MeilisearchGateway
from mercato.search.index import IndexNames
from mercato.search.rebuild import request_rebuild
from mercato.search.schemas import (
    MAX_QUERY_LENGTH,
    AttributeSort,
    FacetValues,
    RebuildProgress,
    SearchQuery,
    SearchResult,
    SearchSort,
    SearchStatus,
    Suggestions,
)
from mercato.search.service import SearchService
from mercato.search.status import read_status

MAX_FILTER_VALUES = 100
ATTRIBUTE_PREFIX = "attr."
SORT_WORDS = (
    ", ".join(f"`{sort}`" for sort in SearchSort)
    + ", and `attr.<code>` or `-attr.<code>` of a sortable attribute (products without a value come last)."
)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")

Text = Annotated[str, QueryParameter(max_length=MAX_QUERY_LENGTH, description="What was typed; typos are forgiven.")]
Keys = Annotated[list[str] | None, QueryParameter(description="Ids or slugs; repeat to OR.")]


def read_attributes(request: ApiRequest) -> dict[str, tuple[str, ...]]:
    """Filters by attribute: parameters `attr.<code>`, repeated ones are alternatives."""
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name.startswith(ATTRIBUTE_PREFIX):
            found.setdefault(name.removeprefix(ATTRIBUTE_PREFIX), []).append(value)
    if sum(map(len, found.values())) > MAX_FILTER_VALUES:
        raise InvalidInput.at("attr", f"at most {MAX_FILTER_VALUES} values", "too_many")
    return {code: tuple(values) for code, values in found.items()}


def provide_query(
    request: ApiRequest,
    q: Text = "",
    category: Keys = None,
    brand: Keys = None,
    price_min: Annotated[int | None, QueryParameter(ge=0, le=MAX_AMOUNT, description="Minor units.")] = None,
    price_max: Annotated[int | None, QueryParameter(ge=0, le=MAX_AMOUNT, description="Minor units.")] = None,
    currency: Annotated[
        str | None,
        QueryParameter(
            pattern="^[A-Z]{3}$",
            description="What prices are filtered, sorted and shown in; without a price in it, products are left out.",
        ),
    ] = None,
    in_stock: FromQuery[bool | None] = None,
    rating_min: Annotated[float | None, QueryParameter(ge=1, le=5)] = None,
) -> SearchQuery:
    """The filters that search and facet search share."""
    if currency is not None and currency not in CURRENCIES:
        raise InvalidInput.at("currency", f"there is no currency {currency!r}", "unknown_currency")
    for name, values in (("category", category), ("brand", brand)):
        if len(values or ()) > MAX_FILTER_VALUES:
            raise InvalidInput.at(name, f"at most {MAX_FILTER_VALUES} values", "too_many")
    return SearchQuery(
        q=q.strip(),
        category=tuple(category or ()),
        brand=tuple(brand or ()),
        price_min=price_min,
        price_max=price_max,
        currency=currency,
        in_stock=in_stock,
        rating_min=rating_min,
        attributes=read_attributes(request),
    )


FILTERS = {"wanted": Provide(provide_query, sync_to_thread=False)}


class SearchController(Controller):
    """Public search, and its upkeep with `write:search`."""

    path = "/search"
    tags = ("Search",)

    @get(
        dependencies=FILTERS,
        opt={**public(publishable=True), **limited("search"), "query_prefix": ATTRIBUTE_PREFIX},
        operation_id="search",
        summary="Search products",
        responses=LIST_PROBLEMS,
    )
    async def search(
        self,
        search: NamedDependency[SearchService],
        wanted: NamedDependency[SearchQuery],
        sort: Annotated[
            str, QueryParameter(description=SORT_WORDS, examples=[Example(value="-attr.screen_size")])
        ] = "relevance",
        facets: Annotated[
            list[str] | None, QueryParameter(description="Facets to count; left out: those that matter here.")
        ] = None,
        page: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 24,
        highlight: FromQuery[bool] = True,
    ) -> SearchResult:
        """Typo-tolerant, by prefix. Filter by attribute with `attr.<code>=value` (numbers also `10..20`)."""
        query = msgspec.structs.replace(
            wanted,
            sort=_read_sort(sort),
            facets=_split(facets),
            page=page,
            limit=limit,
            highlight=highlight,
        )
        return await search.search(query)

    @get(
        "/suggest",
        opt=public(publishable=True) | limited("suggest"),
        operation_id="suggest",
        summary="Suggest as you type",
        responses=LIST_PROBLEMS,
    )
    async def suggest(
        self,
        search: NamedDependency[SearchService],
        q: Text = "",
        limit: Annotated[int, QueryParameter(ge=1, le=20)] = 10,
    ) -> Suggestions:
        """Queries, products, categories and brands for the letters typed so far; what is popular for none."""
        return await search.suggest(q.strip(), limit)

    @get(
        "/facets/{facet:str}",
        dependencies=FILTERS,
        opt={**public(publishable=True), **limited("search"), "query_prefix": ATTRIBUTE_PREFIX},
        operation_id="search_facet",
        summary="Search inside a facet",
        responses=READ_PROBLEMS,
    )
    async def facet(
        self,
        search: NamedDependency[SearchService],
        wanted: NamedDependency[SearchQuery],
        facet: Annotated[str, PathParameter(description="`brand`, `category` or `attr.<code>`.", max_length=70)],
    ) -> FacetValues:
        """`q` is what was typed into the facet's own search; the filters narrow what is counted."""
        return await search.facet_values(facet, wanted.q, msgspec.structs.replace(wanted, q=""))

    @get("/status", opt=public(), operation_id="search_status", summary="State of the index", responses=LIST_PROBLEMS)
    async def status(
        self,
        db: NamedDependency[Database],
        gateway: NamedDependency[MeilisearchGateway],
        names: NamedDependency[IndexNames],
    ) -> SearchStatus:
        """How far the index is behind the catalog, and whether they agree."""
        return await read_status(db.reads, gateway, names)

    @post(
        "/reindex",
        status_code=202,
        opt=requires("write:search"),
        operation_id="reindex",
        summary="Rebuild the index",
        responses=ACTION_PROBLEMS,
    )
    async def reindex(
        self, session: NamedDependency[AsyncSession], names: NamedDependency[IndexNames]
    ) -> Response[RebuildProgress]:
        """Built beside the live index and swapped when complete; follow it in `GET /search/status`."""
        return Response(await request_rebuild(await reader_of(session), names), status_code=202)


def _read_sort(text: str) -> SearchSort | AttributeSort:
    """The order that a name stands for; whether an attribute is sortable, the search service knows."""
    code = text.removeprefix("-").removeprefix(ATTRIBUTE_PREFIX)
    if _CODE.fullmatch(code) and text in {ATTRIBUTE_PREFIX + code, f"-{ATTRIBUTE_PREFIX}{code}"}:
        return AttributeSort(code=code, is_descending=text.startswith("-"))
    try:
        return SearchSort(text)
    except ValueError:
        raise InvalidInput.at("sort", f"there is no order {text[:80]!r}", "unknown_sort") from None


def _split(facets: list[str] | None) -> tuple[str, ...] | None:
    if facets is None:
        return None
    return tuple(dict.fromkeys(name.strip() for item in facets for name in item.split(",") if name.strip()))
