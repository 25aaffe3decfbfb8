"""What is said of one variant: its fields, as input gives them, onto its row."""

from typing import cast

from mercato.catalog.changes import Changes, assign, pick
from mercato.catalog.gtin import normalize_gtin
from mercato.catalog.product.models import Variant
from mercato.platform.money import Money
from mercato.platform.problems import InvalidInput

PLAIN_FIELDS = ("stock", "allow_backorder", "weight_grams", "position")
VALUE_FIELDS = ("sku", "gtin", "price", "compare_at_price", "stock", "allow_backorder", "weight_grams")
"""What a product's own body says of its only variant."""


def apply_fields(variant: Variant, values: Changes, at: str = "") -> None:
    """Set what `values` has. `at` points to the variant in the body; raises `InvalidInput` there."""
    fields = pick(values, PLAIN_FIELDS)
    if isinstance(sku := values.get("sku"), str):
        fields["sku"] = sku
    if "gtin" in values:
        fields["gtin"] = _gtin(values["gtin"], at)
    if "price" in values:
        price = cast("Money | None", values["price"])
        fields |= {"price_amount": price and price.amount, "currency": price and price.currency}
    if "compare_at_price" in values:
        before = cast("Money | None", values["compare_at_price"])
        fields["compare_at_amount"] = before and before.amount
    _check_currencies(variant, values, at)
    assign(variant, fields)
    if variant.compare_at_amount is not None and variant.price_amount is None:
        raise InvalidInput.at(f"{at}/compare_at_price", "needs a price to compare with", "price_missing")


def _gtin(digits: object, at: str) -> str | None:
    if not isinstance(digits, str):
        return None
    padded = normalize_gtin(digits)
    if padded is None:
        raise InvalidInput.at(f"{at}/gtin", "has a wrong check digit", "gtin_check_digit")
    return padded


def _check_currencies(variant: Variant, values: Changes, at: str) -> None:
    """Both prices are in one currency; one that the caller leaves out is the stored one."""
    before_is_stored = variant.compare_at_amount is not None
    price = _currency_of(values, "price", variant.currency)
    before = _currency_of(values, "compare_at_price", variant.currency if before_is_stored else None)
    if price is not None and before is not None and price != before:
        pointer = f"{at}/compare_at_price/currency"
        raise InvalidInput.at(pointer, f"is {before}, the price's is {price}", "currency_mismatch")


def _currency_of(values: Changes, field: str, stored: str | None) -> str | None:
    if field not in values:
        return stored
    money = values[field]
    return money.currency if isinstance(money, Money) else None
