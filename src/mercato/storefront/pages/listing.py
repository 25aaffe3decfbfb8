"""Results pages (search, category, brand): filters, chips, order and paging, each with the address it leads to."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from mercato.platform.money import minor_digits
from mercato.search.schemas import Facet, FacetOption, SearchHit, SearchResult, SearchSort
from mercato.storefront.navigation import Link
from mercato.storefront.rendering import Shop
from mercato.storefront.state import LAST_PAGE, PAGE_SIZE, ListingState, typed_price
from mercato.storefront.swatches import swatch

SHOWN_OPTIONS = 8
"""Values of a filter shown before "Show more"."""
SEARCHABLE_OPTIONS = 12
"""From so many values on, a filter can be searched."""
MAX_OPTIONS = 48
"""Values of a filter on the page; what is beyond is found by searching the filter."""
OPEN_FILTERS = 5
"""Filters unfolded at first; those with a choice in them always are."""
_BARS, _FEWEST_BANDS = 24, 4
_SLIDER_STEPS = 200
_PAGES_AROUND = 2

_SORT_LABELS = {
    SearchSort.RELEVANCE: "Best match",
    SearchSort.POPULARITY_DESC: "Most popular",
    SearchSort.PRICE: "Price, low to high",
    SearchSort.PRICE_DESC: "Price, high to low",
    SearchSort.RATING_DESC: "Best rated",
    SearchSort.CREATED_DESC: "Newest first",
}
RANGE = ".."
"""Between the bounds of a number, as the search API writes it."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a filter. `color` paints its swatch."""

    id: str
    value: str
    label: str
    count: int
    is_chosen: bool
    color: str | None = None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter as a group of check boxes or (`rating`) radio buttons named after its parameter."""

    id: str
    parameter: str
    kind: Literal["check", "swatch", "rating"]
    label: str
    options: list[Option]
    more: list[Option]
    """Values beyond the first few, behind "Show more"."""
    is_open: bool
    is_searchable: bool
    is_cut: bool = False
    """There are more values than the page holds."""


class RangeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A number with many values, as two fields: what was typed, and the smallest and largest value there is."""

    id: str
    parameter: str
    kind: Literal["range"] = "range"
    label: str
    unit: str | None
    low: str
    high: str
    least: str
    most: str
    is_open: bool


class PriceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The price range: what was typed, and the ends and step of the slider, all in major units as text.

    `bars` are the heights, 0 to 1, of a histogram between the ends.
    """

    low: str
    high: str
    least: str
    most: str
    step: str
    symbol: str
    bars: tuple[float, ...]


class TreeNode(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the category tree; `level` 0 is the outermost."""

    label: str
    url: str
    level: int
    count: int | None
    is_current: bool
    is_ancestor: bool = False


class Sort(msgspec.Struct, frozen=True, kw_only=True):
    """One order of the results."""

    value: str
    label: str
    is_chosen: bool


class PageLink(msgspec.Struct, frozen=True, kw_only=True):
    """A page number; without a number it stands for the pages left out between two others."""

    number: int | None
    url: str = ""
    is_current: bool = False


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a results page shows besides its heading."""

    state: ListingState
    noun: str
    hits: list[SearchHit]
    total: int
    first: int
    """Place of the first hit among all, counted from 1."""
    tree: list[TreeNode]
    price: PriceFilter | None
    in_stock: Option | None
    filters: list[Filter | RangeFilter]
    chips: list[Link]
    clear_url: str
    sorts: list[Sort]
    pages: list[PageLink]
    previous_url: str | None
    next_url: str | None
    corrected_query: str | None
    is_relaxed: bool
    """Nothing matches all the words; these match some of them."""
    is_degraded: bool


def make_listing(
    shop: Shop, state: ListingState, result: SearchResult, *, tree: list[TreeNode], finds: Mapping[str, str]
) -> Listing:
    """Turn the answer of search into what the page shows; `finds` is what was typed into the searches of filters."""
    facets = {facet.id: facet for facet in result.facets}
    last = min(result.pages, LAST_PAGE)
    filters = _filters(state, result.facets, finds)
    return Listing(
        state=state,
        noun=("result" if state.q else "product") + ("" if result.total == 1 else "s"),
        hits=result.hits,
        total=result.total,
        first=(state.page - 1) * PAGE_SIZE + 1,
        tree=tree,
        price=_price_filter(shop, state, result),
        in_stock=_in_stock(facets.get("in_stock")),
        filters=filters,
        chips=list(_chips(shop, state, filters, tree)),
        clear_url=state.unfiltered().url,
        sorts=_sorts(state),
        pages=_pages(state, last),
        previous_url=state.but(page=state.page - 1).url if state.page > 1 else None,
        next_url=state.but(page=state.page + 1).url if state.page < last else None,
        corrected_query=result.corrected_query,
        is_relaxed=result.relaxed,
        is_degraded=result.degraded,
    )


def _sorts(state: ListingState) -> list[Sort]:
    labels = dict(_SORT_LABELS)
    if not state.q:
        # Without words there is nothing to match: the default order is by popularity.
        labels[SearchSort.RELEVANCE] = labels.pop(SearchSort.POPULARITY_DESC)
    chosen = state.sort if state.sort in labels else SearchSort.RELEVANCE
    return [Sort(value=sort.value, label=label, is_chosen=sort is chosen) for sort, label in labels.items()]


def _filters(state: ListingState, facets: Sequence[Facet], finds: Mapping[str, str]) -> list[Filter | RangeFilter]:
    filters: list[Filter | RangeFilter] = []
    for facet in facets:
        if not facet.options or (facet.id == "brand" and state.path.startswith("/b/")):
            continue
        is_open = len(filters) < OPEN_FILTERS
        if facet.id == "rating":
            filters.append(_rating_filter(facet))
        elif facet.type == "number" and len(facet.options) > SHOWN_OPTIONS:
            filters.append(_range_filter(facet, state.values(facet.id), is_open=is_open))
        elif facet.id == "brand" or facet.id.startswith("attr."):
            filters.append(_value_filter(facet, finds.get(facet.id, ""), is_open=is_open))
    return filters


def _range_filter(facet: Facet, chosen: Sequence[str], *, is_open: bool) -> RangeFilter:
    low, _, high = next((value for value in chosen if RANGE in value), RANGE).partition(RANGE)
    values = [option.value for option in facet.options if RANGE not in option.value]
    return RangeFilter(
        id=f"filter-{facet.id.replace('.', '-')}",
        parameter=facet.id,
        label=facet.label,
        unit=facet.unit,
        low=low,
        high=high,
        least=min(values, key=float, default=low),
        most=max(values, key=float, default=high),
        is_open=is_open or bool(chosen),
    )


def _value_filter(facet: Facet, find: str, *, is_open: bool) -> Filter:
    everything = [_option(facet, number, option) for number, option in enumerate(facet.options)]
    found = [o for o in everything if o.is_chosen or find.casefold() in o.label.casefold()]
    options = [o for place, o in enumerate(found) if o.is_chosen or place < MAX_OPTIONS]
    # A choice must stay in sight, wherever the counts rank it.
    shown = [o for o in options if o.is_chosen] + [o for o in options if not o.is_chosen]
    room = max(SHOWN_OPTIONS, sum(o.is_chosen for o in options))
    kept = {o.id for o in shown[:room]}
    return Filter(
        id=f"filter-{facet.id.replace('.', '-')}",
        parameter=facet.id,
        kind="swatch" if facet.type == "color" else "check",
        label=facet.label,
        options=[o for o in options if o.id in kept],
        more=[o for o in options if o.id not in kept],
        is_open=is_open or any(o.is_chosen for o in options),
        is_searchable=len(everything) > SEARCHABLE_OPTIONS,
        is_cut=len(everything) > MAX_OPTIONS,
    )


def _option(facet: Facet, number: int, option: FacetOption) -> Option:
    label = _range_words(option.label) if facet.type == "number" else option.label
    if facet.unit and facet.type == "number":
        label = f"{label}\u00a0{facet.unit}"
    return Option(
        id=f"option-{facet.id.replace('.', '-')}-{number}",
        value=option.value,
        label=label,
        count=option.count,
        is_chosen=option.selected,
        color=swatch(option.label) if facet.type == "color" else None,
    )


def _rating_filter(facet: Facet) -> Filter:
    options = [
        Option(
            id=f"option-rating-{option.value}",
            value=option.value,
            label=option.label,
            count=option.count,
            is_chosen=option.selected,
        )
        for option, higher in zip(facet.options, (None, *facet.options), strict=False)
        # "3 and up" that holds the same products as "4 and up" is no choice.
        if option.selected or higher is None or option.count != higher.count
    ]
    return Filter(
        id="filter-rating",
        parameter="rating_min",
        kind="rating",
        label=facet.label,
        options=options,
        more=[],
        is_open=True,
        is_searchable=False,
    )


def _in_stock(facet: Facet | None) -> Option | None:
    if facet is None:
        return None
    for option in facet.options:
        if option.value == "true":
            return Option(
                id="option-in-stock",
                value="true",
                label="In stock",
                count=option.count,
                is_chosen=option.selected,
            )
    return None


def _price_filter(shop: Shop, state: ListingState, result: SearchResult) -> PriceFilter | None:
    stats = result.facet_stats.get("price")
    is_chosen = state.price_min is not None or state.price_max is not None
    if stats is None and not is_chosen:
        return None
    unit = 10 ** minor_digits(shop.currency)
    least = int((stats.min if stats else state.price_min or 0) // unit)
    most = int(-((stats.max if stats else state.price_max or 0) // -unit))
    return PriceFilter(
        low=typed_price(state.price_min, shop.currency) if state.price_min is not None else "",
        high=typed_price(state.price_max, shop.currency) if state.price_max is not None else "",
        least=str(least),
        most=str(max(most, least + 1)),
        step=str(max(1, (most - least) // _SLIDER_STEPS)),
        symbol=_currency_symbol(shop),
        bars=_histogram(result, least * unit, max(most, least + 1) * unit),
    )


def _histogram(result: SearchResult, least: int, most: int) -> tuple[float, ...]:
    """Products by price, in bars of equal width; nothing when there is too little to compare.

    Heights grow with the square root of the counts: most shops sell many cheap things and a few dear ones.
    """
    bands = next((facet.options for facet in result.facets if facet.id == "price"), [])
    if len(bands) < _FEWEST_BANDS:
        return ()
    counts = [0] * _BARS
    for band in bands:
        low, high = map(int, band.value.split(".."))
        place = ((low + high) / 2 - least) / (most - least)
        counts[min(max(int(place * _BARS), 0), _BARS - 1)] += band.count
    return tuple(round(math.sqrt(count / max(counts)), 3) for count in counts)


def _currency_symbol(shop: Shop) -> str:
    zero = shop.amount(0)
    return "".join(c for c in zero if not c.isdigit() and c not in ".,\u00a0 ") or shop.currency


def _chips(
    shop: Shop, state: ListingState, filters: Sequence[Filter | RangeFilter], tree: Sequence[TreeNode]
) -> Iterable[Link]:
    """The chosen filters; each link leads to the same page without that one."""
    for slug in state.category:
        label = next((node.label for node in tree if node.is_current), slug)
        yield Link(label=label, url=state.toggled("category", slug).url)
    if state.price_min is not None or state.price_max is not None:
        yield Link(label=_price_label(shop, state), url=state.but(price_min=None, price_max=None).url)
    if state.in_stock is not None:
        yield Link(label="In stock" if state.in_stock else "Sold out", url=state.but(in_stock=None).url)
    if state.rating_min is not None:
        yield Link(label=f"{shop.number(state.rating_min)} stars and up", url=state.but(rating_min=None).url)
    names = {f.parameter: f for f in filters}
    for parameter in ("brand", *(f"attr.{code}" for code in state.attributes)):
        for value in state.values(parameter):
            label = _value_label(names.get(parameter), value)
            yield Link(label=label, url=state.toggled(parameter, value).url)


def _value_label(found: Filter | RangeFilter | None, value: str) -> str:
    """What a chosen value is called: brands by their name alone, attributes with theirs in front."""
    if found is None:
        return value
    if isinstance(found, RangeFilter):
        return f"{found.label}: {_range_words(value)}" + (f"\u00a0{found.unit}" if found.unit else "")
    label = next((o.label for o in (*found.options, *found.more) if o.value == value), value)
    return label if found.parameter == "brand" else f"{found.label}: {label}"


def _range_words(value: str) -> str:
    low, is_range, high = value.partition(RANGE)
    if not is_range:
        return value
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}"


def _price_label(shop: Shop, state: ListingState) -> str:
    low = shop.amount(state.price_min) if state.price_min is not None else None
    high = shop.amount(state.price_max) if state.price_max is not None else None
    if low and high:
        return f"{low} to {high}"
    return f"From {low}" if low else f"Up to {high}"


def _pages(state: ListingState, last: int) -> list[PageLink]:
    if last <= 1:
        return []
    near = range(state.page - _PAGES_AROUND, state.page + _PAGES_AROUND + 1)
    shown = sorted({1, last, *(number for number in near if 1 <= number <= last)})
    links: list[PageLink] = []
    before = 0
    for number in shown:
        if number - before > 1:
            links.append(PageLink(number=None))
        links.append(PageLink(number=number, url=state.but(page=number).url, is_current=number == state.page))
        before = number
    return links
