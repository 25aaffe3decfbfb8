"""Categories as the API speaks of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.images import Showcase
from mercato.platform.text import Name, Prose, Slug

Position = Annotated[int, Meta(ge=0, le=1_000_000, description="Order among siblings, smallest first.")]


class Crumb(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a breadcrumb trail."""

    id: UUID
    slug: str
    name: str


class CategoryRef(msgspec.Struct, frozen=True, kw_only=True):
    """A category as products name it; `path` runs from the root to the category itself."""

    id: UUID
    slug: str
    name: str
    path: list[Crumb]


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A category; `path` is its breadcrumb trail, `product_count` counts what shoppers can see in it and below it."""

    id: UUID
    slug: str
    name: str
    description: str
    parent_id: UUID | None
    path: list[Crumb]
    position: int
    product_count: int
    image: Showcase | None
    created_at: datetime
    updated_at: datetime
    version: int


class CategoryNode(msgspec.Struct, frozen=True, kw_only=True):
    """A category in the tree view, with what is below it."""

    id: UUID
    slug: str
    name: str
    position: int
    product_count: int
    children: list["CategoryNode"]


class CategoryTree(msgspec.Struct, frozen=True, kw_only=True):
    """All categories, nested; siblings by position, then name."""

    items: list[CategoryNode]


class CategoryCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new category. Without `parent_id` it is a root; without a slug, one is made from the name. Also the body of PUT."""

    name: Name
    slug: Slug | None = None
    description: Prose = ""
    parent_id: UUID | None = None
    position: Position = 0


class CategoryPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to a category; fields left out stay as they are."""

    name: Name | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    parent_id: UUID | UnsetType | None = UNSET
    position: Position | UnsetType = UNSET


class CategoryMove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a category goes, with everything below it; `parent_id` null makes it a root."""

    parent_id: UUID | None
    position: Position = 0
