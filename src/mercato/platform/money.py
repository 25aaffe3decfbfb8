"""Money: integer minor units and an ISO 4217 currency. Never a float."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Annotated

import msgspec
from babel.core import UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision, list_currencies
from msgspec import Meta

from mercato.platform.text import END

MAX_AMOUNT = 10**15
"""Largest price in minor units: far above any price, far below what JavaScript keeps exact (2**53)."""

CURRENCIES: frozenset[str] = frozenset(code for code in list_currencies("en") if len(code) == 3 and code.isalpha())

Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="Minor units of the currency (cents for EUR).")]
CurrencyCode = Annotated[
    str, Meta(pattern=rf"^[A-Z]{{3}}{END}", description="ISO 4217 currency code.", examples=["EUR", "USD", "JPY"])
]


class UnknownCurrency(ValueError):
    """The code is not an ISO 4217 currency."""


class InvalidAmount(ValueError):
    """The text is not a price, is negative, too large, or has more decimals than its currency."""


class Money(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount of one currency, for example `{"amount": 1999, "currency": "EUR"}` for 19.99 euros."""

    amount: Amount
    currency: CurrencyCode

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise UnknownCurrency(f"unknown currency {self.currency!r}")


def minor_digits(currency: str) -> int:
    """Decimals of the currency: 2 for EUR, 0 for JPY, 3 for KWD (source: CLDR, by babel)."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(f"unknown currency {currency!r}")
    return get_currency_precision(currency)


def parse_amount(text: str, currency: str) -> int:
    """Read a decimal price in major units ("19.99") into minor units (1999); raises `InvalidAmount`."""
    digits = minor_digits(currency)
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise InvalidAmount(f"{text!r} is not a number") from None
    if not value.is_finite() or value < 0:
        raise InvalidAmount(f"{text!r} is not a price of zero or more")
    if value > MAX_AMOUNT:
        raise InvalidAmount(f"{text!r} is too large")
    minor = value.scaleb(digits)
    if minor != minor.to_integral_value():
        raise InvalidAmount(f"{text!r} has more than {digits} decimals, the most that {currency} has")
    if minor > MAX_AMOUNT:
        raise InvalidAmount(f"{text!r} is too large")
    return int(minor)


def to_major(amount: int, currency: str) -> Decimal:
    """Minor units as a decimal number of major units: 1999 EUR is Decimal("19.99")."""
    digits = minor_digits(currency)
    return Decimal(amount).scaleb(-digits).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def format_money(amount: int, currency: str, locale: str) -> str:
    """A price as a person of `locale` writes it, for example "€19.99"."""
    try:
        return format_currency(to_major(amount, currency), currency, locale=locale)
    except UnknownLocaleError:
        return format_currency(to_major(amount, currency), currency, locale="en")
