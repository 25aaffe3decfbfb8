"""Sitemaps (https://www.sitemaps.org/protocol.html) and robots.txt (RFC 9309)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID
from xml.sax.saxutils import escape

from mercato.search.taxonomy import Taxonomy
from mercato.storefront.navigation import brand_url, category_url, product_url
from mercato.storefront.rendering import Shop
from mercato.storefront.repository import SitemapEntry

PART_SIZE = 10_000
"""Products in one file; the protocol allows 50,000 addresses and 50 MB."""

_XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_index(shop: Shop, boundaries: Sequence[UUID]) -> bytes:
    """The index: one file for categories and brands, then one for each part of the products."""
    paths = ["/sitemap-pages.xml", *(f"/sitemap-products.xml?first={first}" for first in boundaries)]
    entries = "".join(f"<sitemap><loc>{escape(shop.absolute(path))}</loc></sitemap>" for path in paths)
    return _document("sitemapindex", entries)


def pages_sitemap(shop: Shop, taxonomy: Taxonomy) -> bytes:
    """The home page, and every category and brand that has products."""
    categories = (category_url(taxonomy, c) for c in taxonomy.categories.values() if c.product_count)
    brands = (brand_url(b.slug) for b in taxonomy.brands.values() if b.product_count)
    return _urls(shop, ((path, None) for path in ("/", *categories, *brands)))


def products_sitemap(shop: Shop, entries: Iterable[SitemapEntry]) -> bytes:
    """One part of the products."""
    return _urls(shop, ((product_url(entry.slug), entry.updated_at) for entry in entries))


def robots(shop: Shop) -> bytes:
    """What crawlers may read: everything but endless combinations of filters and the API."""
    lines = (
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /search?",
        "Allow: /",
        "",
        f"Sitemap: {shop.absolute('/sitemap.xml')}",
    )
    return ("\n".join(lines) + "\n").encode()


def _urls(shop: Shop, pages: Iterable[tuple[str, datetime | None]]) -> bytes:
    return _document("urlset", "".join(_url(shop.absolute(path), changed) for path, changed in pages))


def _url(address: str, changed: datetime | None) -> str:
    when = f"<lastmod>{changed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address)}</loc>{when}</url>"


def _document(root: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_XMLNS}">{content}</{root}>\n'.encode()
