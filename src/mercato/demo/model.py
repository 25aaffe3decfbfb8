"""What the demo catalog is made of: attributes, categories, brands and products, independent of any database."""

from datetime import datetime
from typing import Literal

import msgspec

from mercato.demo.pictures import Picture

AttributeType = Literal["text", "number", "boolean", "enum", "color", "date"]
AttributeValue = str | int | float | bool
Status = Literal["active", "draft", "archived"]


class DemoAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """A typed property of products; `options` lists the allowed values of an enum or a color, in display order."""

    code: str
    name: str
    type: AttributeType
    unit: str | None = None
    options: tuple[str, ...] = ()
    is_facet: bool = True
    is_searchable: bool = False
    is_sortable: bool = False
    position: int


class DemoCategory(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the category tree; `path` holds the names from the root to this one, `position` orders siblings."""

    path: tuple[str, ...]
    description: str
    position: int
    is_leaf: bool
    attributes: tuple[str, ...] = ()
    """Codes of what its products are expected to have, in order."""

    @property
    def name(self) -> str:
        return self.path[-1]


class DemoBrand(msgspec.Struct, frozen=True, kw_only=True):
    """An invented maker; `code` begins its SKUs and `price_level` scales its prices around 1."""

    name: str
    code: str
    price_level: float
    description: str


class DemoProduct(msgspec.Struct, frozen=True, kw_only=True):
    """One product with its single variant.

    Prices are in cents of euros, weights in grams, times in UTC. `category` is the path of names from the root to
    the leaf, `brand` a name in `BRANDS`, the keys of `attributes` are codes in `ATTRIBUTES`; dates are ISO 8601.
    """

    external_ref: str
    sku: str
    gtin: str
    slug: str
    name: str
    description: str
    brand: str
    category: tuple[str, ...]
    attributes: dict[str, AttributeValue]
    tags: tuple[str, ...]
    price: int
    compare_at_price: int | None
    stock: int
    weight_grams: int
    rating_average: float | None
    rating_count: int
    popularity: int
    created_at: datetime
    status: Status
    picture: Picture
