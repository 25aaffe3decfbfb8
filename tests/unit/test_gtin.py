"""Check digits of trade item numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.catalog.gtin import normalize_gtin

digits = st.text(alphabet="0123456789", min_size=14, max_size=14)


@pytest.mark.parametrize(
    "gtin",
    [
        "96385074",  # GTIN-8, GS1 General Specifications
        "036000291452",  # GTIN-12, a familiar UPC
        "4006381333931",  # GTIN-13
        "9780306406157",  # an ISBN
        "10614141000415",  # GTIN-14
        "00000000",
    ],
)
def test_a_right_number_is_given_with_14_digits(gtin: str) -> None:
    assert normalize_gtin(gtin) == gtin.zfill(14)


@pytest.mark.parametrize("gtin", ["96385075", "036000291453", "4006381333932", "4006381333391"])
def test_a_wrong_check_digit_is_seen(gtin: str) -> None:
    assert normalize_gtin(gtin) is None


@pytest.mark.parametrize(
    "gtin", ["", "1", "1234567", "123456789", "12345678901", "123456789012345", "4006381-33393", "٤٠٠٦٣٨١٣٣٣٩٣١", "²"]
)
def test_other_lengths_and_signs_are_no_gtin(gtin: str) -> None:
    assert normalize_gtin(gtin) is None


@given(digits)
def test_of_ten_last_digits_exactly_one_is_right(number: str) -> None:
    assert sum(normalize_gtin(number[:13] + last) is not None for last in "0123456789") == 1


@given(digits, st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(number: str, place: int, shift: int) -> None:
    if normalize_gtin(number) is not None:
        wrong = str((int(number[place]) + shift) % 10)
        assert normalize_gtin(number[:place] + wrong + number[place + 1 :]) is None
