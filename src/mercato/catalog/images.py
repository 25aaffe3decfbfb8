"""Pictures as products, categories and brands show them."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

ImageStatus = Literal["processing", "ready", "failed"]
Share = Annotated[float, Meta(ge=0, le=1)]


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """A picture in one size and format, ready to be shown. Sizes in pixels and bytes."""

    name: str
    format: Literal["avif", "webp", "jpeg"]
    width: int
    height: int
    bytes: int
    url: str


class FocalPoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The point that a cut keeps, as shares of width and height from the upper left corner."""

    x: Share
    y: Share


class ImageSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The primary picture as lists show it. Sizes in pixels; `url` is the original, `thumbnail_url` fits into 320 pixels once that is made."""

    id: UUID
    url: str
    alt: str
    position: int
    is_primary: bool
    width: int
    height: int
    status: ImageStatus
    dominant_color: str | None
    thumbnail_url: str


class ProductImage(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a product. Sizes in pixels; the first one is the primary one.

    `url` is the original, to be shown while `status` is `processing`; then `renditions` are there. `failure` says why there are none.
    `placeholder` is a tiny picture as a data URI.
    """

    id: UUID
    url: str
    alt: str
    position: int
    is_primary: bool
    width: int
    height: int
    status: ImageStatus
    dominant_color: str | None
    placeholder: str | None
    failure: str | None
    focal_point: FocalPoint | None
    renditions: list[Rendition]
    version: int


class Showcase(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a category or brand; what its fields mean, `ProductImage` says. The name of what it stands for are its words."""

    url: str
    width: int
    height: int
    status: ImageStatus
    dominant_color: str | None
    placeholder: str | None
    renditions: list[Rendition]
