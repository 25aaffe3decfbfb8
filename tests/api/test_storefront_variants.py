"""The page of a product with options: which variant it shows, and where its choices lead."""

import re
from html import unescape

from tests.api.test_storefront_pages import data_blocks, get, refresh
from tests.support.builders import Json, make_attribute, make_product, make_variants, price, unique
from tests.support.installation import Installation
from tests.support.pictures import show

SIZES = {"name": "Size", "values": ["S", "M", "L"]}
COLOURS = {"name": "Colour", "values": ["Red", "Blue"]}


async def patch(shop: Installation, variant: Json, **fields: object) -> None:
    """Change a variant."""
    response = await shop.admin.patch(f"/api/v1/variants/{variant['id']}", json=fields)
    assert response.status_code == 200, response.text


def checked(page: str) -> list[str]:
    """The values that are chosen."""
    return re.findall(r'value="([^"]+)" id="option-[^>]+ checked>', page)


async def test_the_default_is_shown_until_a_sku_names_another_variant(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, COLOURS)
    other = made["variants"][3]
    assert other["options"] == {"Size": "M", "Colour": "Blue"}
    await patch(shared_shop, other, price=price(4321), stock=2, gtin="4006381333931")
    await refresh(shared_shop)
    for query, values in (("", ["S", "Red"]), ("?variant=nope", ["S", "Red"])):
        page = await get(shared_shop, f"/p/{made['slug']}{query}")
        assert checked(page.text) == values
        assert "€10.00" in page.text
    page = await get(shared_shop, f"/p/{made['slug']}?variant={other['sku']}&utm_source=mail")
    assert checked(page.text) == ["M", "Blue"]
    for words in ("€43.21", "Only 2 left", other["sku"], "4006381333931"):
        assert words in page.text, words
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/p/{made["slug"]}">' in unescape(page.text)


async def test_a_form_that_was_sent_leads_to_the_sku(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, COLOURS)
    small_red, small_blue, *_others = made["variants"]
    at = f"/p/{made['slug']}?variant={small_red['sku']}"
    sent = await get(shared_shop, f"{at}&option-1=S&option-2=Blue")
    assert (sent.status_code, sent.headers["location"]) == (302, f"/p/{made['slug']}?variant={small_blue['sku']}")
    await shared_shop.admin.delete(f"/api/v1/variants/{small_blue['id']}")
    sent = await get(shared_shop, f"{at}&option-1=S&option-2=Blue")
    medium_blue = made["variants"][3]
    assert sent.headers["location"] == f"/p/{made['slug']}?variant={medium_blue['sku']}"
    assert (await get(shared_shop, f"{at}&option-1=nope&option-9=S")).status_code == 200


async def test_choices_say_what_can_be_had(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, COLOURS)
    await patch(shared_shop, made["variants"][2], stock=0)  # M, Red
    await shared_shop.admin.delete(f"/api/v1/variants/{made['variants'][4]['id']}")  # L, Red
    page = await get(shared_shop, f"/p/{made['slug']}")
    states = {
        value: state for state, value in re.findall(r'class="choice is-(\w+)"><input[^>]* value="([^"]+)"', page.text)
    }
    assert states == {"S": "in", "M": "out", "L": "other", "Red": "in", "Blue": "in"}


async def test_a_product_with_one_variant_has_nothing_to_choose(shared_shop: Installation) -> None:
    made = await make_product(shared_shop, options=[SIZES])
    page = await get(shared_shop, f"/p/{made['slug']}")
    assert "option-1" not in page.text
    assert made["variants"][0]["sku"] in page.text


async def test_values_are_safe_in_the_page(shared_shop: Installation) -> None:
    wild = {"name": "<b>&", "values": ['"><script>alert(1)</script>', "a&b"]}
    made = await make_variants(shared_shop, wild)
    page = await get(shared_shop, f"/p/{made['slug']}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


async def test_machines_are_told_of_each_variant(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES, name=f"Tee {unique()}")
    await patch(shared_shop, made["variants"][1], price=price(1250), stock=0)
    await refresh(shared_shop)
    product = data_blocks(await get(shared_shop, f"/p/{made['slug']}"))["Product"]
    assert product["sku"] == made["variants"][0]["sku"]
    offer = product["offers"][1]
    assert (offer["name"], offer["sku"], offer["price"]) == ("M", made["variants"][1]["sku"], "12.50")
    assert offer["availability"] == "https://schema.org/OutOfStock"
    assert offer["url"].endswith(f"/p/{made['slug']}?variant={made['variants'][1]['sku']}")


async def test_the_pictures_of_the_variant_come_first(shared_shop: Installation) -> None:
    made = await make_variants(shared_shop, SIZES)
    ids = [await show(shared_shop, made, f"{place}.webp", position=place) for place in range(3)]
    await patch(shared_shop, made["variants"][2], image_ids=[ids[2]])

    async def pictures(query: str) -> list[str]:
        page = await get(shared_shop, f"/p/{made['slug']}{query}")
        return re.findall(r'class="gallery-zoom" href="/media/([^"]+)"', page.text)

    assert await pictures("") == ["0.webp", "1.webp", "2.webp"]
    assert await pictures(f"?variant={made['variants'][2]['sku']}") == ["2.webp", "0.webp", "1.webp"]


async def test_a_tile_leads_to_the_variant_that_was_searched_for(shared_shop: Installation) -> None:
    word = unique("Tee")
    made = await make_variants(shared_shop, COLOURS, name=word)
    blue = made["variants"][1]
    await patch(shared_shop, blue, price=price(1500))
    await refresh(shared_shop)
    page = await get(shared_shop, f"/search?q={word}+blue")
    assert f'href="/p/{made["slug"]}?variant={blue["sku"]}"' in page.text
    assert '<span class="muted">from </span>' in page.text


async def test_an_option_is_called_as_the_attribute_it_goes_with(shared_shop: Installation) -> None:
    code = unique("length")
    await make_attribute(shared_shop, code=code, name="Length", type="number", unit="cm")
    await refresh(shared_shop)
    made = await make_variants(shared_shop, {"name": code.capitalize(), "values": ["40", "60 cm"]})
    page = (await get(shared_shop, f"/p/{made['slug']}")).text
    assert "Length: <strong>40\u00a0cm</strong>" in page
    assert re.findall(r'value="([^"]+)" id="option-1-\d"[^>]*><span>([^<]+)<', page) == [
        ("40", "40\u00a0cm"),
        ("60 cm", "60 cm"),
    ]
