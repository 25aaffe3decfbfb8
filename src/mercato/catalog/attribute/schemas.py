"""Attributes (the typed properties of products) as the API speaks of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.platform.text import LINE_PATTERN, Code, Label

AttributeType = Literal["text", "number", "boolean", "enum", "color", "date"]
AttributeValue = str | bool | int | float
Options = Annotated[list[Label], Meta(max_length=500, description="The values an enum or color attribute can have.")]
Position = Annotated[int, Meta(ge=0, le=1_000_000)]
Unit = Annotated[str, Meta(min_length=1, max_length=20, pattern=LINE_PATTERN, examples=["cm"])]


class Quantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number in a unit; it is stored in the unit of the attribute."""

    value: int | float
    unit: Unit


AttributeInput = AttributeValue | Quantity
"""A value as callers send it; numbers may name their unit."""


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """A typed property that products can have.

    `is_facet` makes it a filter of search, `is_searchable` makes its values findable, `is_sortable` makes it an order of results.
    """

    id: UUID
    code: str
    name: str
    type: AttributeType
    unit: str | None
    options: list[str]
    is_facet: bool
    is_searchable: bool
    is_sortable: bool
    position: int
    created_at: datetime
    updated_at: datetime
    version: int


class AttributeCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new attribute. Also the body of PUT: what is left out gets its default."""

    code: Code
    name: Label
    type: AttributeType
    unit: Unit | None = None
    options: Options = []
    is_facet: bool = False
    is_searchable: bool = False
    is_sortable: bool = False
    position: Position = 0


class AttributePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to an attribute; fields left out stay as they are. The code never changes: products refer to it."""

    name: Label | UnsetType = UNSET
    type: AttributeType | UnsetType = UNSET
    unit: Unit | UnsetType | None = UNSET
    options: Options | UnsetType = UNSET
    is_facet: bool | UnsetType = UNSET
    is_searchable: bool | UnsetType = UNSET
    is_sortable: bool | UnsetType = UNSET
    position: Position | UnsetType = UNSET
