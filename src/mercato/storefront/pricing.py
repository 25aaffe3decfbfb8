"""What a price says beside its number."""

import msgspec

from mercato.catalog.product.schemas import Product
from mercato.catalog.variant.schemas import Variant
from mercato.platform.money import Money


def reduction(price: Money | None, compare_at: Money | None) -> int:
    """How much a price is reduced, in whole percent; 0 without a reduction."""
    if price is None or compare_at is None or price.currency != compare_at.currency:
        return 0
    if compare_at.amount <= price.amount:
        return 0
    return int(100 * (compare_at.amount - price.amount) / compare_at.amount)


def in_currency(product: Product, currency: str) -> Product:
    """The product with its prices in a currency; one that has none in it at all stays as it is."""
    variants = [_variant_in(variant, currency) for variant in product.variants]
    prices = [(variant.price.amount, place) for place, variant in enumerate(variants) if variant.price is not None]
    if not prices:
        return product
    _, cheapest = min(prices)
    return msgspec.structs.replace(
        product,
        variants=variants,
        price=variants[cheapest].price,
        compare_at_price=variants[cheapest].compare_at_price,
    )


def _variant_in(variant: Variant, currency: str) -> Variant:
    if variant.price is not None and variant.price.currency == currency:
        return variant
    found = next((one for one in variant.prices if one.price.currency == currency), None)
    return msgspec.structs.replace(
        variant,
        price=found and found.price,
        compare_at_price=found and found.compare_at_price,
        sale=None,
    )
