"""The tables of products, their variants and their pictures."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Numeric, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from mercato.catalog.attribute.schemas import AttributeValue
from mercato.platform.db import Base, Row, Versioned


class Product(Versioned):
    """A product. Price, compare-at price, currency and availability follow its variants, by a database trigger.

    `category_id` is its primary category, `category_ids` are further ones: a trigger keeps them apart.
    """

    slug: Mapped[str]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="draft")
    publish_at: Mapped[datetime | None]
    unpublish_at: Mapped[datetime | None]
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brand.id"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"))
    category_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    attributes: Mapped[dict[str, AttributeValue]] = mapped_column(JSONB, default=dict)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    options: Mapped[list[dict[str, object]]] = mapped_column(JSONB, default=list)
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    compare_at_amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    in_stock: Mapped[bool] = mapped_column(default=False)
    price_changes_at: Mapped[datetime | None]
    rating_average: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    rating_count: Mapped[int] = mapped_column(default=0)
    imported_rating_average: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    imported_rating_count: Mapped[int | None]
    popularity: Mapped[int] = mapped_column(default=0)
    seller_id: Mapped[UUID | None]
    external_ref: Mapped[str | None]


class Variant(Versioned):
    """What is sold of a product."""

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    sku: Mapped[str]
    gtin: Mapped[str | None]
    options: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    compare_at_amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    prices: Mapped[dict[str, dict[str, int | None]] | None] = mapped_column(JSONB(none_as_null=True))
    stock: Mapped[int] = mapped_column(default=0)
    allow_backorder: Mapped[bool] = mapped_column(default=False)
    low_stock_threshold: Mapped[int | None]
    weight_grams: Mapped[int | None]
    is_default: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class ProductImage(Row):
    """A picture of a product: which asset it shows is a matter of the room above, so `asset_id` is an id and no more here."""

    __tablename__ = "product_image"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"))
    alt: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class VariantImage(Row):
    """A picture that shows a variant: one of its product's."""

    __tablename__ = "variant_image"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    image_id: Mapped[UUID] = mapped_column(ForeignKey("product_image.id", ondelete="CASCADE"))
    position: Mapped[int]


class ProductChange(Base):
    """A transaction (its 64-bit id) that changed what the API says of a product. Written by a trigger, never changed."""

    __tablename__ = "product_change"

    changed_in: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    product_id: Mapped[UUID] = mapped_column(primary_key=True)


class ProductChangeEpoch(Base):
    """The count of transactions that the ids belong to."""

    __tablename__ = "product_change_epoch"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ProductChangeCommit(Base):
    """When a transaction that changed products was committed."""

    __tablename__ = "product_change_commit"

    changed_in: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    committed_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
