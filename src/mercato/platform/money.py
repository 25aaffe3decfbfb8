"""Money: integer minor units and an ISO 4217 currency. Never a float."""

import re
from collections.abc import Mapping
from copy import copy
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Annotated

import msgspec
from babel.core import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from msgspec import Meta

from mercato.platform.text import END

MAX_AMOUNT = 10**15
"""Largest price in minor units: far above any price, far below what JavaScript keeps exact (2**53)."""

CURRENCIES: frozenset[str] = frozenset(code for code in list_currencies("en") if len(code) == 3 and code.isalpha())

_OTHER_THAN_TWO: Mapping[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
# CLDR (and so babel) says how people write prices, which is without decimals for a dozen more (RSD, IQD): payments count in these.
MINOR_DIGITS: Mapping[str, int] = {code: digits for digits, codes in _OTHER_THAN_TWO.items() for code in codes.split()}
"""Decimals of the currencies that have other than two (source: ISO 4217, list one, "minor unit")."""

# "KWD 3.045", not "KWD3.045" (Unicode TR 35, part 3, "currency spacing", which babel leaves out).
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

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


class FurtherCurrencies:
    """Currencies as settings write them: "USD, JPY"."""

    def __init__(self, text: str = "") -> None:
        """Raises `ValueError` for what is no currency."""
        self.codes = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        for code in self.codes:
            if code not in CURRENCIES:
                raise ValueError(f"{code!r} is no currency (ISO 4217)")

    def __repr__(self) -> str:
        return f"FurtherCurrencies({', '.join(self.codes)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FurtherCurrencies) and self.codes == other.codes

    def __hash__(self) -> int:
        return hash(self.codes)


def minor_digits(currency: str) -> int:
    """Decimals of the currency: 2 for EUR, 0 for JPY, 3 for KWD (source: ISO 4217)."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(f"unknown currency {currency!r}")
    return MINOR_DIGITS.get(currency, 2)


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
        spoken = Locale.parse(locale)
    except UnknownLocaleError:
        spoken = Locale.parse("en")
    pattern = copy(spoken.currency_formats["standard"])
    pattern.frac_prec = (minor_digits(currency),) * 2
    written: str = pattern.apply(to_major(amount, currency), spoken, currency=currency, currency_digits=False)
    return _LETTER_BESIDE_DIGIT.sub("\u00a0", written)
