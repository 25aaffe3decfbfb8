"""A mapping made ready: source rows in, canonical rows out."""

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingABC
from typing import NamedTuple

from msgspec import UNSET

from mercato.catalog.attribute.schemas import AttributeCreate, AttributeType
from mercato.transfer.attributes import digest, make_code, make_name
from mercato.transfer.mapping.schemas import AttributeRule, AttributeRules, FieldRule, Mapping, Scalar
from mercato.transfer.mapping.words import RuleSet
from mercato.transfer.problems import MappingError, RowError
from mercato.transfer.row import IDENTITY

Source = MappingABC[str, object]
Getter = Callable[[Source], object]

PRICES = frozenset({"price", "compare_at_price"})
# Texts of one line: runs of blanks and line ends become one blank.
_LINES = frozenset({"name", "brand", "sku", "external_ref", "slug", "status", "currency", "gtin"})
_UNLISTED_POSITION = 1000
MAX_SOURCE_FIELDS = 50_000
"""A file with more different fields than this is not a table of products; remembering them would need memory."""
_PLACE = re.compile(r"\{([^{}]+)\}")


class MappedRow(NamedTuple):
    """A canonical row as a dictionary, not checked yet, and the SKU to fall back on."""

    values: dict[str, object]
    sku_fallback: str | None


class CompiledMapping:
    """Applies a mapping row by row."""

    def __init__(self, mapping: Mapping) -> None:
        self._getters = [(field, _getter(field, rule)) for field, rule in mapping.fields.items()]
        sku = mapping.fields.get("sku")
        self._fallback = _getter("sku", sku.fallback) if sku and sku.fallback else None
        self._attributes = _AttributeReader(mapping.attributes)
        self._mapping = mapping

    @property
    def definitions(self) -> dict[str, AttributeCreate]:
        """What the mapping says of attributes, by code: used for those that the database lacks."""
        return self._attributes.definitions

    def apply(self, source: Source) -> MappedRow:
        """The canonical row of a source row. Fields without a value are left out."""
        values: dict[str, object] = {
            field: value for field, get in self._getters if (value := get(source)) is not UNSET
        }
        if attributes := self._attributes.read(source):
            values["attributes"] = attributes
        fallback = self._fallback(source) if self._fallback else None
        return MappedRow(values, fallback if isinstance(fallback, str) else None)

    def may_drop(self, column: str) -> bool:
        """Whether a row is loaded without this column when its value is not valid."""
        field = column.partition(".")[0]
        if field == "attributes":
            return self._mapping.attributes.on_invalid == "drop"
        return any(name == field and rule.on_invalid == "drop" for name, rule in self._mapping.fields.items())

    def missing_columns(self, columns: Sequence[str]) -> list[str]:
        """The source fields that the mapping needs and a table with these columns lacks."""
        needed = [name for rule in self._mapping.fields.values() for name in _sources(rule)]
        needed += [rule.source for rule in self._mapping.attributes.define.values() if rule.source is not None]
        return sorted(set(needed) - set(columns))


def compile_mapping(mapping: Mapping) -> CompiledMapping:
    """Check what its types cannot express and make the mapping ready; raises `MappingError` with all problems."""
    problems = [problem for field, rule in mapping.fields.items() for problem in _problems(field, rule)]
    if not any(field in mapping.fields for field in IDENTITY):
        problems.append("fields: external_ref or sku is needed to recognise products")
    sku = mapping.fields.get("sku")
    if sku and sku.fallback and "external_ref" not in mapping.fields:
        problems.append("fields.sku.fallback: needs external_ref, which then tells products apart")
    for code, attribute in mapping.attributes.define.items():
        problems += _attribute_problems(code, attribute, _type_of(attribute, mapping.attributes))
    if problems:
        raise MappingError(problems)
    return CompiledMapping(mapping)


def _attribute_problems(code: str, rule: AttributeRule, kind: AttributeType) -> list[str]:
    problems = []
    if rule.unit is not None and kind != "number":
        problems.append(f"attributes.define.{code}.unit: only numbers have a unit")
    if rule.options and kind not in {"enum", "color"}:
        problems.append(f"attributes.define.{code}.options: only enum and color have options")
    if kind == "enum" and not rule.options:
        problems.append(f"attributes.define.{code}.options: an enum needs at least one")
    return problems


def _type_of(rule: AttributeRule, rules: AttributeRules) -> AttributeType:
    """The type that the rule names, else that of the prefix of its source, else text."""
    by_prefix = (kind for prefix, kind in rules.prefixes.items() if (rule.source or "").startswith(prefix))
    return rule.type if rule.type is not None else next(by_prefix, "text")


def _problems(field: str, rule: FieldRule) -> list[str]:
    ways = [rule.source is not None, rule.const is not UNSET, rule.template is not None, rule.rules is not None]
    problems = []
    if sum(ways) != 1:
        problems.append(f"fields.{field}: needs exactly one of from, const, template and rules")
    if (rule.unit == "minor" or rule.currency or rule.decimal_mark == ",") and field not in PRICES:
        problems.append(f"fields.{field}: unit, currency and decimal_mark are for prices")
    if rule.unit == "minor" and field in PRICES and rule.currency is None:
        problems.append(f"fields.{field}: minor units need a currency")
    if rule.unit == "major" and rule.currency is not None:
        problems.append(f"fields.{field}: the currency of prices in major units is the field currency")
    if rule.fallback is not None:
        if field != "sku":
            problems.append(f"fields.{field}: only sku has a fallback")
        problems += _problems(f"{field}.fallback", rule.fallback)
    return problems


def _sources(rule: FieldRule) -> list[str]:
    names = [rule.source] if rule.source is not None else []
    names += _PLACE.findall(rule.template or "")
    names += [condition.field for one in rule.rules or [] for condition in (*one.when, *one.unless)]
    return names + (_sources(rule.fallback) if rule.fallback else [])


def _getter(field: str, rule: FieldRule) -> Getter:
    find = _finder(rule)
    steps = _steps(field, rule)

    def get(source: Source) -> object:
        value = find(source)
        if value is UNSET or value == "" or value is None:
            value = rule.default
            return value if value is UNSET or rule.unit == "major" else _minor(value, rule)
        for step in steps:
            value = step(value)
            if value is UNSET:
                return rule.default
        return value

    return get


def _finder(rule: FieldRule) -> Getter:
    if rule.const is not UNSET:
        return lambda _: rule.const
    if rule.template is not None:
        return _template(rule.template)
    if rule.rules is not None:
        rules = RuleSet(rule.rules)
        return lambda source: rules.decide(source) or UNSET
    name = rule.source or ""
    return lambda source: source.get(name, UNSET)


def _template(template: str) -> Getter:
    names = _PLACE.findall(template)

    def fill(source: Source) -> object:
        text = template
        for name in names:
            value = source.get(name)
            if value is None or value == "" or isinstance(value, list | dict):
                return UNSET
            text = text.replace(f"{{{name}}}", str(value))
        return text

    return fill


def _steps(field: str, rule: FieldRule) -> list[Callable[[object], object]]:
    steps: list[Callable[[object], object]] = []
    if rule.first:
        steps.append(lambda value: (value[0] if value else UNSET) if isinstance(value, list) else value)
    if rule.values is not None:
        steps.append(_translator(rule.values))
    if rule.split is not None:
        separator = rule.split
        steps.append(lambda value: _split(value, separator))
    if field in _LINES:
        steps.append(lambda value: " ".join(value.split()) if isinstance(value, str) else value)
    if rule.max_length is not None:
        length = rule.max_length
        steps.append(lambda value: value[:length].rstrip() if isinstance(value, str) else value)
    if rule.decimal_mark == ",":
        steps.append(_with_point)
    if rule.unit == "minor":
        steps.append(lambda value: _minor(value, rule))
    return steps


def _translator(values: MappingABC[str, Scalar]) -> Callable[[object], object]:
    return lambda value: values.get(str(value), value) if isinstance(value, str | int | float) else value


def _split(value: object, separator: str) -> object:
    if not isinstance(value, str):
        return value
    return [part for piece in value.split(separator) if (part := piece.strip())]


def _with_point(value: object) -> object:
    if not isinstance(value, str):
        return value
    return re.sub(r"[.\s\u00a0\u202f]", "", value).replace(",", ".")


def _minor(value: object, rule: FieldRule) -> object:
    amount = int(value) if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() else value
    return {"amount": amount, "currency": rule.currency}


class _AttributeReader:
    """Collects the attributes of a source row: those listed, then those found by their prefix."""

    def __init__(self, rules: AttributeRules) -> None:
        self._rules = rules
        self._ignored = frozenset(rules.ignore)
        self.definitions: dict[str, AttributeCreate] = {}
        # Source field -> (code, translation of values); filled as fields turn up, since nobody knows them beforehand.
        self._known: dict[str, tuple[str, Callable[[object], object] | None] | None] = {}
        for order, (code, rule) in enumerate(rules.define.items(), start=1):
            self._define(code, rule, order)

    def read(self, source: Source) -> dict[str, object]:
        """Code -> value; empty values and values that are lists are left out."""
        values: dict[str, object] = {}
        for field, value in source.items():
            known = self._known[field] if field in self._known else self._meet(field)
            if known is not None and value is not None and value != "" and not isinstance(value, list | dict):
                code, translate = known
                values[code] = self._cut(value if translate is None else translate(value))
        return values

    def _define(self, code: str, rule: AttributeRule, order: int) -> None:
        translate = _translator(rule.values) if rule.values is not None else None
        guesses = [prefix + code for prefix in self._rules.prefixes] or [code]
        for field in guesses if rule.source is None else [rule.source]:
            self._known[field] = (code, translate)
        self.definitions[code] = AttributeCreate(
            code=code,
            name=rule.name or make_name(code),
            type=_type_of(rule, self._rules),
            unit=rule.unit,
            options=rule.options,
            is_facet=rule.is_facet,
            is_searchable=rule.is_searchable,
            is_sortable=rule.is_sortable,
            position=order if rule.position is None else rule.position,
        )

    def _meet(self, field: str) -> tuple[str, Callable[[object], object] | None] | None:
        """Decide once what a source field is: an attribute by its prefix, or none."""
        if len(self._known) > MAX_SOURCE_FIELDS:
            raise RowError("", "too_many_fields", f"the file has more than {MAX_SOURCE_FIELDS:,} different fields")
        known = None
        prefix = next((one for one in self._rules.prefixes if field.startswith(one)), None)
        if prefix is not None and field not in self._ignored and len(field) > len(prefix):
            code = make_code(field[len(prefix) :])
            if code in self.definitions:  # another field was named the same: the digest tells them apart
                code = make_code(f"{code[:50]} {digest(field)}")
            kind = self._rules.prefixes[prefix]
            self.definitions[code] = AttributeCreate(
                code=code, name=make_name(field[len(prefix) :]), type=kind, position=_UNLISTED_POSITION
            )
            known = (code, None)
        self._known[field] = known
        return known

    def _cut(self, value: object) -> object:
        return value[: self._rules.max_length].strip() if isinstance(value, str) else value
