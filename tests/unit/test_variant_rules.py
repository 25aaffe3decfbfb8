"""Rules of options, SKUs made of values, and which variant fits a search."""

from uuid import UUID

import msgspec
import pytest

from mercato.catalog.problems import OptionInUse
from mercato.catalog.variant.options import all_choices, carry_over, count_choices, infer_options, option_code
from mercato.catalog.variant.schemas import MAX_SKU_LENGTH, Option
from mercato.catalog.variant.skus import first_free, make_sku, stem_of
from mercato.search.matching import Wishes, match_variant

SIZE = Option(name="Size", values=["S", "M"])
COLOUR = Option(name="Colour", values=["Red", "Blue"])
VARIANT = UUID(int=1)


@pytest.mark.parametrize(("name", "code"), [("Size", "size"), ("Shoe size", "shoe_size"), ("SHOE_SIZE", "shoe_size")])
def test_an_option_goes_with_the_attribute_that_has_its_name_as_code(name: str, code: str) -> None:
    assert option_code(name) == code


def test_combinations_change_in_the_last_option_first() -> None:
    assert all_choices([SIZE, COLOUR]) == [
        {"Size": "S", "Colour": "Red"},
        {"Size": "S", "Colour": "Blue"},
        {"Size": "M", "Colour": "Red"},
        {"Size": "M", "Colour": "Blue"},
    ]
    assert count_choices([SIZE, COLOUR]) == 4
    assert infer_options(all_choices([SIZE, COLOUR])) == [SIZE, COLOUR]


def test_a_variant_follows_the_options_of_its_product() -> None:
    choice = {"Size": "M"}
    assert carry_over(choice, [SIZE], [COLOUR, SIZE]) == {"Colour": "Red", "Size": "M"}
    assert carry_over(choice, [SIZE], [Option(name="Fit", values=["S", "M"])]) == {"Fit": "M"}
    assert carry_over(choice, [SIZE], [Option(name="Fit", values=["slim"])]) == {"Fit": "slim"}
    assert carry_over(choice, [SIZE], []) == {}
    with pytest.raises(OptionInUse):
        carry_over(choice, [SIZE], [Option(name="Size", values=["S", "L"])])


def test_a_sku_is_made_of_the_stem_and_the_values() -> None:
    choice = {"Colour": "Crème brûlée", "Size": "10 ½"}
    assert make_sku("TEE", choice, ["Size", "Colour"]) == "TEE-10-1-2-CREME-BRULEE"
    assert stem_of("TEE-M-RED", {"Size": "M", "Colour": "Red"}, ["Size", "Colour"]) == "TEE"
    assert stem_of("TEE-1", {"Size": "M"}, ["Size"]) == "TEE-1"
    assert len(make_sku("T" * 80, {"Size": "x" * 100}, ["Size"])) <= MAX_SKU_LENGTH
    assert first_free("TEE", {"TEE", "TEE-2"}) == "TEE-3"


def packed(*options: dict[str, str], in_stock: tuple[bool, ...] = ()) -> str:
    """Variants as a document holds them, the first of them the default."""
    rows = [
        [str(VARIANT), f"SKU-{n}", None, choice, 100 + n, "EUR", in_stock[n] if in_stock else True, n == 0, None, None]
        for n, choice in enumerate(options)
    ]
    return msgspec.json.encode({"rows": rows, "images": None}).decode()


def wishes(*words: str, code: str | None = None, **values: list[str]) -> Wishes:
    """What a search says."""
    return Wishes(code=code, words=words, values=values)


@pytest.mark.parametrize(
    ("wish", "in_stock", "expected"),
    [
        (wishes(), (True, True, True, True), "SKU-0"),
        (wishes(), (False, True, True, True), "SKU-1"),
        (wishes("blue"), (True, True, True, True), "SKU-1"),
        (wishes("tee", "bl"), (True, True, True, True), "SKU-1"),
        (wishes("bl", "tee"), (True, True, True, True), "SKU-0"),
        (wishes("m", "blue"), (True, True, True, False), "SKU-3"),
        (wishes(colour=["blue"]), (True, False, True, True), "SKU-3"),
        (wishes(colour=["Blue"], size=["S"]), (True, False, True, True), "SKU-1"),
        (wishes("blue", size=["M"]), (True, True, True, True), "SKU-3"),
        (wishes(colour=["Green"]), (True, True, True, True), "SKU-0"),
        (wishes(code="sku2"), (True, True, False, True), "SKU-2"),
    ],
)
def test_the_variant_that_fits_best_is_matched(wish: Wishes, in_stock: tuple[bool, ...], expected: str) -> None:
    assert match_variant(packed(*all_choices([SIZE, COLOUR]), in_stock=in_stock), wish).sku == expected


@pytest.mark.parametrize(("wanted", "expected"), [("300..", "350"), ("..300", "250"), ("350.0", "350"), ("9", "250")])
def test_numbers_fit_ranges(wanted: str, expected: str) -> None:
    found = match_variant(packed({"Volume": "250"}, {"Volume": "350"}), wishes(volume=[wanted]))
    assert found.options == {"Volume": expected}
