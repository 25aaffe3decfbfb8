"""What attributes an import knows: those of the database, and those it is about to add."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from mercato.catalog.attribute.schemas import AttributeCreate, AttributeInput, AttributeType, AttributeValue, Quantity
from mercato.catalog.attribute.values import UnitMismatch, in_unit, why_unfit
from mercato.transfer.problems import RowError

MAX_CODE_LENGTH = 60
MAX_NEW_ATTRIBUTES = 10_000
"""An import adds no more than this: beyond, the file rather uses values as names."""
_FOREIGN = re.compile(r"[^a-z0-9]+")
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})
_QUANTITY = re.compile(r"\s*(?P<value>[+-]?\d{1,16}(?:\.\d{1,16})?)\s*(?P<unit>[^\d\s.,+-].{0,19}?)\s*", re.ASCII)


def make_code(text: str) -> str:
    """An attribute code made of any name: "Adequate (typical)" becomes `adequate_typical`.

    A name that is too long is cut and gets six characters of its digest, so that two long names stay apart.
    """
    code = _FOREIGN.sub("_", text.lower()).strip("_")
    if not code or code[0].isdigit():
        code = f"a_{code}".rstrip("_")
    if len(code) <= MAX_CODE_LENGTH:
        return code
    return f"{code[: MAX_CODE_LENGTH - 7].rstrip('_')}_{digest(text)}"


def digest(text: str) -> str:
    """Six characters that tell a name from others."""
    return sha256(text.encode()).hexdigest()[:6]


def make_name(code: str) -> str:
    """A label for people of at most 100 characters: `screen_size` becomes "Screen size"."""
    words = code.replace("_", " ").split()
    name = " ".join(words)[:100].rstrip()
    return name[:1].upper() + name[1:]


class AttributeRegistry:
    """Definitions by code. Values are checked against them; a code seen for the first time gets a definition."""

    def __init__(self, known: Mapping[str, AttributeCreate], planned: Mapping[str, AttributeCreate]) -> None:
        self._known = dict(known)
        self._planned = planned
        self._added: dict[str, AttributeCreate] = {}
        self._used: set[str] = set()
        self._count = 0

    def check(self, values: Mapping[str, AttributeInput | None], *, is_text: bool) -> dict[str, AttributeValue | None]:
        """The values as they are to be stored (null removes one); raises `RowError` for one that does not fit.

        With `is_text` (CSV) numbers, with or without a unit, and booleans are read from text.
        """
        checked: dict[str, AttributeValue | None] = {}
        fresh: dict[str, AttributeCreate] = {}
        for code, raw in values.items():
            if raw is None:
                checked[code] = None
                continue
            definition = self._known.get(code)
            if definition is None:
                definition = fresh[code] = self._planned.get(code) or _infer(code, raw)
            value = _read(raw, definition) if is_text and isinstance(raw, str) else raw
            if isinstance(value, Quantity):
                value = _convert(value, definition)
            if reason := why_unfit(value, definition.type, definition.options):
                raise RowError(
                    f"attributes.{code}", "attribute_mismatch", f"{reason} (attribute of type {definition.type})"
                )
            checked[code] = int(value) if isinstance(value, float) and value.is_integer() else value
        if fresh:
            self._count += len(fresh)
            if self._count > MAX_NEW_ATTRIBUTES:
                message = f"the file has more than {MAX_NEW_ATTRIBUTES:,} attributes that are not defined"
                raise RowError("attributes", "too_many_attributes", message)
            self._known |= fresh
            self._added |= fresh
        self._used.update(checked)
        return checked

    def take_used(self) -> list[AttributeCreate]:
        """The definitions that values were checked against since the last call."""
        used = [self._known[code] for code in sorted(self._used) if code in self._known]
        self._used = set()
        return used

    def take_added(self) -> list[AttributeCreate]:
        """The definitions added since the last call; they must be in the database before the values."""
        added = list(self._added.values())
        self._added = {}
        return added


def definitions_by_code(definitions: Iterable[AttributeCreate]) -> dict[str, AttributeCreate]:
    """Index definitions by their code."""
    return {definition.code: definition for definition in definitions}


def _infer(code: str, value: AttributeInput) -> AttributeCreate:
    if isinstance(value, Quantity):
        return AttributeCreate(code=code, name=make_name(code), type="number", unit=value.unit)
    kind: AttributeType = "text"
    if isinstance(value, bool):
        kind = "boolean"
    elif isinstance(value, int | float):
        kind = "number"
    return AttributeCreate(code=code, name=make_name(code), type=kind)


def _convert(quantity: Quantity, definition: AttributeCreate) -> AttributeValue:
    try:
        return in_unit(quantity, definition.type, definition.unit)
    except UnitMismatch as error:
        raise RowError(f"attributes.{definition.code}", "unit_mismatch", str(error)) from None


def _read(text: str, definition: AttributeCreate) -> AttributeInput:
    """Text as a value of the type; what cannot be read stays text, and is then refused."""
    if definition.type == "number":
        return _read_number(text, has_unit=definition.unit is not None)
    if definition.type == "boolean":
        word = text.strip().lower()
        return word in _YES if word in _YES or word in _NO else text
    return text


def _read_number(text: str, *, has_unit: bool) -> AttributeInput:
    try:
        return float(text)
    except ValueError:
        match = _QUANTITY.fullmatch(text) if has_unit else None
        return Quantity(value=float(match["value"]), unit=match["unit"]) if match else text
