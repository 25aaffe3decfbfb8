"""The product page."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec
from babel.core import UnknownLocaleError
from babel.dates import format_date

from mercato.catalog.attribute.schemas import AttributeValue
from mercato.catalog.images import ProductImage
from mercato.catalog.product.schemas import Product
from mercato.catalog.variant.schemas import Variant
from mercato.platform.html import has_markup, plain_text, sanitise
from mercato.search.schemas import SearchHit, SearchQuery, SearchSort
from mercato.search.service import SearchService
from mercato.search.taxonomy import Taxonomy, TaxonomyAttribute
from mercato.storefront.navigation import Link, breadcrumbs, reference_trail
from mercato.storefront.pages.variants import Picker, chosen_variant, make_pickers, ordered_images
from mercato.storefront.rendering import Shop
from mercato.storefront.swatches import swatch

RELATED = 6
LOW_STOCK = 5
"""Up to so many pieces, the page says how many are left."""
_DESCRIPTION_LENGTH = 155
_PARAGRAPHS = re.compile(r"\n\s*\n")


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """Availability in words."""

    state: Literal["in", "low", "order", "out"]
    label: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute of the product in words, with the colour it names."""

    name: str
    value: str
    color: str | None = None


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the product page shows."""

    product: Product
    variant: Variant
    """The one that is shown: its price, stock and pictures."""
    images: Sequence[ProductImage]
    pickers: list[Picker]
    trail: list[Link]
    further: list[Link]
    """The categories that the product is in besides the one that the trail leads to."""
    stock: Stock
    gtin: str
    """As it is printed on the package; empty where there is none."""
    markup: str
    """The description when it is HTML, cleaned once more: rows may have come past the services. Empty when it is plain text."""
    paragraphs: list[str]
    """The description when it is plain text."""
    facts: list[Fact]
    related: list[SearchHit]
    summary: str
    """The description in one line, for search engines."""


async def make_product_page(
    shop: Shop, product: Product, search: SearchService, taxonomy: Taxonomy, *, sku: str | None = None
) -> ProductPage:
    """Lay out a product as the variant with this SKU, with popular products of its category beside it."""
    is_markup = has_markup(product.description)
    variant = chosen_variant(product, sku)
    return ProductPage(
        product=product,
        variant=variant,
        images=ordered_images(product, variant),
        pickers=make_pickers(product, variant, taxonomy),
        trail=breadcrumbs(reference_trail(product.category)),
        further=[reference_trail(category)[-1] for category in product.categories[1:]],
        stock=_stock(shop, variant),
        # Stored with 14 digits, the first of them a filler for all but cartons (GS1 General Specifications, section 3.3.2).
        gtin=(variant.gtin or "").removeprefix("0"),
        markup=sanitise(product.description) if is_markup else "",
        paragraphs=[] if is_markup else _paragraphs(product.description),
        facts=_facts(shop, product, taxonomy),
        related=await _related(product, search),
        summary=summarise(plain_text(product.description)) or product.name,
    )


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in _PARAGRAPHS.split(text) if part.strip()]


def summarise(text: str) -> str:
    """The start of a text in one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= _DESCRIPTION_LENGTH:
        return line
    return line[:_DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(".,;:") + "…"


async def _related(product: Product, search: SearchService) -> list[SearchHit]:
    if product.category is None:
        return []
    query = SearchQuery(
        category=(product.category.slug,),
        sort=SearchSort.POPULARITY_DESC,
        facets=(),
        limit=RELATED + 1,
        highlight=False,
    )
    hits = (await search.search(query)).hits
    return [hit for hit in hits if hit.id != product.id][:RELATED]


def _stock(shop: Shop, variant: Variant) -> Stock:
    if variant.stock > LOW_STOCK:
        return Stock(state="in", label="In stock")
    if variant.stock > 0:
        return Stock(state="low", label=f"Only {shop.number(variant.stock)} left")
    if variant.allow_backorder:
        return Stock(state="order", label="On order: sent as soon as it arrives")
    return Stock(state="out", label="Sold out")


def _facts(shop: Shop, product: Product, taxonomy: Taxonomy) -> list[Fact]:
    known = taxonomy.attributes

    def place(code: str) -> tuple[int, str]:
        return (known[code].position if code in known else 1_000_000, code)

    return [
        _fact(shop, code, product.attributes[code], known.get(code)) for code in sorted(product.attributes, key=place)
    ]


def _fact(shop: Shop, code: str, value: AttributeValue, attribute: TaxonomyAttribute | None) -> Fact:
    name = attribute.name if attribute else code.replace("_", " ").capitalize()
    text = _in_words(shop, value)
    if attribute and attribute.type == "date" and isinstance(value, str):
        text = _date(shop, value)
    if attribute and attribute.unit:
        text = f"{text}\u00a0{attribute.unit}"
    is_color = attribute is not None and attribute.type == "color"
    return Fact(name=name, value=text, color=swatch(str(value)) if is_color else None)


def _in_words(shop: Shop, value: AttributeValue) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return shop.number(value) if isinstance(value, int | float) else value


def _date(shop: Shop, value: str) -> str:
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return value
    try:
        return str(format_date(day, format="long", locale=shop.locale))
    except UnknownLocaleError:
        return day.isoformat()
