"""Products and variants as the API speaks of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.attribute.schemas import AttributeInput, AttributeValue
from mercato.catalog.brand.schemas import BrandRef
from mercato.catalog.category.schemas import CategoryRef
from mercato.catalog.images import ImageSummary, ProductImage
from mercato.catalog.variant.schemas import (
    MAX_VARIANTS,
    Option,
    Options,
    Variant,
    VariantChanges,
    VariantCreate,
    VariantValues,
)
from mercato.platform.clock import Timestamp
from mercato.platform.money import Money
from mercato.platform.problems import ProblemBody
from mercato.platform.text import Code, Label, Name, Prose, Reference, Slug

ProductSort = Literal["created_at", "-created_at", "updated_at", "name", "price", "-price"]
PublicationAction = Literal["publish", "unpublish", "archive"]
ProductStatus = Literal["draft", "active", "archived"]
Tags = Annotated[list[Label], Meta(max_length=50)]
Categories = Annotated[
    list[UUID],
    Meta(
        max_length=20,
        description="Further categories, in order. Without a primary one (`category_id`) the first takes its place.",
    ),
]
Attributes = Annotated[dict[Code, AttributeInput], Meta(max_length=500)]
BatchData = Annotated[
    dict[str, object],
    Meta(description="A `ProductCreate` for a create, a `ProductPatch` for an update; each is checked by itself."),
]


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """Average of the reviews (1 to 5; null without any) and their number."""

    average: float | None
    count: int


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product with everything the API knows of it. `price` is the lowest of its variants; `category`, the primary one, comes
    first in `categories`.
    """

    id: UUID
    slug: str
    name: str
    description: str
    status: ProductStatus
    publish_at: datetime | None
    unpublish_at: datetime | None
    brand: BrandRef | None
    category: CategoryRef | None
    categories: list[CategoryRef]
    attributes: dict[str, AttributeValue]
    options: list[Option]
    variants: list[Variant]
    images: list[ProductImage]
    tags: list[str]
    price: Money | None
    compare_at_price: Money | None
    rating: Rating
    in_stock: bool
    seller_id: UUID | None
    external_ref: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class ProductReplacement(VariantValues, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as it should be. What is left out gets its default, save slug, SKU and options, which stay.

    `sku`, `price`, `stock` and the like describe its variant, as long as it has one.
    """

    name: Name
    slug: Slug | None = None
    description: Prose = ""
    status: ProductStatus = "draft"
    publish_at: Timestamp | None = None
    unpublish_at: Timestamp | None = None
    brand_id: UUID | None = None
    category_id: UUID | None = None
    category_ids: Categories = msgspec.field(default_factory=list)
    attributes: Attributes = msgspec.field(default_factory=dict)
    options: Options | UnsetType = UNSET
    tags: Tags = msgspec.field(default_factory=list)
    external_ref: Reference | None = None


class ProductCreate(ProductReplacement, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new product; only the name is required.

    `sku`, `price`, `stock` and the like describe its only variant. Or `variants` lists several; `options` then may be left out
    (they are those that the variants name), and `sku` is what SKUs that are left out begin with.
    """

    variants: Annotated[list[VariantCreate], Meta(max_length=MAX_VARIANTS)] = msgspec.field(default_factory=list)


class ProductPatch(VariantChanges, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a product; fields left out stay as they are. In `attributes`, null removes a value and the others stay."""

    name: Name | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    publish_at: Timestamp | UnsetType | None = UNSET
    unpublish_at: Timestamp | UnsetType | None = UNSET
    brand_id: UUID | UnsetType | None = UNSET
    category_id: UUID | UnsetType | None = UNSET
    category_ids: Categories | UnsetType = UNSET
    attributes: Annotated[dict[Code, AttributeInput | None], Meta(max_length=500)] | UnsetType = UNSET
    options: Options | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    external_ref: Reference | UnsetType | None = UNSET


class ProductSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A product as lists show it."""

    id: UUID
    slug: str
    name: str
    status: ProductStatus
    brand: BrandRef | None
    category: CategoryRef | None
    price: Money | None
    compare_at_price: Money | None
    rating: Rating
    in_stock: bool
    image: ImageSummary | None
    sku: str | None
    external_ref: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class ProductGone(msgspec.Struct, frozen=True, kw_only=True):
    """A product that was deleted, or that the caller cannot see any more."""

    id: UUID
    deleted: Literal[True]


@dataclass(frozen=True, kw_only=True)
class ProductPage:  # msgspec knows no union of structs without tags, and only the API description asks what this is
    """One page of products; `total` is null unless asked for with `count=`.

    `resume_cursor` is there when changes are followed: where to go on from, now or at any later time.
    """

    items: list[ProductSummary | ProductGone]
    next_cursor: str | None
    total: int | None
    resume_cursor: str | None = None


class BatchOperation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change of a batch.

    `id` (or slug) names the product of an update or a delete; `version` refuses the change when the product has another one by
    now. `data` is what POST takes for a create, and what PATCH takes for an update.
    """

    op: Literal["create", "update", "delete"]
    id: Annotated[str, Meta(min_length=1, max_length=120, description="Id or slug.")] | None = None
    version: Annotated[int, Meta(ge=1)] | None = None
    data: BatchData | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes that are made in their order. With `reject_all` either all of them are stored or none."""

    operations: Annotated[list[BatchOperation], Meta(min_length=1, max_length=100)]
    error_policy: Literal["reject_all", "reject_failed"] = "reject_all"


class Publication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do with many products: `publish` makes them active, `unpublish` drafts, `archive` archived.

    With `at`, they become visible or hidden then (`publish_at`, `unpublish_at`); archiving is at once.
    """

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=1000)]
    action: PublicationAction
    at: Timestamp | None = None


class BatchResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one operation: the status that a request of its own would have had, with the product or the problem."""

    index: int
    status: int
    id: UUID | None = None
    version: int | None = None
    problem: ProblemBody | None = None


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One result for each operation, in their order."""

    results: list[BatchResult]
