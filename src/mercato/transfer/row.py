"""The canonical row: what a line of an import says about a product. `docs/import.md` explains it to users."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.attribute.schemas import AttributeInput
from mercato.catalog.product.schemas import ProductStatus, Tags
from mercato.catalog.variant.schemas import Grams, Gtin, Sku, Stock
from mercato.platform.clock import Timestamp
from mercato.platform.money import CurrencyCode, Money
from mercato.platform.text import Code, Name, Prose, Reference, Slug
from mercato.transfer.problems import RowError

Count = Annotated[int, Meta(ge=0, le=2_000_000_000)]
Price = Money | str | int | float
"""Minor units with their currency, or a decimal number of major units ("19.99")."""
Levels = Annotated[list[Name], Meta(min_length=1, max_length=12)]


class ProductRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a row says. A field left out stays as it is (or gets its default in a new product); null clears it."""

    external_ref: Reference | UnsetType = UNSET
    sku: Sku | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    status: ProductStatus | UnsetType = UNSET
    brand: Name | UnsetType | None = UNSET
    category: str | Levels | UnsetType | None = UNSET
    attributes: Annotated[dict[Code, AttributeInput | None], Meta(max_length=500)] | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    price: Price | UnsetType | None = UNSET
    compare_at_price: Price | UnsetType | None = UNSET
    currency: CurrencyCode | UnsetType = UNSET
    stock: Stock | UnsetType = UNSET
    allow_backorder: bool | UnsetType = UNSET
    gtin: Gtin | UnsetType | None = UNSET
    weight_grams: Grams | UnsetType | None = UNSET
    rating_average: Annotated[float, Meta(ge=1, le=5)] | UnsetType | None = UNSET
    rating_count: Count | UnsetType = UNSET
    popularity: Count | UnsetType = UNSET
    publish_at: Timestamp | UnsetType | None = UNSET
    unpublish_at: Timestamp | UnsetType | None = UNSET
    created_at: Timestamp | UnsetType = UNSET


FIELDS: tuple[str, ...] = ProductRow.__struct_fields__
IDENTITY: tuple[str, str] = ("external_ref", "sku")
ATTRIBUTE_PREFIX = "attr."
"""A CSV column `attr.color` holds the attribute `color`."""

CanonicalField = Literal[
    "external_ref", "sku", "name", "slug", "description", "status", "brand", "category", "tags", "price",
    "compare_at_price", "currency", "stock", "allow_backorder", "gtin", "weight_grams", "rating_average", "rating_count",
    "popularity", "publish_at", "unpublish_at", "created_at",
]  # fmt: skip
"""The fields that a mapping can fill; attributes have a section of their own there."""

_ROW = msgspec.json.Decoder(ProductRow)
_PATH = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")
_PATTERN_HINTS = {
    "slug": "is not a slug: lower-case letters, digits and single hyphens",
    "gtin": "is not a GTIN of 8, 12, 13 or 14 digits, written as text",
    "currency": "is not a currency code such as EUR",
    "sku": "holds control characters, or blanks at its ends",
    "attributes": "is not an attribute code: lower-case letters, digits and underscores, a letter first",
}


def read_json_row(line: bytes) -> ProductRow:
    """Decode one NDJSON line; raises `RowError`."""
    try:
        return _ROW.decode(line)
    except msgspec.ValidationError as error:
        raise explain(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None


def convert_row(values: dict[str, object], *, is_text: bool) -> ProductRow:
    """Check a row given as a dictionary; with `is_text`, numbers and booleans may be written as text (CSV)."""
    try:
        return msgspec.convert(values, ProductRow, strict=not is_text)
    except msgspec.ValidationError as error:
        raise explain(error) from None


def malformed(error: Exception) -> RowError:
    """The error of a line that is not JSON at all."""
    if isinstance(error, RecursionError):
        return RowError("", "malformed_json", "the JSON is nested too deeply")
    text = str(error).removeprefix("JSON is malformed: ")
    if "UTF-8" in text or isinstance(error, UnicodeDecodeError):
        return RowError("", "encoding", "not valid UTF-8: save the file as UTF-8")
    return RowError("", "malformed_json", f"not valid JSON: {text}")


def explain(error: msgspec.ValidationError) -> RowError:
    """Turn a validation error of msgspec into the column, a stable code and a sentence."""
    text = str(error)
    match = _PATH.search(text)
    path = match.group(1) if match else ""
    reason = text[: match.start()] if match else text
    column = path.replace("[...]", "") or ""
    if "unknown field" in reason:
        name = reason.partition("`")[2].rpartition("`")[0]
        return RowError(f"{column}.{name}".lstrip("."), "unknown_field", f"there is no field {name!r}")
    code, message = _classify(column, reason)
    return RowError(column, code, message)


# Part of what msgspec says -> our code; the first that fits.
_CODES = {
    "of length": "invalid_length",
    ">=": "out_of_range",
    "<=": "out_of_range",
    "out of range": "out_of_range",
    "required field": "required",
    "unknown currency": "unknown_currency",
    "Invalid enum value": "invalid_value",
}


def _classify(column: str, reason: str) -> tuple[str, str]:
    if "matching regex" in reason:
        hint = _PATTERN_HINTS.get(column.partition(".")[0], "is blank or holds control characters")
        return "invalid_format", hint
    code = next((code for part, code in _CODES.items() if part in reason), "invalid_type")
    return code, reason.replace("`", "").replace("Expected", "expected", 1).replace("Object", "the row", 1)
