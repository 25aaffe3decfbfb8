"""Numbers from one unit to another of the same kind."""

import pytest

from mercato.catalog.attribute.units import convert


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (1.5, "kg", "g", 1500),
        (0.1, "in", "mm", 2.54),
        (27, "in", "cm", 68.58),
        (68.58, "cm", "in", 27),
        (1, "lb", "kg", 0.45359237),
        (330, "ml", "l", 0.33),
        (2, "TB", "GB", 2000),
        (1, "GiB", "MiB", 1024),
        (1, "KiB", "B", 1024),
        (5000, "mAh", "Ah", 5),
        (90, "min", "h", 1.5),
        (1013.25, "hPa", "bar", 1.01325),
        (212, "°F", "°C", 100),
        (-40, "°C", "°F", -40),
        (0, "K", "°C", -273.15),
        (1, "m2", "cm²", 10000),
        (15.6, '"', "in", 15.6),
        (1, "L", "ml", 1000),
        (0, "km", "mi", 0),
        (12, "EU", "EU", 12),
        (1, "h", "days", 0.0416666666667),
    ],
)
def test_a_number_becomes_the_same_quantity_in_another_unit(
    value: float, unit: str, wanted: str, expected: float
) -> None:
    found = convert(value, unit, wanted)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("unit", "wanted"), [("kg", "cm"), ("kg", "EU"), ("MP", "GB"), ("kg", "KG"), ("mw", "W"), ("", "kg"), ("K", "GB")]
)
def test_what_measures_something_else_does_not_convert(unit: str, wanted: str) -> None:
    assert convert(1, unit, wanted) is None


def test_there_and_back_again_is_the_same() -> None:
    for unit, wanted in (("in", "cm"), ("lb", "g"), ("gal", "l"), ("°F", "°C"), ("mi", "km"), ("fl oz", "ml")):
        for value in (1, 2.5, 13.3, 98.6, 1234):
            there = convert(value, unit, wanted)
            assert there is not None
            assert convert(there, wanted, unit) == pytest.approx(value, rel=1e-9)
