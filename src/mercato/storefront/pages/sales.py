"""What the product page says of a sale beside its price."""

from datetime import datetime

import msgspec
from babel.core import UnknownLocaleError
from babel.dates import format_datetime

from mercato.catalog.pricing.repository import find_lowest_prices
from mercato.catalog.pricing.schemas import LowestPrice
from mercato.catalog.variant.schemas import Variant
from mercato.identity.principal import PUBLISHED_ONLY
from mercato.platform.db import Reader
from mercato.platform.money import Money
from mercato.storefront.rendering import Shop

_lowest = msgspec.json.Decoder(list[LowestPrice])


class SaleNote(msgspec.Struct, frozen=True, kw_only=True):
    """The sale that makes the price what it is: its name (may be empty), when it ends, and the lowest price of the 30 days before."""

    name: str
    ends: str
    ends_at: str
    lowest: Money | None


async def make_sale_note(reader: Reader, shop: Shop, variant: Variant) -> SaleNote | None:
    """What to say of the sale of the variant that is shown; None without one, which is the rule and asks nothing."""
    if variant.sale is None:
        return None
    found = _lowest.decode(await find_lowest_prices(reader, variant.id, PUBLISHED_ONLY) or b"[]")
    ends_at = variant.sale.ends_at
    return SaleNote(
        name=variant.sale.name,
        ends=_in_words(shop, ends_at),
        ends_at=ends_at.isoformat(),
        lowest=next((low.price for low in found if low.currency == variant.sale.list_price.currency), None),
    )


def _in_words(shop: Shop, moment: datetime) -> str:
    # The shop has no time zone of its own: the database speaks UTC, and the page says so.
    try:
        return str(format_datetime(moment, "d MMMM y, HH:mm", locale=shop.locale)) + " UTC"
    except UnknownLocaleError:
        return f"{moment:%Y-%m-%d %H:%M} UTC"
