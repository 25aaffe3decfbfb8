"""Reviews as the pages show them: beside the product, all of them with filters, and the own one to write."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import get_args
from urllib.parse import parse_qsl, urlencode

import msgspec
from babel.core import UnknownLocaleError
from babel.dates import format_date

from mercato.catalog.product.schemas import Product
from mercato.catalog.review.repository import ReviewQuery, Viewer, find_own_review, find_summary, list_product_reviews
from mercato.catalog.review.schemas import Review, ReviewSort, ReviewSummary, StarCount
from mercato.identity.principal import PUBLISHED_ONLY
from mercato.platform.db import Reader
from mercato.platform.paging import Page, PageRequest
from mercato.platform.problems import InvalidInput
from mercato.storefront.navigation import review_form_url, reviews_url
from mercato.storefront.rendering import Shop

BESIDE_PRODUCT, PAGE_SIZE = 5, 20
NEWEST: ReviewSort = "-created_at"
_SORTS: Mapping[ReviewSort, str] = {NEWEST: "Newest", "-rating": "Best", "rating": "Worst"}
_MAX_FIELDS = 20


class StarsRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the histogram; `share` is a percentage of all reviews."""

    stars: int
    count: int
    share: float
    url: str
    is_chosen: bool


class SortLink(msgspec.Struct, frozen=True, kw_only=True):
    """An order to choose."""

    label: str
    url: str
    is_chosen: bool


class ShownReview(msgspec.Struct, frozen=True, kw_only=True):
    """A review and its day in words."""

    review: Review
    day: str


class ReviewsState(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of reviews shows, which its address holds completely."""

    url: str
    stars: int | None = None
    sort: ReviewSort = NEWEST
    cursor: str | None = None

    def but(self, **changes: object) -> str:
        """The address with some of it changed, back on its first page unless `cursor` is among them."""
        changed = msgspec.structs.replace(self, **{"cursor": None, **changes})
        pairs = [("stars", changed.stars), ("sort", None if changed.sort == NEWEST else changed.sort)]
        query = urlencode([(name, value) for name, value in (*pairs, ("cursor", changed.cursor)) if value is not None])
        return f"{self.url}?{query}" if query else self.url


class Reviews(msgspec.Struct, frozen=True, kw_only=True):
    """The reviews of a product, some of them or all."""

    count: int
    """Approved ones, whatever is filtered."""
    rows: list[StarsRow]
    shown: list[ShownReview]
    all_url: str
    write_url: str
    sorts: list[SortLink]
    next_url: str = ""
    first_url: str = ""
    """Empty on the first page."""


def read_reviews_state(query_string: bytes, slug: str) -> ReviewsState:
    """Read the state from an address; what makes no sense is left out."""
    try:
        fields = dict(parse_qsl(query_string.decode("ascii", "replace"), max_num_fields=_MAX_FIELDS))
    except ValueError:
        fields = {}
    stars, sort = fields.get("stars", ""), fields.get("sort", "")
    return ReviewsState(
        url=reviews_url(slug),
        stars=int(stars) if stars in {"1", "2", "3", "4", "5"} else None,
        sort=next((known for known in get_args(ReviewSort) if known == sort), NEWEST),
        cursor=fields.get("cursor"),
    )


async def make_reviews(
    reader: Reader, shop: Shop, product: Product, state: ReviewsState, *, limit: int = PAGE_SIZE
) -> Reviews:
    """The approved reviews of a published product. A product without a rating is not asked about."""
    found = await find_summary(reader, str(product.id), PUBLISHED_ONLY) if product.rating.count else None
    summary = msgspec.json.decode(found, type=ReviewSummary) if found else None
    page = Page[Review](items=[], next_cursor=None, total=None)
    if summary is not None and summary.reviews:
        page, state = await _page(reader, product, state, limit)
    return Reviews(
        count=summary.reviews if summary else 0,
        rows=list(_rows(summary.stars, summary.reviews, state)) if summary else [],
        shown=[ShownReview(review=review, day=day_in_words(shop, review.created_at)) for review in page.items],
        all_url=reviews_url(product.slug),
        write_url=review_form_url(product.slug),
        sorts=[
            SortLink(label=label, url=state.but(sort=sort), is_chosen=sort == state.sort)
            for sort, label in _SORTS.items()
        ],
        next_url=state.but(cursor=page.next_cursor) if page.next_cursor else "",
        first_url=state.but() if state.cursor else "",
    )


async def _page(reader: Reader, product: Product, state: ReviewsState, limit: int) -> tuple[Page[Review], ReviewsState]:
    """The page that the state asks for, or the first one when its cursor is none."""
    query = ReviewQuery(
        viewer=Viewer(), product=str(product.id), rating=(state.stars,) if state.stars else (), sort=state.sort
    )
    try:
        found = await list_product_reviews(reader, query, PageRequest(limit=limit, cursor=state.cursor))
    except InvalidInput:
        state = msgspec.structs.replace(state, cursor=None)
        found = await list_product_reviews(reader, query, PageRequest(limit=limit))
    return msgspec.json.decode(found.body, type=Page[Review]), state


def _rows(counts: Iterable[StarCount], reviews: int, state: ReviewsState) -> Iterable[StarsRow]:
    for row in counts:
        is_chosen = row.stars == state.stars
        yield StarsRow(
            stars=row.stars,
            count=row.count,
            share=round(100 * row.count / reviews, 1) if reviews else 0.0,
            url=state.but(stars=None if is_chosen else row.stars),
            is_chosen=is_chosen,
        )


async def find_mine(reader: Reader, product: Product, viewer: Viewer) -> Review | None:
    """The viewer's own review of a product, whatever its status."""
    record = await find_own_review(reader, product.id, viewer)
    return None if record is None else msgspec.json.decode(record.body, type=Review)


def day_in_words(shop: Shop, moment: datetime) -> str:
    """A day as people of this shop write it."""
    try:
        return str(format_date(moment, format="long", locale=shop.locale))
    except UnknownLocaleError:
        return moment.date().isoformat()
