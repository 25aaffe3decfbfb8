"""HTTP of the pages. Everything is GET and public; a page asks the services that the API uses, never the API."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import HttpMethod, MediaType, Request, Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import SkipValidation
from litestar.response import Redirect

from mercato.catalog.product.repository import find_product
from mercato.catalog.product.schemas import Product
from mercato.identity.controllers import public
from mercato.platform.db import Database
from mercato.platform.http import API_PREFIX, ApiRequest, handle_exception, to_problem
from mercato.platform.ids import parse_id
from mercato.platform.money import to_major
from mercato.platform.problems import NotFound, ProblemBody
from mercato.platform.settings import Settings
from mercato.search.schemas import SearchResult
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy
from mercato.storefront.assets import asset, find_asset
from mercato.storefront.navigation import (
    Link,
    brand_url,
    breadcrumbs,
    category_trail,
    category_url,
    product_url,
)
from mercato.storefront.pages.help import NO_HELP, make_help
from mercato.storefront.pages.home import make_home
from mercato.storefront.pages.listing import Listing, make_listing
from mercato.storefront.pages.product import make_product_page, summarise
from mercato.storefront.pages.tree import category_tree, search_tree
from mercato.storefront.rendering import CONTENT_SECURITY_POLICY, Shop, compress, render, shop_of
from mercato.storefront.repository import sitemap_boundaries, sitemap_entries
from mercato.storefront.sitemap import PART_SIZE, pages_sitemap, products_sitemap, robots, sitemap_index
from mercato.storefront.state import ListingState, read_state
from mercato.storefront.structured_data import breadcrumb_list, item_list, product_data, website

Search = NamedDependency[SkipValidation[SearchService]]
Categories = NamedDependency[SkipValidation[Taxonomy]]
Configuration = NamedDependency[SkipValidation[Settings]]
Connections = NamedDependency[SkipValidation[Database]]
Answer = Response[bytes]

FRAGMENT_HEADER = "x-fragment"
_PAGE: Mapping[str, Any] = {
    "http_method": [HttpMethod.GET, HttpMethod.HEAD],
    # Links to pages get decorated (utm_source and the like): unknown parameters are no error here.
    "opt": public() | {"open_query": True},
    "include_in_schema": False,
}
_PAGE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-cache",
    "Vary": "X-Fragment, Accept-Encoding",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_HALF_AN_HOUR = "public, max-age=1800"
_NOT_PAGES = (API_PREFIX, "/schema", "/docs", "/health", "/metrics", "/media/", "/static/")
_FAULTS: Mapping[int, tuple[str, str]] = {
    404: ("This page is not here", "It may have moved, or the product is no longer sold. Search finds what is."),
    503: ("We will be right back", "The shop cannot reach its catalog at the moment. Please try again shortly."),
}
_FAULT = ("Something went wrong", "It is our fault, and we have made a note of it. Please try again.")


@route("/", **_PAGE)
async def home(request: ApiRequest, search: Search, taxonomy: Categories, settings: Configuration) -> Answer:
    """Departments, popular products, deals."""
    shop = shop_of(settings, taxonomy)
    return _page(
        request,
        "home.html",
        shop,
        kind="home",
        title=f"{shop.name}: search {shop.number(shop.product_count)} products",
        description=_shop_description(shop),
        canonical="/",
        url="/",
        is_live=True,
        data_blocks=[website(shop)],
        home=await make_home(shop, search, taxonomy),
    )


@route("/search", **_PAGE)
async def results(request: ApiRequest, search: Search, taxonomy: Categories, settings: Configuration) -> Answer:
    """Results of a search, or all products without words."""
    shop = shop_of(settings, taxonomy)
    state = _state(request, "/search", settings, taxonomy)
    result = await search.search(state.to_query())
    if _is_past_the_end(state, result):
        return _moved(state.but(page=max(result.pages, 1)).url, permanently=False)
    listing = make_listing(shop, state, result, tree=search_tree(taxonomy, state, result.facets))
    subject = f"“{state.q}”" if state.q else "All products"
    return _page(
        request,
        "listing.html",
        shop,
        kind="search",
        title=_title(shop, f"{subject}{_page_number(state)}"),
        description=f"{shop.number(result.total)} products for {subject} at {shop.name}."
        if state.q
        else _shop_description(shop),
        # Combinations without end: people share them, search engines need not keep them.
        robots="noindex, follow",
        is_live=True,
        words=state.q,
        heading=f"Results for {subject}" if state.q else subject,
        **await _listing_context(shop, listing, search, taxonomy),
    )


@route("/c/{path:path}", **_PAGE)
async def category(
    request: ApiRequest, path: Path, search: Search, taxonomy: Categories, settings: Configuration
) -> Answer:
    """A category with everything below it; a wrong or former path leads to the right one."""
    slugs = str(path).strip("/")
    found = taxonomy.category_by_slug(slugs.rpartition("/")[2])
    if found is None:
        raise NotFound("There is no such category.")
    canonical = category_url(taxonomy, found)
    if slugs != taxonomy.path(found):
        return _moved(_with_query(canonical, request))
    shop = shop_of(settings, taxonomy)
    state = msgspec.structs.replace(_state(request, canonical, settings, taxonomy), category=())
    result = await search.search(state.to_query(within_category=found.slug))
    if _is_past_the_end(state, result):
        return _moved(state.but(page=max(result.pages, 1)).url, permanently=False)
    tree = category_tree(taxonomy, found, state, result.facets)
    listing = make_listing(shop, state, result, tree=tree)
    trail = category_trail(taxonomy, found)
    return _page(
        request,
        "listing.html",
        shop,
        kind="category",
        title=_title(shop, f"{found.name}{_page_number(state)}"),
        description=summarise(found.description)
        or f"{found.name} at {shop.name}: {shop.number(found.product_count)} products to compare by price and features.",
        canonical=_canonical(state),
        department=trail[0].url if trail else "",
        words=state.q,
        heading=found.name,
        lead=found.description,
        **await _listing_context(shop, listing, search, taxonomy, trail=breadcrumbs(trail[:-1])),
    )


@route("/b/{slug:str}", **_PAGE)
async def brand(
    request: ApiRequest, slug: str, search: Search, taxonomy: Categories, settings: Configuration
) -> Answer:
    """Everything of one brand."""
    found = taxonomy.brand_by_slug(slug)
    if found is None:
        raise NotFound("There is no such brand.")
    shop = shop_of(settings, taxonomy)
    canonical = brand_url(found.slug)
    state = msgspec.structs.replace(_state(request, canonical, settings, taxonomy), brand=())
    result = await search.search(state.to_query(within_brand=found.slug))
    if _is_past_the_end(state, result):
        return _moved(state.but(page=max(result.pages, 1)).url, permanently=False)
    listing = make_listing(shop, state, result, tree=search_tree(taxonomy, state, result.facets))
    return _page(
        request,
        "listing.html",
        shop,
        kind="brand",
        title=_title(shop, f"{found.name}{_page_number(state)}"),
        description=summarise(found.description)
        or f"All {shop.number(found.product_count)} products of {found.name} at {shop.name}.",
        canonical=_canonical(state),
        words=state.q,
        heading=found.name,
        lead=found.description,
        **await _listing_context(shop, listing, search, taxonomy, trail=breadcrumbs([])),
    )


@route("/p/{slug:str}", **_PAGE)
async def product(
    request: ApiRequest,
    slug: str,
    db: Connections,
    search: Search,
    taxonomy: Categories,
    settings: Configuration,
) -> Answer:
    """A published product; its id leads to its slug."""
    record = await find_product(db.reads, slug, published_only=True)
    if record is None:
        raise NotFound("There is no such product.")
    found = msgspec.json.decode(record.body, type=Product)
    if found.slug != slug and parse_id(slug) is not None:
        return _moved(_with_query(product_url(found.slug), request))
    shop = shop_of(settings, taxonomy)
    page = await make_product_page(shop, found, search, taxonomy)
    return _page(
        request,
        "product.html",
        shop,
        kind="product",
        title=_title(shop, found.name),
        description=page.summary,
        canonical=product_url(found.slug),
        department=page.trail[1].url if len(page.trail) > 1 else "",
        price_major=str(to_major(found.price.amount, found.price.currency)) if found.price else "",
        data_blocks=[
            product_data(shop, found),
            breadcrumb_list(shop, [*page.trail, Link(label=found.name, url=product_url(found.slug))]),
        ],
        page=page,
    )


@route("/static/{file:str}", **_PAGE)
async def static_file(request: ApiRequest, file: str) -> Answer:
    """A file whose name changes with its content, so it never goes stale."""
    found = find_asset(file)
    if found is None:
        raise NotFound("There is no such file.")
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return _plain(found.gzipped, found.media_type, headers | {"Content-Encoding": "gzip"})
    return _plain(found.body, found.media_type, headers)


@route("/favicon.ico", **_PAGE)
async def favicon() -> Answer:
    """For those who ask without reading the page."""
    icon = asset("favicon.svg")
    return _plain(icon.body, icon.media_type, {"Cache-Control": _HALF_AN_HOUR})


@route("/robots.txt", **_PAGE)
async def robots_file(taxonomy: Categories, settings: Configuration) -> Answer:
    """What crawlers may read."""
    return _plain(robots(shop_of(settings, taxonomy)), "text/plain; charset=utf-8", {"Cache-Control": _HALF_AN_HOUR})


@route("/sitemap.xml", **_PAGE)
async def sitemap(request: ApiRequest, db: Connections, taxonomy: Categories, settings: Configuration) -> Answer:
    """The parts of the sitemap."""
    boundaries = await sitemap_boundaries(db.reads, PART_SIZE)
    return _xml(request, sitemap_index(shop_of(settings, taxonomy), boundaries))


@route("/sitemap-pages.xml", **_PAGE)
async def sitemap_of_pages(request: ApiRequest, taxonomy: Categories, settings: Configuration) -> Answer:
    """Home, categories and brands."""
    return _xml(request, pages_sitemap(shop_of(settings, taxonomy), taxonomy))


@route("/sitemap-products.xml", **_PAGE)
async def sitemap_of_products(
    request: ApiRequest, db: Connections, taxonomy: Categories, settings: Configuration, first: UUID
) -> Answer:
    """One part of the products."""
    entries = await sitemap_entries(db.reads, first, PART_SIZE)
    return _xml(request, products_sitemap(shop_of(settings, taxonomy), entries))


STOREFRONT_HANDLERS: tuple[HTTPRouteHandler, ...] = (
    home,
    results,
    category,
    brand,
    product,
    static_file,
    favicon,
    robots_file,
    sitemap,
    sitemap_of_pages,
    sitemap_of_products,
)
"""They need the dependencies `search`, `taxonomy`, `settings` and `db`."""

ExceptionHandler = Callable[[Request[Any, Any, Any], Exception], Response[bytes] | Response[ProblemBody]]


def make_exception_handler(settings: Settings, taxonomy: Taxonomy) -> ExceptionHandler:
    """The exception handler of the application: an error page where people read, a problem where programs do."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes] | Response[ProblemBody]:
        if request.method not in {"GET", "HEAD"} or request.url.path.startswith(_NOT_PAGES):
            return handle_exception(request, error)
        problem = to_problem(error)
        heading, detail = _FAULTS.get(problem.status, _FAULT)
        shop = shop_of(settings, taxonomy)
        return _page(
            request,
            "error.html",
            shop,
            status=problem.status,
            headers=problem.headers | {"Cache-Control": "no-store"},
            kind="error",
            title=_title(shop, heading),
            description=detail,
            robots="noindex",
            heading=heading,
            detail=detail,
            retry_url=None if problem.status == 404 else request.url.path,  # noqa: PLR2004
            request_id="" if problem.status == 404 else str(request.scope.get("request_id", "")),  # noqa: PLR2004
        )

    return handle


def _page(
    request: Request[Any, Any, Any],
    template: str,
    shop: Shop,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Answer:
    is_fragment = FRAGMENT_HEADER in request.headers
    content = render(template, shop, fragment=is_fragment, status=status, **context)
    body, encoding = compress(content, request.headers.get("accept-encoding", ""))
    return Response(
        content=body,
        status_code=status,
        media_type=MediaType.HTML,
        headers={**_PAGE_HEADERS, **(headers or {}), **encoding},
    )


def _plain(body: bytes, media_type: str, headers: Mapping[str, str]) -> Answer:
    return Response(content=body, media_type=media_type, headers=dict(headers))


def _xml(request: ApiRequest, content: bytes) -> Answer:
    body, encoding = compress(content, request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": _HALF_AN_HOUR, "Vary": "Accept-Encoding", **encoding}
    return _plain(body, "application/xml", headers)


def _moved(url: str, *, permanently: bool = True) -> Answer:
    return Redirect(url, status_code=301 if permanently else 302, headers={"Cache-Control": "no-cache"})


def _with_query(url: str, request: ApiRequest) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{url}?{query}" if query else url


def _state(request: ApiRequest, path: str, settings: Settings, taxonomy: Taxonomy) -> ListingState:
    return read_state(request.scope["query_string"], path=path, currency=settings.currency, taxonomy=taxonomy)


def _is_past_the_end(state: ListingState, result: SearchResult) -> bool:
    return state.page > max(result.pages, 1)


def _title(shop: Shop, subject: str) -> str:
    return f"{subject} | {shop.name}"


def _page_number(state: ListingState) -> str:
    return f", page {state.page}" if state.page > 1 else ""


def _shop_description(shop: Shop) -> str:
    departments = ", ".join(link.label for link in shop.departments[:6])
    return f"{shop.number(shop.product_count)} products at {shop.name}: {departments}. Search finds them as you type."


def _canonical(state: ListingState) -> str:
    """The page without words, filters and order, which are views of it."""
    return f"{state.path}?page={state.page}" if state.page > 1 else state.path


async def _listing_context(
    shop: Shop, listing: Listing, search: SearchService, taxonomy: Taxonomy, *, trail: list[Link] | None = None
) -> dict[str, object]:
    state = listing.state
    blocks: list[dict[str, object]] = [item_list(shop, listing.hits, first=listing.first)] if listing.hits else []
    if trail:
        blocks.append(breadcrumb_list(shop, trail))
    corrected = listing.corrected_query
    return {
        "listing": listing,
        "trail": trail,
        "url": state.url,
        "announce": _announcement(shop, listing),
        "corrected_url": state.but(q=corrected).url if corrected else "",
        "help": NO_HELP if listing.hits else await make_help(state, search, taxonomy),
        "data_blocks": blocks,
    }


def _announcement(shop: Shop, listing: Listing) -> str:
    count = "No results" if not listing.total else f"{shop.number(listing.total)} results"
    words = f" for {listing.state.q}" if listing.state.q else ""
    return f"{'1 result' if listing.total == 1 else count}{words}"
