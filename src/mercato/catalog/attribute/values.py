"""Whether a value fits the type of an attribute, and in which unit it is."""

from datetime import date

from mercato.catalog.attribute.schemas import AttributeInput, AttributeValue, Quantity
from mercato.catalog.attribute.units import convert
from mercato.platform.text import has_control_characters

MAX_TEXT = 2000
MAX_NUMBER = 10**15


class UnitMismatch(ValueError):
    """The unit of a value is not that of the attribute, and cannot be made it."""


def in_unit(value: AttributeInput, kind: str, unit: str | None) -> AttributeValue:
    """The plain value, numbers in the unit of the attribute; raises `UnitMismatch` with the reason."""
    if not isinstance(value, Quantity):
        return value
    if kind != "number" or unit is None:
        raise UnitMismatch("has no unit: send the plain value")
    if not -MAX_NUMBER <= value.value <= MAX_NUMBER:
        return value.value  # which no unit makes fit
    converted = convert(value.value, value.unit, unit)
    if converted is None:
        raise UnitMismatch(f"is in {unit}, and {value.unit} does not convert to that")
    return converted


def why_unfit(value: AttributeValue, kind: str, options: list[str]) -> str | None:
    """Why a value does not fit an attribute of this type; None when it does."""
    if kind == "number":
        return _number_reason(value)
    if kind == "boolean":
        return None if isinstance(value, bool) else "must be true or false"
    if not isinstance(value, str):
        return "must be text"
    return _text_reason(value, kind, options)


def _number_reason(value: AttributeValue) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        return f"must lie between -{MAX_NUMBER} and {MAX_NUMBER}"
    return None


def _text_reason(value: str, kind: str, options: list[str]) -> str | None:
    if not value.strip() or len(value) > MAX_TEXT or has_control_characters(value):
        return f"must be text of 1 to {MAX_TEXT} characters without control characters"
    if kind in {"enum", "color"} and options and value not in options:
        return f"must be one of {', '.join(options[:20])}{', …' if len(options) > 20 else ''}"
    if kind == "date" and not _is_date(value):
        return "must be a date such as 2026-01-31"
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text  # Python also reads 20260131 and 2026-W05-6
    except ValueError:
        return False
