"""Which variant of a hit fits a search best: what the search names, what it filters by, then what can be had."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import msgspec

from mercato.catalog.variant.options import option_code
from mercato.platform.money import Money
from mercato.search.schemas import HitImage, MatchedVariant, SearchHit, SearchQuery
from mercato.search.text import code_of

_WORD = re.compile(r"[^\W_]+")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
WHOLE, START = 2, 1
"""What a word of the search counts that is a word of a value, and the last one that begins a word."""


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """One variant, as `documents.VARIANT_CARDS` writes it; `image` is the position of its picture."""

    id: str
    sku: str
    gtin: str | None
    options: dict[str, str]
    amount: int | None
    currency: str | None
    in_stock: bool
    is_default: bool
    image: int | None
    prices: dict[str, int] | None
    """Amounts in currencies besides the base price's."""


class _Cards(msgspec.Struct, frozen=True):
    rows: list[_Row]
    images: dict[str, HitImage] | None = None


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a search says of variants: a code (SKU or GTIN), words, and values of attributes."""

    code: str | None
    words: Sequence[str]
    values: Mapping[str, Sequence[str]]
    currency: str | None = None
    """What prices are wanted in; None: as they are."""


_decoder = msgspec.json.Decoder(_Cards)


def wishes_of(query: SearchQuery) -> Wishes:
    """What a search says of variants."""
    return Wishes(
        code=code_of(query.q),
        words=tuple(word.casefold() for word in _WORD.findall(query.q)),
        values=query.attributes,
        currency=query.currency,
    )


def show_variant(hit: SearchHit, packed: str | None, wishes: Wishes) -> SearchHit:
    """The hit with the variant that fits best, when it has several."""
    return msgspec.structs.replace(hit, matched_variant=match_variant(packed, wishes)) if packed else hit


def match_variant(packed: str, wishes: Wishes) -> MatchedVariant:
    """The variant that fits best: by its code, by the values filtered by, by the words; then one in stock, then the default."""
    cards = _decoder.decode(packed)
    best = max(cards.rows, key=lambda row: _fitness(row, wishes))  # of equals, the first
    return MatchedVariant(
        id=UUID(best.id),
        sku=best.sku,
        options=best.options,
        price=_price(best, wishes.currency),
        in_stock=best.in_stock,
        image=(cards.images or {}).get(str(best.image)),
    )


def _price(row: _Row, wanted: str | None) -> Money | None:
    currency = wanted or row.currency
    amount = row.amount if currency == row.currency else (row.prices or {}).get(currency or "")
    return None if amount is None or currency is None else Money(amount=amount, currency=currency)


def _fitness(row: _Row, wishes: Wishes) -> tuple[bool, int, int, bool, bool]:
    return (
        wishes.code is not None and _has_code(row, wishes.code),
        sum(_fits(row.options, code, wanted) for code, wanted in wishes.values.items()),
        _count_words(row.options, wishes.words),
        row.in_stock,
        row.is_default,
    )


def _has_code(row: _Row, code: str) -> bool:
    if row.gtin is not None and row.gtin.lstrip("0") == code.lstrip("0"):
        return True
    return _NOT_ALPHANUMERIC.sub("", row.sku).lower() == code


def _fits(options: Mapping[str, str], code: str, wanted: Sequence[str]) -> bool:
    return any(
        option_code(name) == code and any(_is_wanted(value, one) for one in wanted) for name, value in options.items()
    )


def _is_wanted(value: str, wanted: str) -> bool:
    """As the engine filters: the same text in any case, the same number, or a number of the range."""
    if value.casefold() == wanted.casefold():
        return True
    low, is_range, high = wanted.partition("..")
    try:
        bounds = float(low or "-inf"), float((high or "inf") if is_range else low)
        return bounds[0] <= float(value) <= bounds[1]
    except ValueError:
        return False


def _count_words(options: Mapping[str, str], words: Sequence[str]) -> int:
    if not words:
        return 0
    here = [word for value in options.values() for word in _words_of(value)]
    found = sum(WHOLE for word in words if word in here)
    *_, last = words
    if last not in here and any(word.startswith(last) for word in here):
        found += START
    return found


@lru_cache(maxsize=4096)
def _words_of(value: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in _WORD.findall(value))
