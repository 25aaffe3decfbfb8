"""What pages tell machines of themselves: schema.org in JSON-LD (https://schema.org, https://json-ld.org)."""

from collections.abc import Sequence

from mercato.catalog.product.schemas import Product
from mercato.catalog.review.schemas import Review
from mercato.catalog.variant.schemas import Variant
from mercato.platform.html import plain_text
from mercato.platform.money import Money, to_major
from mercato.search.schemas import SearchHit
from mercato.storefront.navigation import Link, product_url, variant_url
from mercato.storefront.pages.reviews import Reviews
from mercato.storefront.pages.variants import chosen_variant
from mercato.storefront.pictures import picture_of
from mercato.storefront.rendering import Shop

_CONTEXT = "https://schema.org"
_IN_STOCK = "https://schema.org/InStock"
_BACKORDER = "https://schema.org/BackOrder"
_OUT_OF_STOCK = "https://schema.org/OutOfStock"


def breadcrumb_list(shop: Shop, trail: Sequence[Link]) -> dict[str, object]:
    """The trail of a page as a `BreadcrumbList`."""
    return {
        "@context": _CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": link.label, "item": shop.absolute(link.url)}
            for place, link in enumerate(trail, start=1)
        ],
    }


def item_list(shop: Shop, hits: Sequence[SearchHit], *, first: int) -> dict[str, object]:
    """The products of one results page as an `ItemList`; `first` is the place of the first of them."""
    return {
        "@context": _CONTEXT,
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "url": shop.absolute(product_url(hit.slug)), "name": hit.name}
            for place, hit in enumerate(hits, start=first)
        ],
    }


def website(shop: Shop) -> dict[str, object]:
    """The shop as a `WebSite` whose search others may link to."""
    return {
        "@context": _CONTEXT,
        "@type": "WebSite",
        "name": shop.name,
        "url": shop.absolute("/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": shop.absolute("/search?q={search_term_string}")},
            "query-input": "required name=search_term_string",
        },
    }


def product_data(shop: Shop, product: Product, reviews: Reviews) -> dict[str, object]:
    """A product with its offers and the reviews beside it as a `Product`; what is not known is left out."""
    variant = chosen_variant(product, None)
    data: dict[str, object] = {
        "@context": _CONTEXT,
        "@type": "Product",
        "name": product.name,
        "url": shop.absolute(product_url(product.slug)),
        "description": plain_text(product.description),
        "image": [shop.absolute(picture_of(image).large) for image in product.images],
        "sku": variant.sku,
        "gtin": variant.gtin,
        "brand": {"@type": "Brand", "name": product.brand.name} if product.brand else None,
        "category": " > ".join(step.name for step in product.category.path) if product.category else None,
        "offers": _offers(shop, product),
    }
    if product.rating.average is not None and product.rating.count:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": product.rating.average,
            "ratingCount": product.rating.count,
            **({"reviewCount": reviews.count} if reviews.count else {}),
        }
    data["review"] = [_review(shown.review) for shown in reviews.shown]
    return {key: value for key, value in data.items() if value}


def _review(review: Review) -> dict[str, object]:
    data: dict[str, object] = {
        "@type": "Review",
        "author": {"@type": "Person", "name": review.author},
        "datePublished": review.created_at.date().isoformat(),
        "reviewRating": {"@type": "Rating", "ratingValue": review.rating, "bestRating": 5},
        "name": review.title,
        "reviewBody": review.body,
    }
    return {key: value for key, value in data.items() if value}


def _offers(shop: Shop, product: Product) -> list[dict[str, object]]:
    """One for each variant, with the address that shows it."""
    has_several = len(product.variants) > 1
    return [
        {
            "@type": "Offer",
            **({"name": ", ".join(variant.options.values())} if has_several else {}),
            "sku": variant.sku,
            "price": str(to_major(variant.price.amount, variant.price.currency)),
            "priceCurrency": variant.price.currency,
            **({"priceValidUntil": variant.sale.ends_at.date().isoformat()} if variant.sale else {}),
            "availability": _availability(variant),
            "itemCondition": "https://schema.org/NewCondition",
            "url": shop.absolute(variant_url(product.slug, variant.sku) if has_several else product_url(product.slug)),
        }
        for variant in product.variants
        if isinstance(variant.price, Money)
    ]


def _availability(variant: Variant) -> str:
    if variant.stock > 0:
        return _IN_STOCK
    return _BACKORDER if variant.allow_backorder else _OUT_OF_STOCK
