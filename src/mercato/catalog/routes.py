"""The controllers and tables of the catalog, registered once."""

from sqlalchemy import MetaData

from mercato.catalog import problems
from mercato.catalog.attribute.controllers import AttributeController
from mercato.catalog.binding.controllers import BindingController
from mercato.catalog.brand.controllers import BrandController
from mercato.catalog.category.controllers import CategoryController
from mercato.catalog.completeness.controllers import CompletenessController
from mercato.catalog.pricing.controllers import SaleController, VariantPricingController
from mercato.catalog.product.controllers import ProductController
from mercato.catalog.reservation import models as reservation_models
from mercato.catalog.reservation.controllers import ReservationController
from mercato.catalog.review.controllers import ProductReviewController, ReviewController
from mercato.catalog.stock import models as stock_models
from mercato.catalog.stock.controllers import LowStockController, VariantStockController
from mercato.catalog.variant.controllers import ProductVariantController, VariantController
from mercato.platform.db import Base

CONTROLLERS = (
    ProductController,
    ProductVariantController,
    VariantController,
    CategoryController,
    BrandController,
    AttributeController,
    ProductReviewController,
    ReviewController,
    VariantPricingController,
    SaleController,
    BindingController,
    CompletenessController,
    VariantStockController,
    LowStockController,
    ReservationController,
)
TABLES = (stock_models, reservation_models)
"""Importing them adds what no controller needs to the schema."""
PROBLEMS = problems
"""Importing it registers what the constraints of the catalog mean."""
METADATA: MetaData = Base.metadata
