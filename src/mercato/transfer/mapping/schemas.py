"""The vocabulary of mappings. `docs/import.md` explains it; unknown keys are refused."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mercato.catalog.attribute.schemas import AttributeType, Options, Position, Unit
from mercato.platform.money import CurrencyCode
from mercato.platform.text import Code, Label
from mercato.transfer.problems import MappingError
from mercato.transfer.row import CanonicalField

Scalar = str | int | float | bool | None
Words = Annotated[list[str], Meta(min_length=1, max_length=1000)]


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Holds when the source field is one of `equals`, or contains one of `words` as whole words; letter case never counts."""

    field: str
    equals: Words = []
    words: Words = []


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The value for rows of which any condition of `when` holds and none of `unless`."""

    then: str
    when: Annotated[list[Condition], Meta(min_length=1)]
    unless: list[Condition] = []


class FieldRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """Where a field gets its value: exactly one of `from`, `const`, `template` and `rules`; then how it is changed."""

    source: str | None = None
    const: Scalar | list[str] | UnsetType = UNSET
    template: str | None = None
    """Text with `{source field}` in it; no value when one of them has none."""
    rules: list[Rule] | None = None
    """The first rule that holds decides."""
    default: Scalar | UnsetType = UNSET
    """When there is no value."""
    first: bool = False
    """Take the first element of a list."""
    split: str | None = None
    """Cut text into a list at this separator."""
    values: dict[str, Scalar] | None = None
    """Translate values; others stay."""
    unit: Literal["major", "minor"] = "major"
    """Of prices."""
    currency: CurrencyCode | None = None
    """Of prices in minor units."""
    decimal_mark: Literal[".", ","] = "."
    """Of prices written as text; with a comma, points and blanks between thousands are dropped."""
    max_length: Annotated[int, Meta(ge=1)] | None = None
    """Cut longer text."""
    on_invalid: Literal["fail", "drop"] = "fail"
    """`drop` loads the row without the value when it is not valid."""
    fallback: "FieldRule | None" = None
    """For `sku`: what a row gets when its SKU is not valid or belongs to another product."""


class AttributeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """One attribute: its definition, should the database lack it, and its source (the code itself when left out)."""

    source: str | None = None
    type: AttributeType | None = None
    name: Label | None = None
    unit: Unit | None = None
    options: Options = []
    is_facet: bool = False
    is_searchable: bool = False
    is_sortable: bool = False
    position: Position | None = None
    values: dict[str, Scalar] | None = None


class AttributeRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Attributes: those listed, then all source fields that begin with one of the prefixes."""

    prefixes: dict[str, AttributeType] = {}
    """Beginning of a source field -> type; the rest of its name is the code."""
    define: dict[Code, AttributeRule] = {}
    ignore: list[str] = []
    """Source fields to leave out."""
    max_length: Annotated[int, Meta(ge=1, le=2000)] = 2000
    """Longer text is cut."""
    on_invalid: Literal["fail", "drop"] = "fail"


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping: fields and attributes, and for people a description."""

    description: str = ""
    fields: dict[CanonicalField, FieldRule]
    attributes: AttributeRules = msgspec.field(default_factory=AttributeRules)


def read_mapping(path: Path) -> Mapping:
    """Decode a mapping; raises `MappingError` saying where it is wrong."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mapping)
    except msgspec.ValidationError as error:
        raise MappingError([str(error).replace("`", "")]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MappingError([f"it is not valid JSON: {error}"]) from None
