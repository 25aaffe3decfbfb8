"""SKUs for variants that come without one: the product's own and the values, such as MUG-GREEN-350-ML."""

from collections.abc import Collection, Iterable, Mapping

from slugify import slugify

from mercato.catalog.variant.schemas import MAX_SKU_LENGTH

MAX_NUMBER = 9
_ROOM_FOR_NUMBER = len(f"-{MAX_NUMBER}")


def stem_of(sku: str, options: Mapping[str, str], names: Iterable[str]) -> str:
    """The SKU of a variant without its values, when it was made of them."""
    return sku.removesuffix(_suffix(options, names)) or sku


def make_sku(stem: str, options: Mapping[str, str], names: Iterable[str]) -> str:
    """The stem and the values, in the order of the options; cut where it is too long."""
    suffix = _suffix(options, names)[: MAX_SKU_LENGTH // 2]
    return (stem[: MAX_SKU_LENGTH - _ROOM_FOR_NUMBER - len(suffix)] + suffix).rstrip("- ")


def numbered(sku: str) -> list[str]:
    """The SKU and what it becomes when it is taken: SKU-2, SKU-3, …"""
    return [sku, *(f"{sku}-{n}" for n in range(2, MAX_NUMBER + 1))]


def first_free(sku: str, taken: Collection[str]) -> str:
    """The first of them that is not taken; the SKU itself when all are, which the database then refuses."""
    return next((form for form in numbered(sku) if form not in taken), sku)


def _suffix(options: Mapping[str, str], names: Iterable[str]) -> str:
    parts = (slugify(options[name]).upper() for name in names if name in options)
    return "".join(f"-{part}" for part in parts if part)
