"""Reviews as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.product.schemas import Rating
from mercato.platform.text import END, NOT_IN_A_LINE, PROSE_PATTERN

ReviewStatus = Literal["pending", "approved", "rejected"]
ReviewSort = Literal["-created_at", "created_at", "-rating", "rating"]
MAX_TITLE_LENGTH, MAX_BODY_LENGTH = 150, 5000
Stars = Annotated[int, Meta(ge=1, le=5, description="Stars: 1 is the worst, 5 the best.")]
Title = Annotated[
    str, Meta(max_length=MAX_TITLE_LENGTH, pattern=rf"^[^{NOT_IN_A_LINE}]*{END}", description="One line of plain text.")
]
ReviewText = Annotated[str, Meta(max_length=MAX_BODY_LENGTH, pattern=PROSE_PATTERN, description="Plain text.")]
Reason = Annotated[
    str, Meta(max_length=1000, pattern=PROSE_PATTERN, description="What the moderator tells the author.")
]


class ReviewedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product as its reviews name it."""

    id: UUID
    slug: str
    name: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A review. `author` is a name, nothing more.

    `reason` and `moderated_at` are null for all but its author and admins, `account_id` and `moderated_by` for all but admins.
    """

    id: UUID
    product: ReviewedProduct
    author: str
    rating: int
    title: str
    body: str
    status: ReviewStatus
    is_mine: bool
    reason: str | None
    moderated_at: datetime | None
    account_id: UUID | None
    moderated_by: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int


class StarCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many approved reviews give so many stars."""

    stars: int
    count: int


class ReviewSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The ratings of a product. `rating` is the product's, to which an import may have brought ratings without a review.

    `reviews` counts the approved ones; `stars` counts them by stars, the most first.
    """

    rating: Rating
    reviews: int
    stars: list[StarCount]


class ReviewCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new review; the stars are enough."""

    rating: Stars
    title: Title = ""
    body: ReviewText = ""


class ReviewPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a review: `rating`, `title` and `body` by its author, `status` and `reason` by an admin."""

    rating: Stars | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    body: ReviewText | UnsetType = UNSET
    status: ReviewStatus | UnsetType = UNSET
    reason: Reason | UnsetType = UNSET
