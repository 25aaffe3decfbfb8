"""Conflicts of the catalog, and the database constraints that reveal them."""

from mercato.platform.http import CONSTRAINTS
from mercato.platform.problems import Conflict, Forbidden, Problem


class SlugTaken(Conflict):
    """Another live row has the slug."""

    code = "slug_taken"


class NotOwner(Forbidden):
    """Sellers change their own products only."""

    code = "not_owner"


class SkuTaken(Conflict):
    """Another live variant has the SKU."""

    code = "sku_taken"


class ExternalRefTaken(Conflict):
    """Another live product has the external reference."""

    code = "external_ref_taken"


class AttributeCodeTaken(Conflict):
    """Another live attribute has the code."""

    code = "attribute_code_taken"


class CategoryCycle(Conflict):
    """A category cannot go below itself."""

    code = "category_cycle"


class CategoryNotEmpty(Conflict):
    """The category has children or products."""

    code = "category_not_empty"


class BrandInUse(Conflict):
    """Products have the brand."""

    code = "brand_in_use"


class NotApplied(Problem):
    """An operation of a batch that is fine itself, but another one is not (RFC 4918, section 11.4)."""

    status = 424
    code = "not_applied"


class AttributeInUse(Conflict):
    """Products have values of the attribute."""

    code = "attribute_in_use"


class OptionsTaken(Conflict):
    """Another variant of the product is the same combination."""

    code = "options_taken"


class OptionsMissing(Conflict):
    """The product has no options that could tell several variants apart."""

    code = "options_missing"


class OptionInUse(Conflict):
    """A variant has the value."""

    code = "option_in_use"


class TooManyVariants(Conflict):
    """The product would have more variants than a product can have."""

    code = "too_many_variants"


class DefaultRequired(Conflict):
    """One variant of each product is the default."""

    code = "default_required"


class HasVariants(Conflict):
    """Of a product with several variants, price, stock and the like are said of each variant."""

    code = "has_variants"


class LastVariant(Conflict):
    """Every product has a variant."""

    code = "last_variant"


class InsufficientStock(Conflict):
    """More would go than is available."""

    code = "insufficient_stock"


class ReservationExpired(Conflict):
    """It was not confirmed in time."""

    code = "reservation_expired"


class ReservationReleased(Conflict):
    """Its pieces were let go."""

    code = "reservation_released"


class ReservationConfirmed(Conflict):
    """Its pieces are sold."""

    code = "reservation_confirmed"


class StockBelowZero(Conflict):
    """Without backorders, stock is not below zero."""

    code = "stock_below_zero"


class SaleOverlaps(Conflict):
    """The variant has another sale at that time, in that currency."""

    code = "sale_overlaps"


class SaleBegun(Conflict):
    """Price and beginning of a sale that has begun do not change."""

    code = "sale_begun"


class SaleEnded(Conflict):
    """A sale that is over does not change."""

    code = "sale_ended"


class RequiredMissing(Conflict):
    """Active products lack an attribute that would become required."""

    code = "required_missing"


def _slug_taken() -> SlugTaken:
    return SlugTaken("Another one has this slug. Choose another, or leave it out and one is made from the name.")


CONSTRAINTS.register(
    {
        "product_slug_key": _slug_taken,
        "category_slug_key": _slug_taken,
        "brand_slug_key": _slug_taken,
        "variant_sku_key": lambda: SkuTaken("Another variant has this SKU."),
        "variant_options_key": lambda: OptionsTaken(
            "Another variant of the product is the same combination of options."
        ),
        "product_external_ref_key": lambda: ExternalRefTaken("Another product has this external_ref."),
        "variant_stock_not_negative": lambda: StockBelowZero("The stock is below zero, which needs allow_backorder."),
        "sale_no_overlap": lambda: SaleOverlaps("The variant has another sale in this currency at that time."),
        "attribute_code_key": lambda: AttributeCodeTaken("Another attribute has this code."),
    }
)
