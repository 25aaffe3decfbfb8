"""HTTP of the home and product pages. A page asks the services that the API uses, never the API."""

import msgspec
from litestar import route
from litestar.params import FromPath

from mercato.catalog.product.repository import find_product
from mercato.catalog.product.schemas import Product
from mercato.catalog.slugs import present_slug
from mercato.identity.principal import PUBLISHED_ONLY
from mercato.platform.http import ApiRequest
from mercato.platform.ids import parse_id
from mercato.platform.money import to_major
from mercato.platform.problems import NotFound
from mercato.storefront.controllers.answers import PAGE, Answer, moved, page_answer, with_query
from mercato.storefront.controllers.dependencies import Categories, Configuration, Connections, Search
from mercato.storefront.navigation import Link, product_url, reviews_url, variant_url
from mercato.storefront.pages.home import make_home
from mercato.storefront.pages.product import make_product_page
from mercato.storefront.pages.reviews import BESIDE_PRODUCT, ReviewsState, make_reviews
from mercato.storefront.pages.sales import make_sale_note
from mercato.storefront.pages.variants import chosen_variant, nearest_variant, read_choices
from mercato.storefront.pricing import in_currency
from mercato.storefront.rendering import shop_of
from mercato.storefront.state import read_currency
from mercato.storefront.structured_data import breadcrumb_list, product_data, website


@route("/", **PAGE)
async def home(request: ApiRequest, search: Search, taxonomy: Categories, settings: Configuration) -> Answer:
    """Departments, popular products, deals."""
    shop = shop_of(settings, taxonomy)
    context = {
        "kind": "home",
        "title": f"{shop.name}: search {shop.number(shop.product_count)} products",
        "description": shop.description,
        "canonical": "/",
        "url": "/",
        "is_live": True,
        "data_blocks": [website(shop)],
        "home": await make_home(shop, search, taxonomy),
    }
    return page_answer(request, "home.html", shop, context)


@route("/p/{slug:str}", **PAGE)
async def product(
    request: ApiRequest,
    slug: FromPath[str],
    db: Connections,
    search: Search,
    taxonomy: Categories,
    settings: Configuration,
) -> Answer:
    """A published product; its id and its former slugs lead to its slug. `variant` is the SKU of the variant to show."""
    record = await find_product(db.reads, slug, PUBLISHED_ONLY)
    if record is None:
        present = await present_slug(db.reads, "product", slug)
        if present is None:
            raise NotFound("There is no such product.")
        return moved(with_query(product_url(present), request))
    found = msgspec.json.decode(record.body, type=Product)
    url = product_url(found.slug)
    if found.slug != slug and parse_id(slug) is not None:
        return moved(with_query(url, request))
    if not found.variants:  # a row that was written past the services
        raise NotFound("There is nothing of this product to sell.")
    currency = read_currency(request.scope["query_string"], (settings.currency, *settings.currencies.codes))
    shop = shop_of(settings, taxonomy, currency)
    sku, choices = request.query_params.get("variant"), read_choices(found, request.query_params)
    if choices:  # the form of the page was sent without its script
        target = nearest_variant(found, chosen_variant(found, sku), choices)
        return moved(shop.in_currency(variant_url(found.slug, target.sku)), permanently=False)
    if currency != settings.currency:
        found = in_currency(found, currency)
    page = await make_product_page(shop, found, search, taxonomy, sku=sku)
    price = page.variant.price
    reviews = await make_reviews(db.reads, shop, found, ReviewsState(url=reviews_url(found.slug)), limit=BESIDE_PRODUCT)
    context = {
        "kind": "product",
        "title": f"{found.name} | {shop.name}",
        "description": page.summary,
        "canonical": url,
        "currency_links": [Link(label=code, url=shop.in_currency(url, code)) for code in shop.currencies],
        "department": page.trail[1].url if len(page.trail) > 1 else "",
        "price_major": str(to_major(price.amount, price.currency)) if price else "",
        "data_blocks": [
            product_data(shop, found, reviews),
            breadcrumb_list(shop, [*page.trail, Link(label=found.name, url=url)]),
        ],
        "page": page,
        "sale": await make_sale_note(db.reads, shop, page.variant),
        "reviews": reviews,
    }
    return page_answer(request, "product.html", shop, context)
