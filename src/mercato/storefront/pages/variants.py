"""Choosing among the variants of a product: which one a page shows, and where each value of an option leads."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from mercato.catalog.images import ProductImage
from mercato.catalog.product.schemas import Product
from mercato.catalog.variant.options import option_code
from mercato.catalog.variant.schemas import Option, Variant
from mercato.search.taxonomy import Taxonomy, TaxonomyAttribute
from mercato.storefront.swatches import swatch

FIELD = "option-"
"""Start of the fields of the form, the number of the option behind it; what they choose is shown by its SKU (`variant`)."""
_COLOUR_NAMES = frozenset({"color", "colour"})


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an option, and the SKU of the variant that it leads to."""

    value: str
    label: str
    sku: str
    is_chosen: bool
    state: Literal["in", "out", "other"]
    """With the other values chosen: can be had, is sold out, or does not exist, so that it leads to another combination."""
    color: str | None


class Picker(msgspec.Struct, frozen=True, kw_only=True):
    """One option as a radio group; called as the attribute that it goes with, and numbers with its unit."""

    field: str
    label: str
    value: str
    """What is chosen, in words."""
    choices: list[Choice]


def chosen_variant(product: Product, sku: str | None) -> Variant:
    """The variant with this SKU, else the default."""
    default = next((variant for variant in product.variants if variant.is_default), product.variants[0])
    return next((variant for variant in product.variants if variant.sku == sku), default)


def read_choices(product: Product, fields: Mapping[str, str]) -> dict[str, str]:
    """The values that the form sent, by option; what is no value of an option is left out."""
    return {
        option.name: value
        for n, option in enumerate(product.options, start=1)
        if (value := fields.get(f"{FIELD}{n}")) in option.values
    }


def nearest_variant(product: Product, now: Variant, chosen: Mapping[str, str]) -> Variant:
    """The variant that has the values chosen; where there is none, what differs from `now` counts before what stays."""
    changed = {name for name, value in chosen.items() if now.options.get(name) != value}

    def fitness(variant: Variant) -> tuple[int, int, bool, bool]:
        fitting = [name for name, value in chosen.items() if variant.options.get(name) == value]
        return sum(name in changed for name in fitting), len(fitting), is_available(variant), variant.is_default

    return max(product.variants, key=fitness)


def is_available(variant: Variant) -> bool:
    """Whether it can be bought now."""
    return variant.stock > 0 or variant.allow_backorder


def make_pickers(product: Product, shown: Variant, taxonomy: Taxonomy) -> list[Picker]:
    """A radio group for each option; none where there is nothing to choose."""
    if len(product.variants) < 2:
        return []
    return [
        _picker(
            product, shown, option, field=f"{FIELD}{n}", attribute=taxonomy.attributes.get(option_code(option.name))
        )
        for n, option in enumerate(product.options, start=1)
    ]


def _picker(
    product: Product, shown: Variant, option: Option, *, field: str, attribute: TaxonomyAttribute | None
) -> Picker:
    choices = _choices(product, shown, option, attribute)
    return Picker(
        field=field,
        label=attribute.name if attribute else option.name,
        value=next((choice.label for choice in choices if choice.is_chosen), ""),
        choices=choices,
    )


def ordered_images(product: Product, shown: Variant) -> Sequence[ProductImage]:
    """The pictures of the variant first, then the product's others."""
    places = {image_id: place for place, image_id in enumerate(shown.image_ids)}
    return sorted(product.images, key=lambda image: places.get(image.id, len(places)))


def _choices(product: Product, shown: Variant, option: Option, attribute: TaxonomyAttribute | None) -> list[Choice]:
    is_colour = option_code(option.name) in _COLOUR_NAMES or (attribute is not None and attribute.type == "color")
    unit = attribute.unit if attribute else None
    offered = {variant.options.get(option.name) for variant in product.variants}
    choices = []
    for value in option.values:
        if value not in offered:
            continue
        wanted = {**shown.options, option.name: value}
        target = nearest_variant(product, shown, wanted)
        state: Literal["in", "out"] = "in" if is_available(target) else "out"
        choices.append(
            Choice(
                value=value,
                label=f"{value}\u00a0{unit}" if unit and value[-1:].isdigit() else value,
                sku=target.sku,
                is_chosen=shown.options.get(option.name) == value,
                state=state if target.options == wanted else "other",
                color=swatch(value) if is_colour else None,
            )
        )
    return choices
