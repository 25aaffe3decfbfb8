"""Completeness as the API speaks of it."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from mercato.catalog.product.schemas import ProductStatus
from mercato.platform.text import END

Score = Annotated[int, Meta(ge=0, le=100)]
ATTRIBUTE_PREFIX = "attributes."
MISSING_PATTERN = rf"^(?:description|price|brand|category|image|gtin|attributes\.[a-z][a-z0-9_]{{0,59}}){END}"


class MissingField(msgspec.Struct, frozen=True, kw_only=True):
    """Something that lacks: a field of the product, or `attributes.<code>`. `required`: without it the product does not go active."""

    field: str
    required: bool


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """How complete a product is: the share of what is expected, in whole percent rounded down, so that 100 means everything."""

    id: UUID
    slug: str
    name: str
    status: ProductStatus
    score: Score
    missing: list[MissingField]
    version: int
