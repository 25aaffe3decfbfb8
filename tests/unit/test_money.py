"""Money: minor units, decimals of each currency, reading and writing."""

import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mercato.storefront
from mercato.platform.money import (
    CURRENCIES,
    MAX_AMOUNT,
    MINOR_DIGITS,
    InvalidAmount,
    Money,
    UnknownCurrency,
    format_money,
    minor_digits,
    parse_amount,
    to_major,
)

currencies = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(min_value=0, max_value=MAX_AMOUNT)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("IQD", 3), ("RSD", 2), ("CLF", 4)]
)
def test_a_currency_has_its_decimals(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("19.9", "EUR", 1990),
        (" 20 ", "EUR", 2000),
        ("20.000", "EUR", 2000),
        ("0", "EUR", 0),
        ("-0", "EUR", 0),
        ("1980", "JPY", 1980),
        ("1.234", "KWD", 1234),
        ("1e3", "EUR", 100_000),
        ("10000000000000", "EUR", MAX_AMOUNT),
    ],
)
def test_a_decimal_price_is_read_into_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "EUR"),
        ("free", "EUR"),
        ("19,99", "EUR"),
        ("€19.99", "EUR"),
        ("-0.01", "EUR"),
        ("19.999", "EUR"),
        ("19.8", "JPY"),
        ("1.2345", "KWD"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1e400", "EUR"),
        ("10000000000000.01", "EUR"),
        ("9" * 400, "EUR"),
    ],
)
def test_what_is_no_price_of_the_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, currency)


@pytest.mark.parametrize("currency", ["XYZ", "eur", "", "EURO", "EUR\n"])
def test_an_unknown_currency_is_refused_everywhere(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        parse_amount("1", currency)
    with pytest.raises(UnknownCurrency):
        to_major(1, currency)
    with pytest.raises(UnknownCurrency):
        Money(amount=1, currency=currency)


@given(amounts, currencies)
def test_writing_a_price_and_reading_it_gives_the_same(amount: int, currency: str) -> None:
    assert parse_amount(str(to_major(amount, currency)), currency) == amount


@given(amounts, currencies)
def test_major_units_show_all_decimals_of_the_currency(amount: int, currency: str) -> None:
    major = to_major(amount, currency)
    assert major == Decimal(amount) / 10 ** minor_digits(currency)
    assert -int(major.as_tuple().exponent) == minor_digits(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (1999, "EUR", "en_IE", "€19.99"),
        (1999, "EUR", "de_DE", "19,99\u00a0€"),
        (123_456_789, "USD", "en_US", "$1,234,567.89"),
        (1980, "JPY", "en_US", "¥1,980"),
        (0, "EUR", "en_IE", "€0.00"),
        (3045, "KWD", "en_US", "KWD\u00a03.045"),
        (3045, "KWD", "de_DE", "3,045\u00a0KWD"),
        (1_250_000, "IQD", "en_US", "IQD\u00a01,250.000"),
        (19_999, "RSD", "en_US", "RSD\u00a0199.99"),
        (1999, "EUR", "xx_XX", "€19.99"),
    ],
)
def test_people_read_prices_as_they_write_them(amount: int, currency: str, locale: str, text: str) -> None:
    assert format_money(amount, currency, locale) == text


@given(amounts, currencies)
def test_money_survives_the_wire(amount: int, currency: str) -> None:
    money = Money(amount=amount, currency=currency)
    assert msgspec.json.decode(msgspec.json.encode(money), type=Money) == money


@pytest.mark.parametrize("amount", [-1, MAX_AMOUNT + 1, 1.5, "1", True, None])
def test_money_on_the_wire_is_a_whole_number_in_range(amount: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount": amount, "currency": "EUR"}, Money)


def test_the_script_of_the_pages_counts_decimals_as_the_server_does() -> None:
    script = (Path(mercato.storefront.__file__).parent / "static" / "shop.js").read_text()
    [table] = re.findall(r"const MINOR_DIGITS = {\n(.*?)};", script, re.DOTALL)
    read = {code: int(digits) for digits, codes in re.findall(r'(\d): "([^"]*)"', table) for code in codes.split()}
    assert read == MINOR_DIGITS
