"""Turns a hand-written leaf category into tables from which a product is made with a few look-ups."""

import re
from datetime import date, timedelta

import msgspec
from slugify import slugify

from mercato.demo.brands import BRANDS
from mercato.demo.model import AttributeValue, DemoBrand
from mercato.demo.source import Choice, Department, Kind, Leaf, Span, shared_sentences

Values = dict[str, AttributeValue]

# Attributes whose values are ordinary words, written small in the middle of a sentence.
LOWERED = (
    "color",
    "material",
    "upholstery",
    "filling",
    "scent",
    "fit",
    "cushioning",
    "surface",
    "rise",
    "movement",
    "season",
    "light_needs",
    "skin_type",
    "hair_type",
    "finish",
    "binding",
    "ruling",
    "roast",
    "sport",
    "sensor",
    "brakes",
    "switch_type",
    "armrests",
)

BOOLEAN_STEPS = 20

# Names of peoples keep their capital in the middle of a sentence.
_PROPER = frozenset({"Dutch", "French"})

# What cannot be called vegan, whatever else a product is.
FROM_ANIMALS = frozenset({"Leather", "Suede", "Nubuck", "Merino wool", "Wool", "Wool blend", "Silk blend", "Beeswax"})

_PLACE = re.compile(r"\{(\w+)[^}]*\}")


class Sentence(msgspec.Struct, frozen=True):
    """A sentence and whether it has places to fill."""

    template: str
    has_places: bool

    def filled(self, values: Values) -> str:
        return self.template.format_map(values) if self.has_places else self.template


class Part(msgspec.Struct, frozen=True):
    """A piece of a product's name and what stands for it in a slug."""

    name: str
    slug: str


class KindTable(msgspec.Struct, frozen=True):
    """One kind of product, ready to draw from: `attributes` pairs codes with equally likely values.

    `benefits` are the codes that may add a sentence, `sentences` those sentences by code and value; `worth` places
    the values of `priced_by` between 0 (the cheapest) and 1.
    """

    part: Part
    noun_in_text: str
    design: str
    variation: int | None
    price: float
    attributes: tuple[tuple[str, tuple[AttributeValue, ...]], ...]
    lowered: tuple[str, ...]
    about: tuple[Sentence, ...]
    intro: tuple[Sentence, ...]
    detail: tuple[Sentence, ...]
    use: tuple[Sentence, ...]
    benefits: tuple[str, ...]
    sentences: dict[str, dict[AttributeValue, tuple[Sentence, ...]]]
    worth: dict[AttributeValue, float]


class LeafTable(msgspec.Struct, frozen=True):
    """A leaf category, ready to draw from.

    Every product of the leaf is a different one of its `combinations` of kind, brand, color, series and model.
    """

    code: str
    path: tuple[str, ...]
    share: int
    cheapest: float
    price_span: float
    weight: tuple[int, int]
    brands: tuple[DemoBrand, ...]
    brand_parts: tuple[Part, ...]
    kinds: tuple[KindTable, ...]
    series: tuple[Part, ...]
    models: tuple[Part, ...]
    colors: tuple[Part, ...]
    tints: tuple[str, ...]
    tag_sets: tuple[tuple[str, ...], ...]
    name_form: str
    short_form: str
    own_form: str
    priced_by: str | None
    combinations: int


def leaf_table(department: Department, leaf: Leaf) -> LeafTable:
    """The tables of one leaf; KeyError when it names an unknown brand."""
    by_name = {brand.name: brand for brand in BRANDS}
    kinds = tuple(_kind_table(leaf, kind) for kind in leaf.kind)
    colors = tuple(_part(color) for color in leaf.colors) if leaf.is_colored else (Part("", ""),)
    models = tuple(_part(model) for model in leaf.models) or (Part("", ""),)
    combinations = len(kinds) * len(colors) * len(leaf.brands) * len(leaf.series) * len(models)
    low, high = leaf.price
    return LeafTable(
        code=leaf.code,
        path=tuple(name for name in (department.name, leaf.group, leaf.name) if name),
        share=leaf.share,
        cheapest=low,
        price_span=high / low,
        weight=leaf.weight,
        brands=tuple(by_name[name] for name in leaf.brands),
        brand_parts=tuple(_part(name) for name in leaf.brands),
        kinds=kinds,
        series=tuple(_part(series) for series in leaf.series),
        models=models,
        colors=colors,
        tints=tuple(leaf.colors),
        tag_sets=_tag_sets(tuple(leaf.tags)),
        name_form=leaf.form_of_name,
        short_form=leaf.form_of_short_name,
        own_form=leaf.form_of_short_name.replace("{brand} ", ""),
        priced_by=leaf.priced_by,
        combinations=combinations,
    )


def in_text(words: str) -> str:
    """A title in the middle of a sentence: small letters, except for abbreviations and words with figures."""
    return " ".join(word if _stands(word) else word.lower() for word in words.split(" "))


def _stands(word: str) -> bool:
    return word in _PROPER or word.isupper() or any(letter.isdigit() for letter in word)


def _part(name: str) -> Part:
    return Part(name, slugify(name))


def _kind_table(leaf: Leaf, kind: Kind) -> KindTable:
    choices: dict[str, Choice] = {**leaf.attributes, **kind.attributes}
    drawn: dict[str, tuple[AttributeValue, ...]] = {
        code: _values(choice) for code, choice in choices.items() if code not in kind.without
    }
    drawn.update({code: (value,) for code, value in kind.fixed.items()})
    known = {"brand", "series", "model", "noun", "name", "own_name", "color", *drawn}
    sentences = _benefit_sentences(leaf, drawn)
    return KindTable(
        part=_part(kind.noun),
        noun_in_text=in_text(kind.noun),
        design=kind.design,
        variation=kind.variation,
        price=kind.price,
        attributes=tuple(drawn.items()),
        lowered=tuple(code for code in LOWERED if code in drawn),
        about=_usable(kind.about, known),
        intro=_usable(leaf.text.intro, known),
        detail=_usable(leaf.text.detail, known),
        use=_usable(leaf.text.use, known),
        benefits=tuple(sentences),
        sentences=sentences,
        worth=_worth(drawn.get(leaf.priced_by, ()) if leaf.priced_by else ()),
    )


def _values(choice: Choice) -> tuple[AttributeValue, ...]:
    if isinstance(choice, list):
        return tuple(_whole(value) for value in choice)
    if isinstance(choice, Span):
        return _span(choice)
    yes = round(choice * BOOLEAN_STEPS)
    return (True,) * yes + (False,) * (BOOLEAN_STEPS - yes)


def _span(span: Span) -> tuple[AttributeValue, ...]:
    if isinstance(span.start, str) or isinstance(span.stop, str):
        first, last = date.fromisoformat(str(span.start)), date.fromisoformat(str(span.stop))
        count = (last - first).days // int(span.step) + 1
        return tuple((first + timedelta(days=index * int(span.step))).isoformat() for index in range(count))
    steps = (
        round(span.start + index * span.step, 2) for index in range(round((span.stop - span.start) / span.step) + 1)
    )
    return tuple(_whole(value) for value in steps)


def _whole(value: str | float) -> str | int | float:
    """6 instead of 6.0, which nobody would print on a label."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _usable(sentences: list[str], known: set[str]) -> tuple[Sentence, ...]:
    """The sentences whose places can all be filled."""
    return tuple(_sentence(text) for text in sentences if set(_PLACE.findall(text)) <= known)


def _sentence(text: str) -> Sentence:
    """Values inside the sentence are written small; one that opens it keeps its capital. A brand is named only once."""
    if "{brand}" in text:
        text = text.replace("{name}", "{own_name}")
    for code in LOWERED:
        text = text[:1] + text[1:].replace(f"{{{code}}}", f"{{{code}_lower}}")
    return Sentence(text, "{" in text)


def _benefit_sentences(
    leaf: Leaf, drawn: dict[str, tuple[AttributeValue, ...]]
) -> dict[str, dict[AttributeValue, tuple[Sentence, ...]]]:
    found: dict[str, dict[AttributeValue, tuple[Sentence, ...]]] = {}
    for code, values in drawn.items():
        shared = shared_sentences().get(code, {})
        by_value: dict[AttributeValue, tuple[Sentence, ...]] = {}
        for value in dict.fromkeys(values):
            texts = [
                *shared.get("yes" if value is True else str(value), ()),
                *(leaf.when.get(code, ()) if value is True else ()),
            ]
            if texts:
                by_value[value] = tuple(_sentence(text) for text in texts)
        if by_value:
            found[code] = by_value
    return found


def _worth(values: tuple[AttributeValue, ...]) -> dict[AttributeValue, float]:
    if all(isinstance(value, int | float) for value in values):
        ranked = sorted(set(values), key=float)
    else:
        ranked = list(dict.fromkeys(values))
    return {value: index / max(1, len(ranked) - 1) for index, value in enumerate(ranked)}


def _tag_sets(tags: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Selections of up to three of the tags, one for each place to begin."""
    size = min(3, len(tags))
    return tuple(tuple(tags[(start + step) % len(tags)] for step in range(size)) for start in range(len(tags)))
