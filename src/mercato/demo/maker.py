"""Makes one product from the tables of its leaf category and a stream of random numbers.

This runs a hundred thousand times for a benchmark, so everything that can be decided once is decided in `recipe`.
"""

from datetime import UTC, datetime
from random import Random

from mercato.demo.model import DemoBrand, DemoProduct, Status
from mercato.demo.pictures import VARIATIONS, Picture
from mercato.demo.pictures.palette import COLORS
from mercato.demo.recipe import FROM_ANIMALS, KindTable, LeafTable, Part, Sentence, Values, in_text

# The demo's "now": products were created in the two years before it, whenever the demo is made.
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)

_EPOCH_SECONDS = int(EPOCH.timestamp())
_TWO_YEARS_SECONDS = 2 * 365 * 86_400

_DRAFTS, _ARCHIVED = 0.02, 0.03
_ON_SALE = 0.18
_DISCOUNTS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
_SOLD_OUT, _NEARLY_SOLD_OUT = 0.07, 0.14
_NEVER_RATED = 0.06
_MOST_POPULAR = 250_000

# GS1 keeps the prefixes 20 to 29 for numbers used inside one company, so none of these meets a real product
# (https://www.gs1.org/standards/id-keys/company-prefix).
_GTIN_PREFIX = "20"
_GTIN_ITEMS = 10_000_000
_GTIN_STEP = 4_826_111


class Combination:
    """The n-th combination of kind, brand, color, series and model in a leaf, as indexes into its tables.

    The number is read in mixed radix, kinds first, so that kinds, brands and colors come evenly. Each digit is shifted
    by a hash of the digits before it, which hides the counting and leaves the mapping one to one. `round` counts how
    often all combinations have been used up.
    """

    __slots__ = ("brand", "color", "kind", "model", "round", "series")

    def __init__(self, table: LeafTable, nth: int) -> None:
        self.round, rest = divmod(nth, table.combinations)
        rest, self.kind = divmod(rest, len(table.kinds))
        rest, brand = divmod(rest, len(table.brands))
        self.brand = (brand + self.kind) % len(table.brands)
        rest, color = divmod(rest, len(table.colors))
        self.color = (color + _hash(self.kind, self.brand, 0)) % len(table.colors)
        model, series = divmod(rest, len(table.series))
        self.series = (series + _hash(self.kind, self.brand, self.color)) % len(table.series)
        self.model = (model + _hash(self.series, self.brand, self.color)) % len(table.models)


def _hash(first: int, second: int, third: int) -> int:
    """A scattered non-negative number: Knuth's multiplicative hash."""
    return ((first * 73 + second * 151 + third * 283 + 1) * 2_654_435_761 & 0xFFFF_FFFF) >> 11


class Maker:
    """Makes products from one stream of random numbers, which it owns."""

    def __init__(self, random: Random) -> None:
        self._random = random.random

    def product(self, number: int, table: LeafTable, nth: int) -> DemoProduct:
        """The product with the running `number` (from 1), the `nth` (from 0) of its leaf category."""
        random = self._random
        chosen = Combination(table, nth)
        kind, brand = table.kinds[chosen.kind], table.brands[chosen.brand]
        series, model, color = table.series[chosen.series], table.models[chosen.model], table.colors[chosen.color]
        if chosen.round:
            series = Part(f"{series.name} {chosen.round + 1}", f"{series.slug}-{chosen.round + 1}")
        tint = color.name or table.tints[int(random() * len(table.tints))]
        attributes: Values = {"color": COLORS[tint][0]} if color.name else {}
        for code, options in kind.attributes:
            attributes[code] = options[int(random() * len(options))]
        if attributes.get("material") in FROM_ANIMALS and "vegan" in attributes:
            attributes["vegan"] = False
        values: Values = {
            **attributes,
            "brand": brand.name,
            "series": series.name,
            "model": model.name,
            "noun": kind.part.name,
            "color": color.name,
        }
        name = table.name_form.format_map(values)
        amount, compare_at = self._prices(table, kind, brand, attributes)
        popularity = min(_MOST_POPULAR, int(40 / (1.0 - random()) ** 0.85))
        rating, ratings = self._ratings(brand, popularity)
        low, high = table.weight
        return DemoProduct(
            external_ref=f"demo-{number:06d}",
            sku=f"{brand.code}-{table.code}-{number:05d}",
            gtin=gtin(brand, number),
            slug=_slug(table.brand_parts[chosen.brand], series, model, kind.part, color),
            name=name,
            description=self._description(table, kind, values),
            brand=brand.name,
            category=table.path,
            attributes=attributes,
            tags=table.tag_sets[int(random() * len(table.tag_sets))],
            price=amount,
            compare_at_price=compare_at,
            stock=self._stock(amount),
            weight_grams=low + int((high - low) * (random() + random()) / 2),
            rating_average=rating,
            rating_count=ratings,
            popularity=popularity,
            created_at=datetime.fromtimestamp(_EPOCH_SECONDS - int(random() * _TWO_YEARS_SECONDS), UTC),
            status=self._status(),
            picture=Picture(
                design=kind.design,
                color=tint,
                variation=chosen.series % VARIATIONS if kind.variation is None else kind.variation,
            ),
        )

    def _prices(
        self, table: LeafTable, kind: KindTable, brand: DemoBrand, attributes: Values
    ) -> tuple[int, int | None]:
        """The price and, on sale, the former price, in cents."""
        random = self._random
        level = (random() + random()) / 2
        if table.priced_by and table.priced_by in attributes:
            level = 0.45 * level + 0.55 * kind.worth[attributes[table.priced_by]]
        euros = table.cheapest * table.price_span**level * kind.price * brand.price_level
        price = shelf_price(euros, random())
        if random() >= _ON_SALE:
            return price, None
        former = shelf_price(price / 100 / (1 - _DISCOUNTS[int(random() * len(_DISCOUNTS))]), random())
        return price, former if former > price else None

    def _ratings(self, brand: DemoBrand, popularity: int) -> tuple[float | None, int]:
        random = self._random
        count = int(popularity * (0.02 + 0.2 * random()))
        if not count or random() < _NEVER_RATED:
            return None, 0
        # Few opinions scatter widely, many gather around the brand's usual mark.
        scatter = 0.5 + 2.2 / (count**0.5 + 1)
        average = 4.2 + 0.5 * (brand.price_level - 1) + scatter * (random() + random() - 1)
        return round(min(5.0, max(1.0, average)), 1), count

    def _stock(self, price: int) -> int:
        chance = self._random()
        if chance < _SOLD_OUT:
            return 0
        if chance < _NEARLY_SOLD_OUT:
            return 1 + int(self._random() * 4)
        usual = 260 if price < 5_000 else 120 if price < 30_000 else 45
        return 5 + int(usual * self._random() ** 2)

    def _status(self) -> Status:
        chance = self._random()
        if chance < _DRAFTS:
            return "draft"
        return "archived" if chance < _ARCHIVED else "active"

    def _description(self, table: LeafTable, kind: KindTable, values: Values) -> str:
        random = self._random
        for code in kind.lowered:
            values[f"{code}_lower"] = in_text(str(values[code]))
        values["color_lower"] = in_text(str(values["color"]))
        values["name"] = table.short_form.format_map(values)
        values["own_name"] = table.own_form.format_map(values)
        values["noun"] = kind.noun_in_text
        sentences = [self._one(kind.intro)]
        if kind.about and random() < 0.8:
            sentences.append(self._one(kind.about))
        first = int(random() * len(kind.detail))
        sentences.append(kind.detail[first])
        benefit = self._benefit(kind, values)
        if benefit and random() < 0.7:
            sentences.append(benefit)
        elif random() < 0.6 and len(kind.detail) > 1:
            step = 1 + int(random() * (len(kind.detail) - 1))
            sentences.append(kind.detail[(first + step) % len(kind.detail)])
        if random() < 0.75:
            sentences.append(self._one(kind.use))
        return " ".join([sentence.filled(values) for sentence in sentences])

    def _benefit(self, kind: KindTable, values: Values) -> Sentence | None:
        if not kind.benefits:
            return None
        code = kind.benefits[int(self._random() * len(kind.benefits))]
        sentences = kind.sentences[code].get(values[code])
        return self._one(sentences) if sentences else None

    def _one(self, sentences: tuple[Sentence, ...]) -> Sentence:
        return sentences[int(self._random() * len(sentences))]


def shelf_price(euros: float, chance: float) -> int:
    """The price in cents a shop would print for about `euros`; `chance` (0 to 1) chooses among the usual endings."""
    if euros < 10:
        return int(euros) * 100 + (49 if euros % 1 < 0.5 else 99 if chance < 0.7 else 95)
    if euros < 50:
        return int(euros) * 100 + (99 if chance < 0.55 else 95 if chance < 0.8 else 90 if chance < 0.92 else 0)
    if euros < 200:
        return (int(euros / 5) * 5 + 4) * 100 + (99 if chance < 0.4 else 95 if chance < 0.6 else 0)
    if euros < 1000:
        return (int(euros / 10) * 10 + 9) * 100 + (99 if chance < 0.25 else 0)
    return (int(euros / 50) * 50 + 49) * 100


def gtin(brand: DemoBrand, number: int) -> str:
    """A GTIN-13 for internal use, unique for the first ten million numbers.

    The check digit follows the GS1 General Specifications, section 7.9: digits are weighted 1, 3, 1, 3, ... from the
    left, and the check digit fills the sum up to a multiple of ten.
    """
    company = sum(map(ord, brand.code)) % 1000
    digits = f"{_GTIN_PREFIX}{company:03d}{number * _GTIN_STEP % _GTIN_ITEMS:07d}"
    total = sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))
    return f"{digits}{-total % 10}"


def _slug(*parts: Part) -> str:
    return "-".join([part.slug for part in parts if part.slug])
