"""Products of the demo in several variants: clothes and shoes in sizes and colors, devices in capacities and colors.

Made from the products of `catalog`, so that what measures with those sees no difference; the same at each run.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product as combinations
from random import Random

import msgspec
from slugify import slugify

from mercato.catalog.variant.skus import make_sku
from mercato.demo.brands import BRANDS
from mercato.demo.maker import gtin, shelf_price
from mercato.demo.model import DemoProduct
from mercato.demo.pictures import Picture
from mercato.demo.pictures.palette import COLORS
from mercato.demo.source import departments

AMONG = 5_000
"""Only among so many first products some have variants: enough to try everything with."""
COLOR = "Color"
SIZES = ("XS", "S", "M", "L", "XL", "XXL")
_EU_SIZES = tuple(str(size) for size in range(36, 48))
_WAISTS = tuple(str(inches) for inches in range(26, 39))
_CAPACITIES = ("64", "128", "256", "512", "1024", "2048")
_STORAGE = "Storage GB"

_OFTEN, _SELDOM = 0.85, 0.6
_NOT_MADE, _SOLD_OUT, _NEARLY_SOLD_OUT = 0.06, 0.14, 0.28
_MANY = 8
"""From so many combinations on, a few of them are not made."""
_LARGE_COSTS, _LARGE_FROM = 200, 1_500
_DOUBLE_COSTS = 0.12
_MORE_GTINS, _MOST = 9_000_000, 100
_EVERYDAY_COLOR = "Ocean Blue"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the products of a leaf category are varied.

    `measure` is the option besides the color, named so that its code is that of an attribute; `ladder` its possible values,
    of which between `fewest` and `most` neighbors are taken. Colors: between two and `colors`, or one (no choice).
    """

    measure: str = ""
    ladder: tuple[str, ...] = ()
    fewest: int = 3
    most: int = 6
    colors: int = 4
    share: float = _OFTEN
    """How many of the products come in variants."""

    @property
    def code(self) -> str:
        """The attribute that the measure replaces."""
        return self.measure.lower().replace(" ", "_")


_CLOTHES = Plan(measure="Size", ladder=SIZES, fewest=4)
_SHOES = Plan(measure="Shoe size EU", ladder=_EU_SIZES, fewest=5, most=8, colors=3)
_LAPTOPS = Plan(measure=_STORAGE, ladder=_CAPACITIES[2:], fewest=2, most=3, colors=3, share=_SELDOM)
_PHONES = msgspec.structs.replace(_LAPTOPS, ladder=_CAPACITIES[1:5])
_TABLETS = msgspec.structs.replace(_LAPTOPS, ladder=_CAPACITIES[:4])
_COLORS_ONLY = Plan(share=_SELDOM)
PLANS: Mapping[str, Plan] = {
    "T-Shirts": _CLOTHES,
    "Hoodies & Sweatshirts": _CLOTHES,
    "Jackets": _CLOTHES,
    "Dresses": _CLOTHES,
    "Jeans": Plan(measure="Waist in", ladder=_WAISTS, fewest=5, most=7, colors=3),
    "Running Shoes": _SHOES,
    "Sneakers": _SHOES,
    "Boots": _SHOES,
    "Sandals": _SHOES,
    "Smartphones": _PHONES,
    "Tablets": _TABLETS,
    "Laptops": _LAPTOPS,
    "Headphones": _COLORS_ONLY,
    "Earbuds": _COLORS_ONLY,
    "Backpacks": _COLORS_ONLY,
}


class DemoOption(msgspec.Struct, frozen=True):
    """What variants are told apart by."""

    name: str
    values: tuple[str, ...]


class DemoVariant(msgspec.Struct, frozen=True, kw_only=True):
    """One combination of values; prices in cents of euros."""

    sku: str
    gtin: str
    options: dict[str, str]
    price: int
    compare_at_price: int | None
    stock: int
    weight_grams: int
    is_default: bool
    picture: Picture


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the shop sells it: the product itself is its default variant. Most have neither options nor variants."""

    product: DemoProduct
    options: tuple[DemoOption, ...] = ()
    variants: tuple[DemoVariant, ...] = ()
    """All of them, the default among them, in the order in which they are listed."""
    pictures: tuple[Picture, ...] = ()
    """The product's own first, then those that show it in its other colors."""


def offers(products: Iterable[DemoProduct]) -> Iterator[Offer]:
    """The same products in the same order, some of them in variants."""
    taken: set[str] = set()
    for number, product in enumerate(products, start=1):
        plan = PLANS.get(product.category[-1]) if number <= AMONG else None
        offer = plan and _Varying(product, number, plan, taken).offer()
        yield offer or Offer(product=product, pictures=(product.picture,))


class _Varying:
    """Makes an offer of a product; `taken` are slugs that products without their color have already."""

    def __init__(self, product: DemoProduct, number: int, plan: Plan, taken: set[str]) -> None:
        self._product, self._number, self._plan, self._taken = product, number, plan, taken
        self._random = Random(f"variants of {product.external_ref}")

    def offer(self) -> Offer | None:
        """None when it stays what it is."""
        if self._random.random() >= self._plan.share:
            return None
        tints, measures = self._tints(), self._measures()
        options = [DemoOption(self._plan.measure, measures)] if measures else []
        if tints:
            options.append(DemoOption(COLOR, tuple(COLORS[tint][0] for tint in tints)))
        if not options:
            return None
        product = self._renamed(has_colors=bool(tints), has_measures=bool(measures))
        pictures = {COLORS[tint][0]: self._picture(tint) for tint in tints}
        variants = tuple(self._variants(product, options, pictures))
        default = next(variant for variant in variants if variant.is_default)
        return Offer(
            product=msgspec.structs.replace(product, sku=default.sku),
            options=tuple(options),
            variants=variants,
            pictures=tuple(dict.fromkeys([product.picture, *pictures.values()])),
        )

    def _tints(self) -> tuple[str, ...]:
        """The colors it comes in, each of another family; none when another product is the same but for the color."""
        product, own = self._product, self._product.picture.color
        plain = product.slug.removesuffix(f"-{slugify(own)}")
        is_told = own.lower() in product.description.lower()
        if not product.name.endswith(f", {own}") or is_told or plain in self._taken:
            return ()
        self._taken.add(plain)
        known = _colors_of(product.category)
        if self._plan is _CLOTHES:
            known = (*known, _EVERYDAY_COLOR)
        families = {COLORS[own][0]: own}
        others = [tint for tint in known if COLORS[tint][0] not in families]
        for tint in self._random.sample(others, min(len(others), self._random.randint(1, self._plan.colors - 1))):
            families.setdefault(COLORS[tint][0], tint)
        return tuple(sorted(families.values(), key=(*known, own).index))

    def _measures(self) -> tuple[str, ...]:
        """The values it comes in besides the color, its own among them."""
        own, ladder = str(self._product.attributes.get(self._plan.code, "")), self._plan.ladder
        if own not in ladder or (self._plan.measure == _STORAGE and f"{own} GB" in self._product.description):
            return ()
        length = self._random.randint(self._plan.fewest, self._plan.most)
        place = ladder.index(own)
        first = max(0, place - length + 1)
        last = min(place, len(ladder) - length)
        start = self._random.randint(min(first, last), last)
        return ladder[start : start + length]

    def _renamed(self, *, has_colors: bool, has_measures: bool) -> DemoProduct:
        """Without what is now for the shopper to choose."""
        product, own = self._product, self._product.picture.color
        name, slug, attributes = product.name, product.slug, dict(product.attributes)
        if has_colors:
            name = name.removesuffix(f", {own}")
            slug = slug.removesuffix(f"-{slugify(own)}")
            del attributes["color"]
        if has_measures:
            value = attributes.pop(self._plan.code)
            name = name.replace(f", {value} GB SSD", "").replace(f", {value} GB", "")
        return msgspec.structs.replace(product, name=name, slug=slug, attributes=attributes)

    def _variants(
        self, product: DemoProduct, options: Sequence[DemoOption], pictures: Mapping[str, Picture]
    ) -> Iterator[DemoVariant]:
        names = [option.name for option in options]
        own = {COLOR: COLORS[product.picture.color][0]}
        own[self._plan.measure] = str(self._product.attributes.get(self._plan.code, ""))
        brand = next(brand for brand in BRANDS if brand.name == product.brand)
        every = list(combinations(*(option.values for option in options)))
        not_made = _NOT_MADE if len(every) >= _MANY else 0
        for n, values in enumerate(every):
            choice = dict(zip(names, values, strict=True))
            is_default = all(own[name] == value for name, value in choice.items())
            if not is_default and self._random.random() < not_made:
                continue
            price = self._price(choice.get(self._plan.measure, ""), own[self._plan.measure])
            before = product.compare_at_price
            yield DemoVariant(
                sku=make_sku(product.sku, choice, names),
                gtin=product.gtin if is_default else gtin(brand, _MORE_GTINS + self._number * _MOST + n),
                options=choice,
                price=price,
                compare_at_price=None if before is None else max(before + price - product.price, price + 1),
                stock=product.stock if is_default else self._stock(),
                weight_grams=product.weight_grams,
                is_default=is_default,
                picture=pictures.get(choice.get(COLOR, ""), product.picture),
            )

    def _price(self, value: str, own: str) -> int:
        price = self._product.price
        if value == own:
            return price
        if self._plan.measure == _STORAGE and value:
            doublings = math.log2(int(value) / int(own))
            return shelf_price(price * (1 + _DOUBLE_COSTS) ** doublings / 100, 1)
        if price >= _LARGE_FROM and "XXL" in (value, own):
            return price + (_LARGE_COSTS if value == "XXL" else -_LARGE_COSTS)
        return price

    def _stock(self) -> int:
        chance = self._random.random()
        if chance < _SOLD_OUT:
            return 0
        return self._random.randint(1, 4) if chance < _NEARLY_SOLD_OUT else self._random.randint(5, 60)

    def _picture(self, tint: str) -> Picture:
        return msgspec.structs.replace(self._product.picture, color=tint)


@cache
def _colors_of(category: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        color
        for department in departments()
        for leaf in department.leaf
        if category == tuple(name for name in (department.name, leaf.group, leaf.name) if name)
        for color in leaf.colors
    )
