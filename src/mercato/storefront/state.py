"""The state of a results page, which its address holds completely: read from it, and written back into links.

Parameters have the names of the search API; `price_min` and `price_max` are in major units here ("19.99"), because people
type them. Pages are linked to from everywhere, so what makes no sense is left out instead of refused.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Self
from urllib.parse import parse_qsl, urlencode

import msgspec

from mercato.platform.money import InvalidAmount, minor_digits, parse_amount, to_major
from mercato.platform.text import has_control_characters
from mercato.search.schemas import MAX_HITS, MAX_QUERY_LENGTH, SearchQuery, SearchSort
from mercato.search.taxonomy import Taxonomy

PAGE_SIZE = 24
LAST_PAGE = -(-MAX_HITS // PAGE_SIZE)
_MAX_FIELDS = 200
_MAX_VALUES = 40
_MAX_PAGE_DIGITS = 6
_MAX_VALUE_LENGTH = 200
_ATTRIBUTE_PREFIX = "attr."
RANGE_LOW, RANGE_HIGH = ".min", ".max"
"""Ends of the names that a form gives the two bounds of a number (`attr.<code>.min`)."""
FIND = "find."
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_NUMBER_OR_RANGE = re.compile(rf"(?:{_NUMBER.pattern})?(?:\.\.)?(?:{_NUMBER.pattern})?")
_YES = frozenset({"1", "true", "on", "yes"})
_NO = frozenset({"0", "false", "off", "no"})
_NOT_IN_A_PRICE = re.compile(r"[^0-9.,]")
_WHITE_SPACE = re.compile(r"\s+")


class ListingState(msgspec.Struct, frozen=True, kw_only=True):
    """What a results page shows: the place (`path`), the words, the filters, the order and the page number.

    Prices are in minor units of `currency`. `category` and `brand` hold slugs.
    """

    path: str
    currency: str
    home_currency: str
    """Of the shop: addresses name another one only."""
    q: str = ""
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    rating_min: float | None = None
    attributes: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    sort: SearchSort = SearchSort.RELEVANCE
    page: int = 1

    def but(self, **changes: object) -> Self:
        """The state with some fields changed, back on its first page unless `page` is among them."""
        return msgspec.structs.replace(self, **{"page": 1, **changes})

    def toggled(self, parameter: str, value: str) -> Self:
        """The state with one value of a filter added, or taken out where it was chosen."""
        chosen = self.values(parameter)
        changed = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        return self.with_values(parameter, changed)

    def values(self, parameter: str) -> tuple[str, ...]:
        """The chosen values of `category`, `brand` or `attr.<code>`."""
        if parameter == "category":
            return self.category
        if parameter == "brand":
            return self.brand
        return self.attributes.get(parameter.removeprefix(_ATTRIBUTE_PREFIX), ())

    def with_values(self, parameter: str, values: tuple[str, ...]) -> Self:
        """The state with the values of `category`, `brand` or `attr.<code>` replaced."""
        if parameter in {"category", "brand"}:
            return self.but(**{parameter: values})
        attributes = {**self.attributes, parameter.removeprefix(_ATTRIBUTE_PREFIX): values}
        return self.but(attributes={code: wanted for code, wanted in attributes.items() if wanted})

    def unfiltered(self) -> Self:
        """The state without any filter; words and order stay."""
        return self.but(
            category=(), brand=(), price_min=None, price_max=None, in_stock=None, rating_min=None, attributes={}
        )

    def in_currency(self, currency: str) -> Self:
        """The state with prices in another currency, and without a price range, which would mean nothing there."""
        return self if currency == self.currency else self.but(currency=currency, price_min=None, price_max=None)

    @property
    def is_foreign(self) -> bool:
        """Whether prices are in another currency than the shop's."""
        return self.currency != self.home_currency

    @property
    def url(self) -> str:
        """The address of this state: parameters in one fixed order, defaults left out."""
        pairs = list(self._pairs())
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def _pairs(self) -> Iterable[tuple[str, str]]:
        if self.q:
            yield "q", self.q
        yield from (("category", slug) for slug in self.category)
        yield from (("brand", slug) for slug in self.brand)
        if self.is_foreign:
            yield "currency", self.currency
        if self.price_min is not None:
            yield "price_min", typed_price(self.price_min, self.currency)
        if self.price_max is not None:
            yield "price_max", typed_price(self.price_max, self.currency)
        if self.in_stock is not None:
            yield "in_stock", str(self.in_stock).lower()
        if self.rating_min is not None:
            yield "rating_min", f"{self.rating_min:g}"
        for code in sorted(self.attributes):
            yield from ((_ATTRIBUTE_PREFIX + code, value) for value in self.attributes[code])
        if self.sort is not SearchSort.RELEVANCE:
            yield "sort", self.sort.value
        if self.page > 1:
            yield "page", str(self.page)

    @property
    def _is_about_prices(self) -> bool:
        return self.is_foreign or self.price_min is not None or self.price_max is not None

    def to_query(self, *, within_category: str | None = None, within_brand: str | None = None) -> SearchQuery:
        """The search that answers this page; a category or brand page adds where it stands."""
        return SearchQuery(
            q=self.q,
            category=(within_category,) if within_category else self.category,
            brand=(within_brand,) if within_brand else self.brand,
            price_min=self.price_min,
            price_max=self.price_max,
            currency=self.currency if self._is_about_prices else None,
            in_stock=self.in_stock,
            rating_min=self.rating_min,
            attributes=self.attributes,
            sort=self.sort,
            page=self.page,
            limit=PAGE_SIZE,
        )


def read_currency(query_string: bytes, currencies: Sequence[str]) -> str:
    """The currency that an address asks for, when it is one of these; else the first of them."""
    wanted = _last(_fields(query_string), "currency")
    return wanted if wanted in currencies else currencies[0]


def read_state(query_string: bytes, *, path: str, currencies: Sequence[str], taxonomy: Taxonomy) -> ListingState:
    """Read the state from an address; parameters and values that mean nothing here are left out.

    `currencies` are those of the shop, its own first.
    """
    fields = _fields(query_string)
    currency = read_currency(query_string, currencies)
    price_min = _price(_last(fields, "price_min"), currency)
    price_max = _price(_last(fields, "price_max"), currency)
    if price_min is not None and price_max is not None and price_min > price_max:
        price_min, price_max = price_max, price_min
    return ListingState(
        path=path,
        currency=currency,
        home_currency=currencies[0],
        q=clean_words(_last(fields, "q")),
        category=tuple(c.slug for v in fields.get("category", ()) if (c := taxonomy.category_by_slug(v))),
        brand=tuple(b.slug for v in fields.get("brand", ()) if (b := taxonomy.brand_by_slug(v))),
        price_min=price_min,
        price_max=price_max,
        in_stock=_flag(_last(fields, "in_stock")),
        rating_min=_rating(_last(fields, "rating_min")),
        attributes=_attributes(fields, taxonomy),
        sort=_sort(_last(fields, "sort")),
        page=_page(_last(fields, "page")),
    )


def read_finds(query_string: bytes) -> dict[str, str]:
    """What was typed into the searches of filters (`find.brand=nor`), by facet id; no part of the state."""
    fields = _fields(query_string)
    return {name.removeprefix(FIND): clean_words(_last(fields, name)) for name in fields if name.startswith(FIND)}


def clean_words(text: str) -> str:
    """Words as a person typed them: one line, single spaces, no longer than search takes."""
    line = _WHITE_SPACE.sub(" ", text).strip()
    return "" if has_control_characters(line) else line[:MAX_QUERY_LENGTH].strip()


def typed_price(amount: int, currency: str) -> str:
    """Minor units as people type them: 1999 EUR is "19.99", 2000 EUR is "20"."""
    major = to_major(amount, currency)
    return str(int(major)) if major == int(major) else str(major)


def _fields(query_string: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(query_string.decode("ascii", "replace"), max_num_fields=_MAX_FIELDS)
    except ValueError:
        return {}
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        values = fields.setdefault(name, [])
        wanted = len(values) < _MAX_VALUES and value not in values
        if wanted and (name == "q" or len(value) <= _MAX_VALUE_LENGTH):
            values.append(value)
    return fields


def _last(fields: Mapping[str, list[str]], name: str) -> str:
    return fields[name][-1] if fields.get(name) else ""


def _price(text: str, currency: str) -> int | None:
    whole, point, decimals = _split_price(_NOT_IN_A_PRICE.sub("", text))
    if len(decimals) > minor_digits(currency):
        # "1,299" is a grouped number where the currency has two decimals.
        whole, point, decimals = whole + decimals, "", ""
    try:
        return parse_amount(whole + point + decimals, currency)
    except InvalidAmount:
        return None


def _split_price(digits: str) -> tuple[str, str, str]:
    """Digits before and after the decimal point; the last separator is it, so "1.299,50" and "1,299.50" are the same."""
    at = max(digits.rfind("."), digits.rfind(","))
    if at < 0:
        return digits, "", ""
    return re.sub(r"[.,]", "", digits[:at]) or "0", ".", digits[at + 1 :]


def _flag(text: str) -> bool | None:
    if text.lower() in _YES:
        return True
    return False if text.lower() in _NO else None


def _rating(text: str) -> float | None:
    try:
        rating = float(text)
    except ValueError:
        return None
    return rating if 1 <= rating <= 5 else None


def _attributes(fields: Mapping[str, list[str]], taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, tuple[str, ...]] = {}
    for name, values in fields.items():
        code = name.removeprefix(_ATTRIBUTE_PREFIX).removesuffix(RANGE_LOW).removesuffix(RANGE_HIGH)
        attribute = taxonomy.attributes.get(code) if name.startswith(_ATTRIBUTE_PREFIX) else None
        if attribute is None or not attribute.is_facet or code in wanted:
            continue
        if attribute.type == "number":
            usable = _numbers(fields, code)
        else:
            usable = tuple(v for v in values if not has_control_characters(v))
        if usable:
            wanted[code] = usable
    return wanted


def _numbers(fields: Mapping[str, list[str]], code: str) -> tuple[str, ...]:
    """Values and ranges of a number; the two fields of a form (`attr.<code>.min`, `.max`) make one range."""
    name = _ATTRIBUTE_PREFIX + code
    values = tuple(v for v in fields.get(name, ()) if v != ".." and _NUMBER_OR_RANGE.fullmatch(v))
    low, high = (_last(fields, name + end).replace(",", ".") for end in (RANGE_LOW, RANGE_HIGH))
    low, high = (bound if _NUMBER.fullmatch(bound) else "" for bound in (low, high))
    if low and high and float(low) > float(high):
        low, high = high, low
    return (f"{low}..{high}",) if low or high else values


def _sort(text: str) -> SearchSort:
    try:
        return SearchSort(text)
    except ValueError:
        return SearchSort.RELEVANCE


def _page(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_PAGE_DIGITS
    return min(max(int(text), 1), LAST_PAGE) if is_number else 1
