"""Whether attribute values fit their definitions, and whether those are there that have to be."""

from collections.abc import Collection, Mapping

from mercato.catalog.attribute.models import Attribute
from mercato.catalog.attribute.schemas import AttributeValue
from mercato.catalog.attribute.values import why_unfit
from mercato.platform.problems import FieldError, InvalidInput


def check_attributes(values: Mapping[str, AttributeValue], definitions: Mapping[str, Attribute]) -> None:
    """Raise `InvalidInput` with an error for each value that has no definition or does not fit it."""
    errors = []
    for code, value in values.items():
        definition = definitions.get(code)
        pointer = f"/attributes/{code}"
        if definition is None:
            errors.append(FieldError(pointer=pointer, code="unknown_attribute", message="no attribute has this code"))
        elif reason := why_unfit(value, definition.type, definition.options):
            errors.append(FieldError(pointer=pointer, code="attribute_mismatch", message=reason))
    if errors:
        raise InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors)


def check_required(values: Collection[str], required: Collection[str]) -> None:
    """Raise `InvalidInput` with an error for each required attribute that is not among the codes of `values`."""
    errors = [
        FieldError(
            pointer=f"/attributes/{code}", code="required", message="is required of active products in this category"
        )
        for code in sorted(set(required) - set(values))
    ]
    if errors:
        raise InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors)
