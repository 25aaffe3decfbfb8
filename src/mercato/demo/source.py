"""Reads the departments, the hand-written part of the demo catalog, from the TOML files beside this module."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from mercato.demo.model import AttributeValue

# The order of the departments in the store.
DEPARTMENTS = (
    "electronics",
    "home",
    "fashion",
    "sports",
    "beauty",
    "toys",
    "baby",
    "books",
    "garden",
    "pets",
    "food",
)


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from", "stop": "to"}):
    """The numbers, or the days as ISO 8601, from `start` to `stop`, both included, `step` numbers or days apart."""

    start: float | str
    stop: float | str
    step: float


# What an attribute may be: values of equal weight (repeat one to make it likelier), a span, or the chance of "yes".
Choice = list[str | int | float] | Span | float


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of product in a leaf category.

    `price` multiplies the category's prices; `fixed` sets attributes, `without` drops them, `attributes` replaces or
    adds choices; `about` holds sentences that are true of this kind only; without a `variation` the series chooses it.
    """

    noun: str
    design: str
    variation: int | None = None
    price: float = 1.0
    about: list[str] = []
    fixed: dict[str, AttributeValue] = {}
    without: list[str] = []
    attributes: dict[str, Choice] = {}


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sentences of descriptions: an opening, details and a closing, with places like {battery_hours} to fill."""

    intro: list[str]
    detail: list[str]
    use: list[str]


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A leaf category and how its products are made.

    `share` is its part of the catalog; `price` in euros and `weight` in grams span the usual range; `priced_by` names
    the attribute that raises the price; `name_form` and `called` are the long and the short form of a product's name;
    `when` holds sentences for booleans that are true. Where `is_colored` is false the colors tint pictures only.
    """

    code: str
    name: str
    description: str
    price: tuple[float, float]
    weight: tuple[int, int]
    brands: list[str]
    series: list[str]
    colors: list[str]
    tags: list[str]
    kind: list[Kind]
    text: Text
    group: str | None = None
    share: int = 1
    models: list[str] = []
    is_colored: bool = True
    name_form: str = ""
    called: str = ""
    priced_by: str | None = None
    attributes: dict[str, Choice] = {}
    when: dict[str, list[str]] = {}

    @property
    def form_of_name(self) -> str:
        """The name form, with the usual one where none is given."""
        model = " {model}" if self.models else ""
        return self.name_form or "{brand} {series}" + model + " {noun}, {color}"

    @property
    def form_of_short_name(self) -> str:
        model = " {model}" if self.models else ""
        return self.called or "{brand} {series}" + model


class Department(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A root category: `groups` are its middle level, name to description; leaves may also hang on the root."""

    name: str
    description: str
    groups: dict[str, str]
    leaf: list[Leaf]


@cache
def departments() -> tuple[Department, ...]:
    """All departments in store order; msgspec.ValidationError when a file does not fit the structs above."""
    return tuple(msgspec.convert(_read(name), Department) for name in DEPARTMENTS)


@cache
def shared_sentences() -> dict[str, dict[str, list[str]]]:
    """Sentences that hold in any category: attribute code -> value ("yes" for a true boolean) -> sentences."""
    return msgspec.convert(_read("shared"), dict[str, dict[str, list[str]]])


def _read(name: str) -> dict[str, object]:
    return tomllib.loads(files("mercato.demo").joinpath("departments", f"{name}.toml").read_text(encoding="utf-8"))
