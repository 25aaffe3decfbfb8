"""HTTP of the results pages: search, category, brand. The address holds the whole state."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from litestar import route
from litestar.params import FromPath

from mercato.platform.html import plain_text
from mercato.platform.http import ApiRequest
from mercato.platform.problems import NotFound
from mercato.platform.settings import Settings
from mercato.search.schemas import SearchResult
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy
from mercato.storefront.controllers.answers import PAGE, Answer, moved, page_answer, with_query
from mercato.storefront.controllers.dependencies import Categories, Configuration, Search
from mercato.storefront.navigation import Link, brand_url, breadcrumbs, category_trail, category_url
from mercato.storefront.pages.help import NO_HELP, make_help
from mercato.storefront.pages.listing import Listing, make_listing
from mercato.storefront.pages.product import summarise
from mercato.storefront.pages.tree import category_tree, search_tree
from mercato.storefront.rendering import Shop, shop_of
from mercato.storefront.state import ListingState, read_finds, read_state
from mercato.storefront.structured_data import breadcrumb_list, item_list


@route("/search", **PAGE)
async def results(request: ApiRequest, search: Search, taxonomy: Categories, settings: Configuration) -> Answer:
    """Results of a search, or all products without words."""
    state = _state(request, "/search", settings, taxonomy)
    result = await search.search(state.to_query())
    if _is_past_the_end(state, result):
        return _last_page(state, result)
    shop = shop_of(settings, taxonomy, state.currency)
    tree = search_tree(taxonomy, state, result.facets)
    listing = make_listing(shop, state, result, tree=tree, finds=_finds(request))
    subject = f"“{state.q}”" if state.q else "All products"
    found = f"{shop.number(result.total)} products for {subject} at {shop.name}."
    context = {
        "kind": "search",
        "title": _title(shop, state, subject),
        "description": found if state.q else shop.description,
        # Combinations without end: people share them, search engines need not keep them.
        "robots": "noindex, follow",
        "is_live": True,
        "heading": f"Results for {subject}" if state.q else subject,
        **await _listing_context(shop, listing, search, taxonomy),
    }
    return page_answer(request, "listing.html", shop, context)


@route("/c/{path:path}", **PAGE)
async def category(
    request: ApiRequest, path: FromPath[Path], search: Search, taxonomy: Categories, settings: Configuration
) -> Answer:
    """A category with everything below it; a wrong or former path leads to the right one."""
    slugs = str(path).strip("/")
    await _ensure_loaded(taxonomy)
    found = taxonomy.category_by_slug(slugs.rpartition("/")[2])
    if found is None:
        raise NotFound("There is no such category.")
    url = category_url(taxonomy, found)
    if slugs != taxonomy.path(found):
        return moved(with_query(url, request))
    state = msgspec.structs.replace(_state(request, url, settings, taxonomy), category=())
    result = await search.search(state.to_query(within_category=found.slug))
    if _is_past_the_end(state, result):
        return _last_page(state, result)
    shop = shop_of(settings, taxonomy, state.currency)
    tree = category_tree(taxonomy, found, state, result.facets)
    listing = make_listing(shop, state, result, tree=tree, finds=_finds(request))
    trail = category_trail(taxonomy, found)
    count = shop.number(found.product_count)
    context = {
        "kind": "category",
        "title": _title(shop, state, found.name),
        "description": summarise(plain_text(found.description))
        or f"{found.name} at {shop.name}: {count} products to compare by price and features.",
        "canonical": _canonical(state),
        "department": trail[0].url if trail else "",
        "own_picture": taxonomy.picture_of(found.id),
        "heading": found.name,
        "lead": plain_text(found.description),
        **await _listing_context(shop, listing, search, taxonomy, trail=breadcrumbs(trail)),
    }
    return page_answer(request, "listing.html", shop, context)


@route("/b/{slug:str}", **PAGE)
async def brand(
    request: ApiRequest, slug: FromPath[str], search: Search, taxonomy: Categories, settings: Configuration
) -> Answer:
    """Everything of one brand; a former slug leads to the present one."""
    await _ensure_loaded(taxonomy)
    found = taxonomy.brand_by_slug(slug)
    if found is None:
        raise NotFound("There is no such brand.")
    url = brand_url(found.slug)
    if slug != found.slug:
        return moved(with_query(url, request))
    state = msgspec.structs.replace(_state(request, url, settings, taxonomy), brand=())
    result = await search.search(state.to_query(within_brand=found.slug))
    if _is_past_the_end(state, result):
        return _last_page(state, result)
    shop = shop_of(settings, taxonomy, state.currency)
    tree = search_tree(taxonomy, state, result.facets)
    listing = make_listing(shop, state, result, tree=tree, finds=_finds(request))
    count = shop.number(found.product_count)
    context = {
        "kind": "brand",
        "title": _title(shop, state, found.name),
        "description": summarise(plain_text(found.description))
        or f"All {count} products of {found.name} at {shop.name}.",
        "canonical": _canonical(state),
        "own_picture": taxonomy.picture_of(found.id),
        "heading": found.name,
        "lead": plain_text(found.description),
        **await _listing_context(shop, listing, search, taxonomy, trail=breadcrumbs([Link(label=found.name, url=url)])),
    }
    return page_answer(request, "listing.html", shop, context)


async def _ensure_loaded(taxonomy: Taxonomy) -> None:
    """Try once more where nothing was loaded: started without its database, the shop must not say 404 for what it has."""
    if not taxonomy.categories and not taxonomy.brands:
        await taxonomy.load()


def _state(request: ApiRequest, path: str, settings: Settings, taxonomy: Taxonomy) -> ListingState:
    return read_state(
        request.scope["query_string"],
        path=path,
        currencies=(settings.currency, *settings.currencies.codes),
        taxonomy=taxonomy,
    )


def _finds(request: ApiRequest) -> dict[str, str]:
    return read_finds(request.scope["query_string"])


def _is_past_the_end(state: ListingState, result: SearchResult) -> bool:
    return state.page > max(result.pages, 1)


def _last_page(state: ListingState, result: SearchResult) -> Answer:
    return moved(state.but(page=max(result.pages, 1)).url, permanently=False)


def _title(shop: Shop, state: ListingState, subject: str) -> str:
    number = f", page {state.page}" if state.page > 1 else ""
    return f"{subject}{number} | {shop.name}"


def _canonical(state: ListingState) -> str:
    """The page without words, filters and order, which are views of it."""
    return f"{state.path}?page={state.page}" if state.page > 1 else state.path


async def _listing_context(
    shop: Shop, listing: Listing, search: SearchService, taxonomy: Taxonomy, *, trail: Sequence[Link] = ()
) -> dict[str, object]:
    state = listing.state
    blocks: list[dict[str, object]] = [item_list(shop, listing.hits, first=listing.first)] if listing.hits else []
    if trail:
        blocks.append(breadcrumb_list(shop, trail))
    corrected = listing.corrected_query
    return {
        "listing": listing,
        "trail": trail[:-1],
        "url": state.url,
        "currency_links": [Link(label=code, url=state.in_currency(code).url) for code in shop.currencies],
        "announce": _announcement(shop, listing),
        "words": state.q,
        "corrected_url": state.but(q=corrected).url if corrected else "",
        "help": NO_HELP if listing.hits else await make_help(state, search, taxonomy),
        "data_blocks": blocks,
    }


def _announcement(shop: Shop, listing: Listing) -> str:
    count = shop.number(listing.total) if listing.total else "No"
    words = f" for {listing.state.q}" if listing.state.q else ""
    return f"{count} {listing.noun}{words}"
