"""Rules of options: which there can be, whether a variant names them, and what becomes of variants when they change."""

import math
from collections.abc import Mapping, Sequence
from itertools import product as combinations_of

import msgspec

from mercato.catalog.problems import OptionInUse
from mercato.catalog.variant.schemas import Option
from mercato.platform.problems import FieldError, InvalidInput

Choice = Mapping[str, str]
"""Option -> value: what one variant is."""
StoredOptions = list[dict[str, object]]
"""Options as their column holds them."""


def read_options(stored: object) -> list[Option]:
    """Options from their column."""
    return msgspec.convert(stored, list[Option])


def store_options(options: Sequence[Option]) -> StoredOptions:
    """Options for their column."""
    return [{"name": option.name, "values": list(option.values)} for option in options]


def option_code(name: str) -> str:
    """The code of the attribute that an option goes with ("Shoe size" with `shoe_size`); also what makes two names the same."""
    return name.lower().replace(" ", "_")


def check_options(options: Sequence[Option], at: str = "/options") -> None:
    """Raise `InvalidInput` for a name or a value that is there twice, whatever its case."""
    errors = []
    names: set[str] = set()
    for n, option in enumerate(options):
        if option_code(option.name) in names:
            message = f"{option.name!r} is there already"
            errors.append(FieldError(pointer=f"{at}/{n}/name", code="duplicate_option", message=message))
        names.add(option_code(option.name))
        values: set[str] = set()
        for k, value in enumerate(option.values):
            if value.casefold() in values:
                message = f"{value!r} is there already"
                errors.append(FieldError(pointer=f"{at}/{n}/values/{k}", code="duplicate_value", message=message))
            values.add(value.casefold())
    _raise(errors)


def check_choice(choice: Choice, options: Sequence[Option], at: str) -> None:
    """Raise `InvalidInput` unless the choice has one of the values of each option, and nothing else."""
    known = {option.name: option.values for option in options}
    errors = []
    for name, value in choice.items():
        pointer = f"{at}/{_escaped(name)}"
        if name not in known:
            message = f"the product has no such option (it has: {', '.join(known) or 'none'})"
            errors.append(FieldError(pointer=pointer, code="unknown_option", message=message))
        elif value not in known[name]:
            message = f"{value!r} is none of its values ({', '.join(known[name][:20])})"
            errors.append(FieldError(pointer=pointer, code="unknown_option_value", message=message))
    errors += [
        FieldError(pointer=f"{at}/{_escaped(name)}", code="missing_option", message="the option needs a value")
        for name in known
        if name not in choice
    ]
    _raise(errors)


def infer_options(choices: Sequence[Choice]) -> list[Option]:
    """The options that these choices speak of, names and values in the order in which they come up."""
    values: dict[str, dict[str, None]] = {}
    for choice in choices:
        for name, value in choice.items():
            values.setdefault(name, {})[value] = None
    return [Option(name=name, values=list(found)) for name, found in values.items()]


def first_choice(options: Sequence[Option]) -> dict[str, str]:
    """The first value of each option."""
    return {option.name: option.values[0] for option in options}


def count_choices(options: Sequence[Option]) -> int:
    """How many combinations there are."""
    return math.prod(len(option.values) for option in options)


def all_choices(options: Sequence[Option]) -> list[dict[str, str]]:
    """All combinations, the last option changing fastest."""
    names = [option.name for option in options]
    return [dict(zip(names, values, strict=True)) for values in combinations_of(*(o.values for o in options))]


def carry_over(choice: Choice, before: Sequence[Option], after: Sequence[Option]) -> dict[str, str]:
    """What a variant is once its product's options have changed.

    An option at the same place with the same values was renamed; one that was added gives its first value; one that is gone
    is forgotten. Raises `OptionInUse` when the variant's value is gone.
    """
    names = _renamed(before, after)
    kept = {names.get(name, name): value for name, value in choice.items()}
    carried = {}
    for option in after:
        value = kept.get(option.name, option.values[0])
        if value not in option.values:
            raise OptionInUse(
                f"A variant has {option.name}: {value}. Change or delete it first, then remove the value."
            )
        carried[option.name] = value
    return carried


def _renamed(before: Sequence[Option], after: Sequence[Option]) -> dict[str, str]:
    old_names, new_names = {option.name for option in before}, {option.name for option in after}
    return {
        old.name: new.name
        for old, new in zip(before, after, strict=False)
        if old.name not in new_names and new.name not in old_names and list(old.values) == list(new.values)
    }


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _raise(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors)
