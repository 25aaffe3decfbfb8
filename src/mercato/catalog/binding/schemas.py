"""Attributes of categories as the API speaks of them."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from mercato.catalog.attribute.schemas import AttributeType, Position
from mercato.platform.text import Code

MAX_BINDINGS = 200


class CategoryName(msgspec.Struct, frozen=True, kw_only=True):
    """A category by its names."""

    id: UUID
    slug: str
    name: str


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute that products of the category are expected to have; `inherited_from` is null when the category says so itself."""

    code: str
    name: str
    type: AttributeType
    unit: str | None
    options: list[str]
    is_required: bool
    position: int
    inherited_from: CategoryName | None


class CategoryAttributes(msgspec.Struct, frozen=True, kw_only=True):
    """What products of a category are expected to have: what it says itself, and what it inherits. `version` is the category's."""

    category: CategoryName
    items: list[Binding]
    version: int


class BindingInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attribute of a category. Without `position` it keeps its place in the list."""

    code: Code
    is_required: bool = False
    position: Position | None = None


class CategoryAttributesInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a category says itself; what it inherits stays, unless it names the same attribute."""

    items: Annotated[list[BindingInput], Meta(max_length=MAX_BINDINGS)]
