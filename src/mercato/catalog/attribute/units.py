"""Units of measure, and from one to another of the same kind.

Factors are those of the International System of Units and of the international yard and pound (exact by definition); fluid ounce and
gallon are those of the United States. Kilo-, mega-, giga- and terabytes are powers of 1,000, KiB, MiB, GiB and TiB powers of 1,024.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction

SIGNIFICANT_DIGITS = 12
"""What a conversion is rounded to: 0.1 in is 2.54 mm, not 2.5400000000000005."""

_KINDS: Mapping[str, Mapping[str, str]] = {
    "length": {
        "mm": "0.001", "cm": "0.01", "dm": "0.1", "m": "1", "km": "1000",
        "in": "0.0254", "ft": "0.3048", "yd": "0.9144", "mi": "1609.344",
    },
    "mass": {"mg": "0.001", "g": "1", "kg": "1000", "t": "1000000", "oz": "28.349523125", "lb": "453.59237"},
    "volume": {
        "ml": "0.001", "cl": "0.01", "dl": "0.1", "l": "1", "m³": "1000",
        "fl oz": "0.0295735295625", "gal": "3.785411784",
    },
    "area": {"mm²": "0.000001", "cm²": "0.0001", "m²": "1", "ha": "10000", "sq in": "0.00064516", "sq ft": "0.09290304"},
    "time": {"ms": "0.001", "s": "1", "min": "60", "h": "3600", "days": "86400"},
    "data": {
        "B": "1", "kB": "1000", "MB": "1000000", "GB": "1000000000", "TB": "1000000000000",
        "KiB": "1024", "MiB": "1048576", "GiB": "1073741824", "TiB": "1099511627776",
    },
    "frequency": {"Hz": "1", "kHz": "1000", "MHz": "1000000", "GHz": "1000000000"},
    "power": {"mW": "0.001", "W": "1", "kW": "1000"},
    "energy": {"J": "1", "kJ": "1000", "Wh": "3600", "kWh": "3600000"},
    "charge": {"mAh": "0.001", "Ah": "1"},
    "voltage": {"mV": "0.001", "V": "1", "kV": "1000"},
    "current": {"mA": "0.001", "A": "1"},
    "pressure": {"Pa": "1", "hPa": "100", "kPa": "1000", "mbar": "100", "bar": "100000"},
    "grammage": {"g/m²": "1"},
}  # fmt: skip

# Scale and the value of zero, in kelvin.
_TEMPERATURES: Mapping[str, tuple[Fraction, Fraction]] = {
    "K": (Fraction(1), Fraction(0)),
    "°C": (Fraction(1), Fraction("273.15")),
    "°F": (Fraction(5, 9), Fraction("273.15") - 32 * Fraction(5, 9)),
}

_ALIASES: Mapping[str, str] = {
    '"': "in", "″": "in", "inch": "in", "inches": "in", "L": "l", "mL": "ml", "m2": "m²", "cm2": "cm²", "mm2": "mm²",
    "in²": "sq in", "ft²": "sq ft", "m3": "m³", "d": "days", "day": "days", "hours": "h", "lbs": "lb", "gsm": "g/m²",
    "C": "°C", "F": "°F",
}  # fmt: skip

_SCALES: Mapping[str, tuple[str, Fraction, Fraction]] = {
    **{unit: (kind, Fraction(factor), Fraction(0)) for kind, units in _KINDS.items() for unit, factor in units.items()},
    **{unit: ("temperature", *scale) for unit, scale in _TEMPERATURES.items()},
}
"""Unit -> its kind, how much of the kind's base unit it is, and where its zero lies."""

_ROUNDING = Context(prec=SIGNIFICANT_DIGITS)


def convert(value: float, unit: str, wanted: str) -> int | float | None:
    """`value` in another unit; None when the two do not measure the same. Any unit is the same as itself."""
    unit, wanted = _ALIASES.get(unit, unit), _ALIASES.get(wanted, wanted)
    if unit == wanted:
        return value
    source, target = _SCALES.get(unit), _SCALES.get(wanted)
    if source is None or target is None or source[0] != target[0]:
        return None
    exact = (Fraction(str(value)) * source[1] + source[2] - target[2]) / target[1]
    rounded = _ROUNDING.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)
