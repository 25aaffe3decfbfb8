"""Templates to bytes: the Jinja environment, what every page knows of the shop, and the policy that keeps pages safe."""

import gzip
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import jinja2
import msgspec
from babel.core import UnknownLocaleError
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from mercato.platform.money import Money, format_money
from mercato.platform.settings import Settings
from mercato.search.taxonomy import Taxonomy
from mercato.storefront.assets import asset
from mercato.storefront.navigation import Link, brand_url, category_url, product_url, variant_url
from mercato.storefront.pictures import SIZES, picture_of, picture_origins
from mercato.storefront.pricing import reduction

_INDENTATION = re.compile(r"\n\s+")
_GZIP_LEVEL = 5
_MIN_GZIP_SIZE = 1000


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """What every page knows of the shop it belongs to."""

    name: str
    locale: str
    language: str
    public_url: str
    currency: str
    """What prices are shown in, as far as products have prices in it."""
    home_currency: str
    currencies: tuple[str, ...]
    """What prices can be shown in, that of the shop first."""
    product_count: int
    departments: list[Link]
    """The root categories, in order."""
    picture_origins: tuple[str, ...]
    """Other hosts that pictures come from."""

    @property
    def content_policy(self) -> str:
        """Pages load from this origin alone, but for pictures that the settings keep elsewhere, and nothing inline."""
        pictures = " ".join(("img-src 'self' data:", *self.picture_origins))
        return (
            f"default-src 'none'; script-src 'self'; style-src 'self'; {pictures}; font-src 'self'; connect-src 'self'; "
            "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )

    def money(self, price: Money) -> str:
        """A price as this shop writes it."""
        return _money(price.amount, price.currency, self.locale)

    def amount(self, minor_units: int) -> str:
        """A price in the shop's own currency."""
        return _money(minor_units, self.currency, self.locale)

    def number(self, value: float) -> str:
        """A number with this shop's grouping and decimal mark."""
        return _number(value, self.locale)

    def rating(self, average: float) -> str:
        """An average rating with one decimal."""
        return _number(average, self.locale, "0.0")

    @property
    def description(self) -> str:
        """The shop in a sentence, for search engines."""
        names = ", ".join(link.label for link in self.departments[:6])
        return f"{self.number(self.product_count)} products at {self.name}: {names}. Search finds them as you type."

    def in_currency(self, url: str, currency: str | None = None) -> str:
        """An address of this shop that shows prices in a currency; left out, in the present one."""
        wanted = currency or self.currency
        return url if wanted == self.home_currency else f"{url}{'&' if '?' in url else '?'}currency={wanted}"

    def absolute(self, path: str) -> str:
        """The full address of a path of this shop."""
        return path if "://" in path else self.public_url + path


def shop_of(settings: Settings, taxonomy: Taxonomy, currency: str | None = None) -> Shop:
    """The shop as settings and categories make it; departments without a product are left out."""
    roots = [category for category in taxonomy.children(None) if category.product_count]
    return Shop(
        name=settings.shop_name,
        locale=settings.locale,
        language=settings.locale.replace("_", "-"),
        public_url=settings.public_url.rstrip("/"),
        currency=currency or settings.currency,
        home_currency=settings.currency,
        currencies=(settings.currency, *settings.currencies.codes),
        product_count=taxonomy.product_count,
        departments=[Link(label=c.name, url=category_url(taxonomy, c), count=c.product_count) for c in roots],
        picture_origins=picture_origins(settings),
    )


def render(template: str, shop: Shop, context: Mapping[str, object], *, is_fragment: bool = False) -> bytes:
    """A page as HTML bytes; a fragment is the page's `<main>` alone, for the script to put in place."""
    layout = "fragment.html" if is_fragment else "layout.html"
    text = _ENVIRONMENT.get_template(template).render({**context, "shop": shop, "layout": layout})
    return _INDENTATION.sub("\n", text).encode()


def compress(body: bytes, accept_encoding: str) -> tuple[bytes, Mapping[str, str]]:
    """The body as this client takes it, and the headers that say so."""
    if len(body) < _MIN_GZIP_SIZE or "gzip" not in accept_encoding:
        return body, {}
    return gzip.compress(body, _GZIP_LEVEL, mtime=0), {"Content-Encoding": "gzip"}


def data_block(value: object) -> Markup:
    """JSON that is safe inside a `<script type="application/ld+json">` block."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  every character that HTML gives a meaning was escaped above


def highlighted(text: str) -> Markup:
    """A highlight of search, which is HTML-safe by contract."""
    return Markup(text)  # noqa: S704  search escapes everything but its own <mark>


def kept(text: str) -> Markup:
    """Text whose line ends and indentation are its own, and stay when those of the template go."""
    return Markup(str(escape(text)).replace("\n", "&#10;"))  # noqa: S704  escaped


@lru_cache(maxsize=8192)
def _money(amount: int, currency: str, locale: str) -> str:
    return format_money(amount, currency, locale)


@lru_cache(maxsize=8192)
def _number(value: float, locale: str, pattern: str | None = None) -> str:
    try:
        return str(format_decimal(value, format=pattern, locale=locale))
    except UnknownLocaleError:
        return str(format_decimal(value, format=pattern, locale="en"))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    environment.globals["asset"] = lambda name: asset(name).url
    environment.globals["reduction"] = reduction
    environment.globals["picture_of"] = picture_of
    environment.globals["sizes"] = SIZES
    environment.globals["product_url"] = product_url
    environment.globals["variant_url"] = variant_url
    environment.globals["brand_url"] = brand_url
    environment.filters["data_block"] = data_block
    environment.filters["highlighted"] = highlighted
    environment.filters["kept"] = kept
    return environment


_ENVIRONMENT = _environment()
