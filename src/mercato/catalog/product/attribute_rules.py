"""Whether attribute values fit their definitions, and whether those are there that have to be."""

from collections.abc import Collection, Mapping

from mercato.catalog.attribute.models import Attribute
from mercato.catalog.attribute.schemas import AttributeInput, AttributeValue
from mercato.catalog.attribute.values import UnitMismatch, in_unit, why_unfit
from mercato.catalog.binding.repository import BindingRepository
from mercato.catalog.product.models import Product
from mercato.catalog.variant.options import option_code, read_options
from mercato.platform.problems import FieldError, InvalidInput


def fit_attributes(
    values: Mapping[str, AttributeInput], definitions: Mapping[str, Attribute]
) -> dict[str, AttributeValue]:
    """The values as they are stored, numbers in the unit of their attribute.

    Raises `InvalidInput` with an error for each value that has no definition or does not fit it.
    """
    fitting: dict[str, AttributeValue] = {}
    errors: list[FieldError] = []
    for code, value in values.items():
        try:
            fitting[code] = _fit(value, definitions.get(code))
        except _Unfit as error:
            errors.append(FieldError(pointer=f"/attributes/{code}", code=error.code, message=error.message))
    if errors:
        raise InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors)
    return fitting


class _Unfit(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _fit(value: AttributeInput, definition: Attribute | None) -> AttributeValue:
    if definition is None:
        raise _Unfit("unknown_attribute", "no attribute has this code")
    try:
        plain = in_unit(value, definition.type, definition.unit)
    except UnitMismatch as error:
        raise _Unfit("unit_mismatch", str(error)) from None
    if reason := why_unfit(plain, definition.type, definition.options):
        raise _Unfit("attribute_mismatch", reason)
    return plain


async def check_required(product: Product, bindings: BindingRepository) -> None:
    """Raise `InvalidInput` when an active product lacks what its categories require; drafts and archived ones may.

    An option of its variants is as good as a value: what they are told apart by, no single value could say.
    """
    categories = [category_id for category_id in (product.category_id, *product.category_ids) if category_id]
    if product.status != "active" or not categories:
        return
    offered = {option_code(option.name) for option in read_options(product.options)}
    lacking = await bindings.required(categories) - offered.union(product.attributes)
    if problem := missing_required(lacking):
        raise problem


def missing_required(codes: Collection[str]) -> InvalidInput | None:
    """What is wrong with an active product that lacks these attributes; None when it lacks none."""
    errors = [
        FieldError(
            pointer=f"/attributes/{code}", code="required", message="is required of active products in this category"
        )
        for code in sorted(codes)
    ]
    return InvalidInput("; ".join(f"{e.pointer}: {e.message}" for e in errors), errors=errors) if errors else None
