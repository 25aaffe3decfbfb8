"""Brands as the API speaks of them."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from mercato.catalog.images import Showcase
from mercato.platform.text import Name, Prose, Slug


class BrandRef(msgspec.Struct, frozen=True, kw_only=True):
    """A brand as products name it."""

    id: UUID
    slug: str
    name: str


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand; `product_count` counts what shoppers can see."""

    id: UUID
    slug: str
    name: str
    description: str
    product_count: int
    image: Showcase | None
    created_at: datetime
    updated_at: datetime
    version: int


class BrandCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new brand. Without a slug, one is made from the name. Also the body of PUT: what is left out gets its default."""

    name: Name
    slug: Slug | None = None
    description: Prose = ""


class BrandPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a brand; fields left out stay as they are."""

    name: Name | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
