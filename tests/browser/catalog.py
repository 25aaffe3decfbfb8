"""A small shop for browsers: three departments, enough headphones to page through, pictures drawn by the demo."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from mercato.demo.pictures import Picture, dominant_color, draw, render
from tests.support.builders import Json, make_attribute, make_brand, make_category, make_product, price
from tests.support.installation import Installation
from tests.support.people import register
from tests.support.pictures import picture, show
from tests.support.processes import eventually, worker
from tests.support.reviewing import make_review

SIZE = 320
COLORS = ("Black", "Blue", "Red")
PALETTE = {"Black": "Jet Black", "Blue": "Ocean Blue", "Red": "Cherry Red"}
HEADPHONES = 30
REVIEWED = "/p/aurelio-electric-kettle-4"
BUYER = "buyer@example.com"
MUG = "/p/tessel-travel-mug"


class Leaf(msgspec.Struct, frozen=True):
    """A leaf category and the design of its pictures."""

    category: Json
    design: str


async def fill(shop: Installation) -> None:
    """Make the catalog and index it."""
    await make_attribute(
        shop, code="color", name="Color", type="color", options=list(COLORS), is_facet=True, is_searchable=True
    )
    await make_attribute(shop, code="wireless", name="Wireless", type="boolean", is_facet=True, is_searchable=True)
    await make_attribute(shop, code="battery_life", name="Battery life", type="number", unit="h", is_facet=True)
    await make_attribute(shop, code="material", name="Material", type="text", is_facet=True)
    brands = [await make_brand(shop, name=name) for name in ("Aurelio", "Norrvik", "Tessel")]
    electronics = await make_category(shop, name="Electronics")
    audio = await make_category(shop, name="Audio", parent_id=electronics["id"])
    kitchen = await make_category(shop, name="Kitchen", position=1)
    headphones = Leaf(await make_category(shop, name="Headphones", parent_id=audio["id"]), "headphones")
    speakers = Leaf(await make_category(shop, name="Speakers", parent_id=audio["id"]), "speaker")
    kettles = Leaf(await make_category(shop, name="Kettles", parent_id=kitchen["id"]), "kettle")
    pictures = _draw(shop.settings.media_dir, (headphones.design, speakers.design, kettles.design))
    made = [
        *[await _make(shop, headphones, brands[n % 3], n, "Wireless headphones") for n in range(HEADPHONES)],
        *[await _make(shop, speakers, brands[n % 2], n, "Portable speaker") for n in range(4)],
        *[await _make(shop, kettles, brands[n % 3], n, "Electric kettle") for n in range(4)],
    ]
    await _make_shelves(shop)
    await _show_wide_pictures(shop, await _make_mug(shop), kitchen, brands[1])
    for product in made:
        await _picture(shop, product, pictures)
    await _review(shop, made[-1])
    await shop.drain()
    await shop.resources.taxonomy.load()


async def render_pictures(shop: Installation, log: Path) -> None:
    """Have a worker make all sizes of all pictures."""
    await shop.execute("UPDATE asset SET status = 'processing', due_at = now()")

    async def is_done() -> bool:
        status = (await shop.admin.get("/api/v1/media/status")).json()
        return bool(status["processing"] == 0 and status["ready"])

    async with worker(shop.settings, log):
        await eventually(is_done, "renditions of all pictures", seconds=120)
    await shop.drain()


async def _show_wide_pictures(shop: Installation, product: Json, category: Json, brand: Json) -> None:
    """A product, a category and a brand with pictures that are no squares."""
    files = [("file", ("wide.jpg", picture(size=(1500, 900)), "image/jpeg")) for _ in range(2)]
    await shop.admin.post(f"/api/v1/products/{product['id']}/images", files=files, data={"alt": "A mug from the side"})
    for address in (f"categories/{category['id']}", f"brands/{brand['id']}"):
        await shop.admin.put(f"/api/v1/{address}/image", files=[("file", ("wide.jpg", picture(), "image/jpeg"))])


async def _make(shop: Installation, leaf: Leaf, brand: Json, number: int, kind: str) -> Json:
    color = COLORS[number // 3 % len(COLORS)]
    product = await make_product(
        shop,
        name=f"{brand['name']} {kind} {number + 1}",
        description=f"The {kind.lower()} number {number + 1}, in {color.lower()}.\n\nMade to last.",
        category_id=leaf.category["id"],
        brand_id=brand["id"],
        attributes={"color": color, "wireless": number % 4 != 3, "battery_life": 10 + number},
        tags=[kind.lower()],
        price=price(1999 + 500 * number),
        compare_at_price=price(2999 + 500 * number) if number % 5 == 0 else None,
        stock=0 if number == 7 else 12,
    )
    await shop.execute(
        "UPDATE product SET popularity = $2, rating_average = $3, rating_count = $4 WHERE id = $1",
        product["id"],
        1000 - number,
        3.0 + (number % 4) / 2,
        number + 1,
    )
    return {**product, "design": leaf.design, "color": color}


async def _review(shop: Installation, product: Json) -> None:
    """Six reviews of the last kettle, and a buyer who has written none."""
    for rating in (5, 4, 5, 2, 4):
        await make_review(shop, product, rating, title=f"A kettle of {rating} stars", body="Boils.\n\nAnd quietly.")
    await make_review(shop, product, 1)
    await register(shop.client, BUYER)


async def _make_mug(shop: Installation) -> Json:
    """A product of two colours and three sizes; the large blue one is sold out, the small blue one does not exist."""
    return await make_product(
        shop,
        name="Tessel travel mug",
        price=None,
        stock=0,
        sku="MUG",
        variants=[
            {"options": {"Colour": "Red", "Size": "S"}, "price": price(1500), "stock": 9},
            {"options": {"Colour": "Red", "Size": "M"}, "price": price(1700), "stock": 9},
            {"options": {"Colour": "Red", "Size": "L"}, "price": price(1900), "stock": 2},
            {"options": {"Colour": "Blue", "Size": "M"}, "price": price(1800), "stock": 9},
            {"options": {"Colour": "Blue", "Size": "L"}, "price": price(2000), "stock": 0},
        ],
    )


async def _make_shelves(shop: Installation) -> None:
    """Products of many makers and materials, which make long filters."""
    category = await make_category(shop, name="Shelves", position=2)
    makers = [await make_brand(shop, name=f"Maker {number}") for number in range(12)]
    for number in range(60):
        await make_product(
            shop,
            name=f"Shelf {number + 1}",
            category_id=category["id"],
            brand_id=makers[number % 12]["id"],
            attributes={"material": f"Wood {number + 1}"},
        )


def _draw(folder: Path, designs: Sequence[str]) -> dict[tuple[str, str], Sequence[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[tuple[str, str], Sequence[str]] = {}
    for design in designs:
        for color in COLORS:
            drawn = render(draw(_drawing(design, color)), SIZE)
            names = files[design, color] = [f"{design}-{color.lower()}-{number}.webp" for number in range(2)]
            for name in names:
                folder.joinpath(name).write_bytes(drawn)
    return files


def _drawing(design: str, color: str) -> Picture:
    return Picture(design=design, color=PALETTE[color])


async def _picture(shop: Installation, product: Json, files: Mapping[tuple[str, str], Sequence[str]]) -> None:
    design, color = product["design"], product["color"]
    shown = dominant_color(_drawing(design, color))
    for position, file in enumerate(files[design, color]):
        await show(shop, product, file, alt=product["name"], position=position, size=(SIZE, SIZE), color=shown)
