"""HTTP of reviews."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import (
    ACTION_PROBLEMS,
    CHANGE_PROBLEMS,
    DELETE_PROBLEMS,
    GET_RESPONSES,
    LIST_PROBLEMS,
    READ_PROBLEMS,
    SLUG_RESPONSES,
    CountParameter,
    CursorParameter,
    IfMatch,
    Key,
    LimitParameter,
    example_body,
)
from mercato.catalog.review.repository import (
    ReviewQuery,
    Viewer,
    find_review,
    find_summary,
    list_all_reviews,
    list_product_reviews,
    no_review,
)
from mercato.catalog.review.schemas import (
    Review,
    ReviewCreate,
    ReviewPatch,
    ReviewSort,
    ReviewStatus,
    ReviewSummary,
    Stars,
)
from mercato.catalog.review.service import ReviewService
from mercato.catalog.slugs import missing
from mercato.identity.controllers import public, requires
from mercato.identity.principal import EVERYTHING, Principal
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, json_answer, page_answer, versioned_answer
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest
from mercato.platform.settings import Settings

ReviewBody = Annotated[
    ReviewCreate, example_body(rating=5, title="Keeps tea hot all day", body="Two winters in the mountains, no leak.")
]
ReviewChanges = Annotated[ReviewPatch, example_body(status="approved")]
ReviewId = Annotated[UUID, PathParameter(description="Id of the review.")]
StarsFilter = Annotated[list[Stars] | None, QueryParameter(description="Only reviews with so many stars.")]
SortParameter = Annotated[ReviewSort, QueryParameter(description="Order; `-` reverses it.")]
Configuration = NamedDependency[SkipValidation[Settings]]
_OF_PRODUCT = READ_PROBLEMS | {301: SLUG_RESPONSES[301]}


class ProductReviewController(Controller):
    """The reviews of one product: read by everybody, written by whoever signed in."""

    path = "/products/{key:str}/reviews"
    tags = ("Reviews",)

    @post(
        opt=requires("write:reviews"),
        operation_id="create_review",
        summary="Review a product",
        responses=CHANGE_PROBLEMS,
    )
    async def create(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        settings: Configuration,
        key: Key,
        data: ReviewBody,
    ) -> Response[Review]:
        """201 with the review, which waits for a moderator. One an account and product; not for one's own products."""
        review_id, record = await ReviewService(session, principal, settings).create(key, data)
        return versioned_answer(
            Review, record.body, record.version, request=request, status=201, location=f"/api/v1/reviews/{review_id}"
        )

    @get(
        opt=public(),
        operation_id="list_product_reviews",
        summary="List the reviews of a product",
        responses=LIST_PROBLEMS | _OF_PRODUCT,
    )
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        key: Key,
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        sort: SortParameter = "-created_at",
        rating: StarsFilter = None,
    ) -> Response[Page[Review]]:
        """The approved ones, and the caller's own whatever its status."""
        query = ReviewQuery(
            viewer=Viewer.of(principal),
            product=key,
            visibility=principal.visibility,
            rating=tuple(rating or ()),
            sort=sort,
        )
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Review], await list_product_reviews(db.reads, query, page), request)

    @get(
        "/summary",
        opt=public(),
        operation_id="get_review_summary",
        summary="Count the reviews of a product by stars",
        responses=_OF_PRODUCT,
    )
    async def summary(
        self, db: NamedDependency[Database], principal: NamedDependency[Principal], key: Key
    ) -> Response[ReviewSummary]:
        """The product's rating, and how many approved reviews give how many stars."""
        body = await find_summary(db.reads, key, principal.visibility)
        if body is None:
            raise await missing(db.reads, "product", key, visibility=principal.visibility, below="/reviews/summary")
        return json_answer(ReviewSummary, body)


class ReviewController(Controller):
    """Single reviews, and the queue of moderators."""

    path = "/reviews"
    tags = ("Reviews",)
    request_max_body_size = 128 * 1024
    """Every field at its limit, each character written as an escape."""

    @get(
        opt=requires("write:reviews", role="admin"),
        operation_id="list_reviews",
        summary="List reviews to moderate",
        responses=LIST_PROBLEMS | ACTION_PROBLEMS,
    )
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        sort: SortParameter = "created_at",
        status: Annotated[ReviewStatus | None, QueryParameter(description="Only those with this status.")] = None,
        product: Annotated[
            str | None, QueryParameter(max_length=120, description="Only those of this product (id or slug).")
        ] = None,
        rating: StarsFilter = None,
    ) -> Response[Page[Review]]:
        """Those of all products, the oldest first."""
        query = ReviewQuery(
            viewer=Viewer(account_id=principal.account_id, is_admin=True),
            product=product,
            visibility=EVERYTHING,
            status=status,
            rating=tuple(rating or ()),
            sort=sort,
        )
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[Review], await list_all_reviews(db.reads, query, page), request)

    @get(
        "/{review_id:uuid}",
        opt=public(),
        operation_id="get_review",
        summary="Get a review",
        responses=GET_RESPONSES,
    )
    async def get(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        review_id: ReviewId,
    ) -> Response[Review]:
        """One that is approved, or the caller's own."""
        record = await find_review(db.reads, review_id, Viewer.of(principal))
        if record is None:
            raise no_review(review_id)
        return versioned_answer(Review, record.body, record.version, request=request)

    @patch(
        "/{review_id:uuid}",
        opt=requires("write:reviews"),
        operation_id="patch_review",
        summary="Change or moderate a review",
        responses=CHANGE_PROBLEMS,
    )
    async def patch(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        settings: Configuration,
        review_id: ReviewId,
        data: ReviewChanges,
        if_match: IfMatch = None,
    ) -> Response[Review]:
        """Its author changes stars and words, which then wait for a moderator again; an admin changes `status` and `reason`."""
        record = await ReviewService(session, principal, settings).patch(review_id, data, if_match=if_match)
        return versioned_answer(Review, record.body, record.version, request=request)

    @delete(
        "/{review_id:uuid}",
        opt=requires("write:reviews"),
        operation_id="delete_review",
        summary="Delete a review",
        responses=DELETE_PROBLEMS,
    )
    async def delete(
        self,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        settings: Configuration,
        review_id: ReviewId,
        if_match: IfMatch = None,
    ) -> None:
        """By its author or an admin; the author may then write another one."""
        await ReviewService(session, principal, settings).delete(review_id, if_match=if_match)
