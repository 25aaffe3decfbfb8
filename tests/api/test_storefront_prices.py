"""Prices on the pages: any currency as people write it, and sales with what the law wants beside them."""

from html import unescape
from pathlib import Path

import pytest

from mercato.devstack import Stack
from mercato.platform.money import FurtherCurrencies
from tests.api.test_price_history import grow_old, set_price
from tests.api.test_sales import make_sale
from tests.api.test_storefront_pages import data_blocks, get, refresh
from tests.api.test_variant_prices import prices_of
from tests.support.builders import Json, make_category, make_product, price, unique
from tests.support.installation import Installation, new_installation


@pytest.mark.parametrize(
    ("money", "text", "major"),
    [
        (price(1999), "€19.99", "19.99"),
        (price(1500, "JPY"), "JP¥1,500", "1500"),
        (price(3045, "KWD"), "KWD\u00a03.045", "3.045"),
        (price(3000, "KWD"), "KWD\u00a03.000", "3.000"),
        (price(19_999, "RSD"), "RSD\u00a0199.99", "199.99"),
    ],
)
async def test_a_price_has_the_decimals_of_its_currency_everywhere(
    shared_shop: Installation, money: Json, text: str, major: str
) -> None:
    made = await make_product(shared_shop, name=unique("Mug"), price=money)
    await refresh(shared_shop)
    page = await get(shared_shop, f"/p/{made['slug']}")
    assert f'<strong class="price">{text}</strong>' in page.text
    assert f'<meta property="product:price:amount" content="{major}">' in page.text
    [offer] = data_blocks(page)["Product"]["offers"]
    assert (offer["price"], offer["priceCurrency"]) == (major, money["currency"])
    listing = await get(shared_shop, f"/search?q={made['name']}")
    assert text in listing.text


async def test_a_sale_says_until_when_and_what_the_price_has_been(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, price=price(1000))
    await set_price(shared_shop, made, 950)
    await set_price(shared_shop, made, 1100)
    await grow_old(shared_shop, made, 3)
    await make_sale(shared_shop, made, name="Winter sale", ends_at="2099-12-31T22:30:00Z")
    page = await get(shared_shop, f"/p/{made['slug']}")
    assert '<strong class="price">€7.00</strong>' in page.text
    assert "<strong>Winter sale</strong> until" in page.text
    assert '<time datetime="2099-12-31T22:30:00+00:00">31 December 2099, 22:30 UTC</time>' in page.text
    assert "Lowest price of the 30 days before: €9.50" in page.text
    [offer] = data_blocks(page)["Product"]["offers"]
    assert (offer["price"], offer["priceValidUntil"]) == ("7.00", "2099-12-31")


async def test_without_a_sale_the_page_speaks_of_none_and_asks_for_none(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    with shared_shop.counted() as statements:
        page = await get(shared_shop, f"/p/{made['slug']}")
    assert "buy-sale" not in page.text
    assert not any("price_event" in statement for statement in statements)


async def test_pages_show_prices_in_another_currency_of_the_shop(stack: Stack, template: str, tmp_path: Path) -> None:
    currencies = FurtherCurrencies("USD, JPY")
    async with new_installation(stack, template, media_dir=tmp_path, currencies=currencies) as shop:
        category = await make_category(shop)
        both = await make_product(shop, name="Both", category_id=category["id"])
        await make_product(shop, name="Euros", category_id=category["id"])
        dollars = {"prices": [{"price": price(1299, "USD"), "compare_at_price": price(1599, "USD")}]}
        await shop.admin.put(prices_of(both), json=dollars)
        await refresh(shop)
        listing = unescape((await get(shop, f"/c/{category['slug']}?currency=USD&price_min=12.99")).text)
        assert "US$12.99" in listing
        assert "Euros" not in listing, "it has no price in dollars"
        assert f'href="/p/{both["slug"]}?currency=USD"' in listing
        assert '<input type="hidden" name="currency" value="USD">' in listing
        assert f'<a href="/c/{category["slug"]}" rel="nofollow">Prices in EUR</a>' in listing
        assert f'<a href="/c/{category["slug"]}?currency=JPY" rel="nofollow">Prices in JPY</a>' in listing
        page = await get(shop, f"/p/{both['slug']}?currency=USD")
        assert '<strong class="price">US$12.99</strong>' in page.text
        assert data_blocks(page)["Product"]["offers"][0]["priceCurrency"] == "USD"
        for path in (f"/p/{both['slug']}", f"/p/{both['slug']}?currency=CHF", f"/p/{both['slug']}?currency=JPY"):
            assert '<strong class="price">€10.00</strong>' in (await get(shop, path)).text, path


async def test_a_shop_of_one_currency_offers_no_other(shared_shop: Installation) -> None:
    made = await make_product(shared_shop)
    page = await get(shared_shop, f"/p/{made['slug']}?currency=USD")
    assert "Prices in" not in page.text
