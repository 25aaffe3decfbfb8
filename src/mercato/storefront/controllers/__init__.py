"""HTTP of the storefront, registered once."""

from litestar.handlers import HTTPRouteHandler

from mercato.storefront.controllers.account import (
    account,
    account_password,
    sign_in,
    sign_in_form,
    sign_out,
)
from mercato.storefront.controllers.errors import make_exception_handler
from mercato.storefront.controllers.files import (
    favicon,
    robots_file,
    sitemap,
    sitemap_of_pages,
    sitemap_of_products,
    static_file,
)
from mercato.storefront.controllers.listings import brand, category, results
from mercato.storefront.controllers.pages import home, product
from mercato.storefront.controllers.reviews import review_form, reviews, write_review

STOREFRONT_HANDLERS: tuple[HTTPRouteHandler, ...] = (
    home,
    results,
    category,
    brand,
    product,
    reviews,
    review_form,
    write_review,
    sign_in_form,
    sign_in,
    sign_out,
    account,
    account_password,
    static_file,
    favicon,
    robots_file,
    sitemap,
    sitemap_of_pages,
    sitemap_of_products,
)

__all__ = ["STOREFRONT_HANDLERS", "make_exception_handler"]
