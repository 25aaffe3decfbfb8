"""From a canonical row to the record that is copied into the staging table."""

from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from mercato.catalog.gtin import normalize_gtin
from mercato.platform.clock import is_storable
from mercato.platform.html import sanitise
from mercato.platform.money import InvalidAmount, Money, UnknownCurrency, parse_amount
from mercato.platform.text import MAX_PROSE_LENGTH, has_control_characters, make_slug
from mercato.transfer.attributes import AttributeRegistry
from mercato.transfer.problems import RowError
from mercato.transfer.row import Price, ProductRow

T = TypeVar("T")

MAX_LEVELS = 12
MAX_LEVEL_NAME = 250
SEPARATOR = ">"
"""Between the levels of a category in a file."""
LEVEL_MARK = "\x1f"
"""The same in the staging table; no name contains it."""

# One bit for each field that a row can clear.
CLEARABLE = (
    "brand", "category", "price", "compare_at_price", "gtin", "weight_grams", "rating_average", "publish_at", "unpublish_at"
)  # fmt: skip
CLEAR_BIT = {field: 1 << index for index, field in enumerate(CLEARABLE)}


class StagedRow(NamedTuple):
    """A record of the staging table `import_row`: null means left out (or cleared, when its bit is set in `cleared`).

    A category is its path, the names joined by `LEVEL_MARK`. Prices in minor units. `sku_fallback` is taken when another
    product has the SKU; contested means that another row of the batch may want the same.
    """

    row: int
    external_ref: str | None
    sku: str | None
    sku_fallback: str | None
    sku_contested: bool
    slug: str | None
    slug_base: str | None
    slug_contested: bool
    name: str | None
    description: str | None
    status: str | None
    brand: str | None
    category: str | None
    attributes: str | None
    tags: list[str] | None
    price_amount: int | None
    compare_at_amount: int | None
    currency: str | None
    stock: int | None
    allow_backorder: bool | None
    gtin: str | None
    weight_grams: int | None
    rating_average: float | None
    rating_count: int | None
    popularity: int | None
    publish_at: datetime | None
    unpublish_at: datetime | None
    created_at: datetime | None
    cleared: int


class Stager:
    """Makes records of rows: prices, GTINs, attribute values and category paths are checked here."""

    def __init__(self, *, currency: str, attributes: AttributeRegistry, is_text: bool) -> None:
        self._currency = currency
        self._attributes = attributes
        self._is_text = is_text
        self._encode = msgspec.json.Encoder().encode

    def stage(self, number: int, row: ProductRow, sku_fallback: str | None = None) -> StagedRow:
        """The record of row `number`; raises `RowError`."""
        external_ref = _given(row.external_ref)
        sku = _given(row.sku)
        if external_ref is None and sku is None:
            raise RowError("sku", "identity_missing", "a row needs external_ref or sku")
        name = _given(row.name)
        price, compare_at, currency = self._prices(row)
        category = _category_path(row.category) if isinstance(row.category, str | list) else None
        gtin = _gtin(row.gtin) if isinstance(row.gtin, str) else None
        for column in ("publish_at", "unpublish_at", "created_at"):
            _check_moment(column, getattr(row, column))
        if isinstance(row.publish_at, datetime) and isinstance(row.unpublish_at, datetime):
            _check_schedule(row.publish_at, row.unpublish_at)
        # Last, since what it adds to the registry is for rows that are loaded.
        values = row.attributes
        checked = None if values is UNSET else self._attributes.check(values, is_text=self._is_text)
        return StagedRow(
            number,
            external_ref,
            sku,
            sku_fallback,
            False,
            _given(row.slug),
            None if name is None else make_slug(name, "product"),
            False,
            name,
            _clean(row.description),
            _given(row.status),
            " ".join(row.brand.split()) if isinstance(row.brand, str) else None,
            category,
            None if checked is None else self._encode(checked).decode(),
            _given(row.tags),
            price,
            compare_at,
            currency,
            _given(row.stock),
            _given(row.allow_backorder),
            gtin,
            _given(row.weight_grams),
            _given(row.rating_average),
            _given(row.rating_count),
            _given(row.popularity),
            _given(row.publish_at),
            _given(row.unpublish_at),
            _given(row.created_at),
            _cleared(row),
        )

    def _prices(self, row: ProductRow) -> tuple[int | None, int | None, str | None]:
        default = self._currency if row.currency is UNSET else row.currency
        price, currency = _amount("price", row.price, default)
        compare_at, compare_currency = _amount("compare_at_price", row.compare_at_price, currency or default)
        if currency and compare_currency and currency != compare_currency:
            message = f"must be in {currency}, as the price"
            raise RowError("compare_at_price", "currency_mismatch", message)
        return price, compare_at, currency or compare_currency


def _check_moment(column: str, moment: datetime | UnsetType | None) -> None:
    if isinstance(moment, datetime) and not is_storable(moment):
        raise RowError(column, "out_of_range", "must lie between the years 1970 and 9999")


def _check_schedule(start: datetime, end: datetime) -> None:
    if end <= start:
        raise RowError("unpublish_at", "schedule_reversed", "must be later than publish_at")


def _given(value: T | UnsetType | None) -> T | None:
    return None if value is UNSET else value


def _clean(description: str | UnsetType | None) -> str | None:
    if not isinstance(description, str):
        return None
    cleaned = sanitise(description)
    if len(cleaned) > MAX_PROSE_LENGTH:
        raise RowError("description", "invalid_length", f"must have at most {MAX_PROSE_LENGTH} characters once cleaned")
    return cleaned


def _cleared(row: ProductRow) -> int:
    bits = 0
    for field, bit in CLEAR_BIT.items():
        if getattr(row, field) is None:
            bits |= bit
    return bits


def _amount(column: str, price: Price | UnsetType | None, currency: str) -> tuple[int | None, str | None]:
    """The price in minor units, and its currency."""
    if price is None or price is UNSET:
        return None, None
    if isinstance(price, Money):
        return price.amount, price.currency
    text = price if isinstance(price, str) else repr(price)  # a float's shortest text is the one that was written
    try:
        return parse_amount(text, currency), currency
    except InvalidAmount as error:
        raise RowError(column, "invalid_price", str(error)) from None
    except UnknownCurrency as error:
        raise RowError("currency", "unknown_currency", str(error)) from None


def _gtin(digits: str) -> str:
    padded = normalize_gtin(digits)
    if padded is None:
        raise RowError("gtin", "gtin_check_digit", f"{digits} has a wrong check digit")
    return padded


def _category_path(value: str | list[str]) -> str:
    names = value.split(SEPARATOR) if isinstance(value, str) else value
    path = [" ".join(name.split()) for name in names]
    if len(path) > MAX_LEVELS:
        raise RowError("category", "invalid_length", f"has more than {MAX_LEVELS} levels")
    for name in path:
        if not name or len(name) > MAX_LEVEL_NAME or has_control_characters(name):
            message = f"each level needs a name of 1 to {MAX_LEVEL_NAME} characters, as in Electronics > Audio"
            raise RowError("category", "invalid_format", message)
    return LEVEL_MARK.join(path)
