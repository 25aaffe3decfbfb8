"""From what a line says to the record that is staged."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.catalog.attribute.schemas import AttributeCreate
from mercato.platform.text import Code
from mercato.transfer.attributes import MAX_NEW_ATTRIBUTES, AttributeRegistry, make_code
from mercato.transfer.problems import RowError
from mercato.transfer.row import ProductRow, convert_row, read_json_row
from mercato.transfer.staged import LEVEL_MARK, StagedRow, Stager

KNOWN = {
    "color": AttributeCreate(code="color", name="Colour", type="enum", options=["Red", "Blue"]),
    "weight_kg": AttributeCreate(code="weight_kg", name="Weight", type="number", unit="kg"),
    "wireless": AttributeCreate(code="wireless", name="Wireless", type="boolean"),
    "released": AttributeCreate(code="released", name="Released", type="date"),
    "note": AttributeCreate(code="note", name="Note", type="text"),
}


def _stage(row: ProductRow, *, is_text: bool = False) -> StagedRow:
    stager = Stager(currency="EUR", attributes=AttributeRegistry(KNOWN, {}), is_text=is_text)
    return stager.stage(1, row)


def _json(**fields: object) -> bytes:
    return msgspec.json.encode({"sku": "A1", **fields})


def _refused(line: bytes) -> tuple[str, str]:
    with pytest.raises(RowError) as caught:
        _stage(read_json_row(line))
    assert caught.value.message
    return caught.value.column, caught.value.code


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (b'{"sku": "A1"', "", "malformed_json"),
        (b"not json", "", "malformed_json"),
        (b'{"sku": "A\xff"}', "", "encoding"),
        (b'["A1"]', "", "invalid_type"),
        (b"{}", "sku", "identity_missing"),
        (_json(nmae="x"), "nmae", "unknown_field"),
        (_json(name=1), "name", "invalid_type"),
        (_json(name=None), "name", "invalid_type"),
        (_json(name=""), "name", "invalid_length"),
        (_json(name="x" * 251), "name", "invalid_length"),
        (_json(name="a\0b"), "name", "invalid_format"),
        (_json(name="  "), "name", "invalid_format"),
        (_json(description="a\0b"), "description", "invalid_format"),
        (_json(slug="Not A Slug"), "slug", "invalid_format"),
        (_json(status="published"), "status", "invalid_value"),
        (_json(sku=" A1"), "sku", "invalid_format"),
        (_json(category="A > > B"), "category", "invalid_format"),
        (_json(category=[]), "category", "invalid_length"),
        (_json(category=" > ".join("abcdefghijklm")), "category", "invalid_length"),
        (_json(category="a\0b"), "category", "invalid_format"),
        (_json(tags=["a", ""]), "tags[1]", "invalid_length"),
        (_json(price={"amount": -1, "currency": "EUR"}), "price.amount", "out_of_range"),
        (_json(price={"amount": 10**16, "currency": "EUR"}), "price.amount", "out_of_range"),
        (_json(price={"amount": 1.5, "currency": "EUR"}), "price.amount", "invalid_type"),
        (_json(price={"amount": 1, "currency": "EUX"}), "price", "unknown_currency"),
        (_json(price={"amount": 1, "currency": "eur"}), "price.currency", "invalid_format"),
        (_json(price={"amount": 1}), "price", "required"),
        (_json(price=-1), "price", "invalid_price"),
        (_json(price="-0.01"), "price", "invalid_price"),
        (_json(price="1e99"), "price", "invalid_price"),
        (_json(price="NaN"), "price", "invalid_price"),
        (_json(price="1,99"), "price", "invalid_price"),
        (_json(price=19.999), "price", "invalid_price"),
        (_json(price=1, currency="ABC"), "currency", "unknown_currency"),
        (_json(price=True), "price", "invalid_type"),
        (_json(price=2, currency="JPY", compare_at_price="3.5"), "compare_at_price", "invalid_price"),
        (
            _json(price=1, compare_at_price={"amount": 200, "currency": "USD"}),
            "compare_at_price",
            "currency_mismatch",
        ),
        (_json(stock=-1), "stock", "out_of_range"),
        (_json(stock=10**30), "stock", "out_of_range"),
        (_json(stock="5"), "stock", "invalid_type"),
        (_json(gtin="4006381333932"), "gtin", "gtin_check_digit"),
        (_json(gtin="123"), "gtin", "invalid_format"),
        (_json(gtin=4006381333931), "gtin", "invalid_type"),
        (_json(rating_average=5.5), "rating_average", "out_of_range"),
        (_json(publish_at="2026-01-01T00:00:00"), "publish_at", "invalid_type"),
        (_json(created_at="1969-12-31T00:00:00Z"), "created_at", "out_of_range"),
        (
            _json(publish_at="2026-01-02T00:00:00Z", unpublish_at="2026-01-01T00:00:00Z"),
            "unpublish_at",
            "schedule_reversed",
        ),
        (_json(attributes={"Bad Code": 1}), "attributes", "invalid_format"),
        (_json(attributes={"note": ["a"]}), "attributes", "invalid_type"),
        (_json(attributes={"color": "Green"}), "attributes.color", "attribute_mismatch"),
        (_json(attributes={"weight_kg": "2"}), "attributes.weight_kg", "attribute_mismatch"),
        (_json(attributes={"weight_kg": True}), "attributes.weight_kg", "attribute_mismatch"),
        (_json(attributes={"weight_kg": 1e300}), "attributes.weight_kg", "attribute_mismatch"),
        (_json(attributes={"wireless": 1}), "attributes.wireless", "attribute_mismatch"),
        (_json(attributes={"released": "soon"}), "attributes.released", "attribute_mismatch"),
        (_json(attributes={"note": "a\0"}), "attributes.note", "attribute_mismatch"),
        (_json(attributes={"note": "x" * 2001}), "attributes.note", "attribute_mismatch"),
    ],
)
def test_what_is_not_valid_is_refused_with_column_and_code(line: bytes, column: str, code: str) -> None:
    assert _refused(line) == (column, code)


@pytest.mark.parametrize(
    ("fields", "price", "currency"),
    [
        ({"price": {"amount": 1999, "currency": "USD"}}, 1999, "USD"),
        ({"price": "19.99"}, 1999, "EUR"),
        ({"price": 19.99}, 1999, "EUR"),
        ({"price": 20}, 2000, "EUR"),
        ({"price": "19.99", "currency": "USD"}, 1999, "USD"),
        ({"price": 1999, "currency": "JPY"}, 1999, "JPY"),
        ({"price": "1.234", "currency": "KWD"}, 1234, "KWD"),
        ({"price": 0}, 0, "EUR"),
    ],
)
def test_prices_are_minor_units_or_decimals_of_major_units(
    fields: dict[str, object], price: int, currency: str
) -> None:
    staged = _stage(read_json_row(_json(**fields)))
    assert (staged.price_amount, staged.currency) == (price, currency)


@given(st.integers(min_value=0, max_value=10**13))
def test_a_price_written_as_a_number_is_exact(cents: int) -> None:
    line = b'{"sku": "A1", "price": %d.%02d}' % divmod(cents, 100)
    assert _stage(read_json_row(line)).price_amount == cents


@pytest.mark.parametrize("digits", ["96385074", "036000291452", "4006381333931", "14006381333938"])
def test_gtins_are_stored_with_14_digits(digits: str) -> None:
    assert _stage(read_json_row(_json(gtin=digits))).gtin == digits.zfill(14)


def test_left_out_and_null_are_told_apart() -> None:
    left_out = _stage(read_json_row(_json()))
    cleared = _stage(read_json_row(_json(brand=None, price=None, gtin=None)))
    assert (left_out.brand, left_out.price_amount, left_out.cleared) == (None, None, 0)
    assert (cleared.brand, cleared.price_amount) == (None, None)
    assert cleared.cleared.bit_count() == 3


def test_categories_are_paths_of_names() -> None:
    as_text = _stage(read_json_row(_json(category=" Electronics >Audio  and TV> Headphones ")))
    as_list = _stage(read_json_row(_json(category=["Electronics", "Audio and TV", "Headphones"])))
    assert as_text.category == as_list.category == LEVEL_MARK.join(["Electronics", "Audio and TV", "Headphones"])


def test_a_level_in_a_list_may_contain_the_separator() -> None:
    staged = _stage(read_json_row(_json(category=["Cables", "USB > Lightning"])))
    assert staged.category == f"Cables{LEVEL_MARK}USB > Lightning"


def test_text_of_a_table_is_read_as_numbers_booleans_and_moments() -> None:
    values: dict[str, object] = {
        "sku": "A1",
        "stock": "7",
        "allow_backorder": "true",
        "rating_average": "4.5",
        "price": "9.90",
        "created_at": "2026-01-31T08:00:00Z",
        "attributes": {"weight_kg": "2.0", "wireless": "Yes", "note": "12"},
    }
    staged = _stage(convert_row(values, is_text=True), is_text=True)
    assert (staged.stock, staged.allow_backorder, staged.rating_average) == (7, True, 4.5)
    assert (staged.price_amount, staged.created_at) == (990, datetime(2026, 1, 31, 8, tzinfo=UTC))
    assert staged.attributes == '{"weight_kg":2,"wireless":true,"note":"12"}'


def test_attributes_not_known_are_added_with_the_type_of_their_first_value() -> None:
    registry = AttributeRegistry({}, {})
    registry.check({"depth": 1.5, "is_new": True, "fabric": "wool"}, is_text=False)
    assert [(one.code, one.type, one.name) for one in registry.take_added()] == [
        ("depth", "number", "Depth"),
        ("is_new", "boolean", "Is new"),
        ("fabric", "text", "Fabric"),
    ]
    assert registry.take_added() == []
    with pytest.raises(RowError, match="number"):
        registry.check({"depth": "deep"}, is_text=False)


def test_a_refused_row_adds_no_attribute() -> None:
    registry = AttributeRegistry(KNOWN, {})
    with pytest.raises(RowError):
        registry.check({"fabric": "wool", "wireless": "maybe"}, is_text=False)
    assert registry.take_added() == []


def test_a_file_that_uses_values_as_names_does_not_flood_the_catalog() -> None:
    registry = AttributeRegistry({}, {})
    registry.check({f"a{number}": 1 for number in range(MAX_NEW_ATTRIBUTES)}, is_text=False)
    with pytest.raises(RowError) as caught:
        registry.check({"one_more": 1}, is_text=False)
    assert caught.value.code == "too_many_attributes"


@given(st.text(max_size=200))
def test_codes_made_of_any_name_are_valid(text: str) -> None:
    assert msgspec.convert(make_code(text), Code) == make_code(text)


def test_codes_of_long_names_stay_apart() -> None:
    names = [f"{'acoustic pressure emissions ' * 4}{mode}" for mode in ("copy", "print", "scan")]
    assert len({make_code(name) for name in names}) == 3
