"""The demo catalog: the same everywhere, unique where it must be, and true to its own attributes."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, timedelta
from itertools import islice

import msgspec
import pytest

from mercato.demo.catalog import ATTRIBUTES, BRANDS, EPOCH, SWATCHES, DemoAttribute, DemoProduct, categories, products
from mercato.demo.maker import gtin, shelf_price
from mercato.demo.pictures import dominant_color
from mercato.demo.recipe import in_text

SAMPLE = 6_000
ATTRIBUTE_BY_CODE = {attribute.code: attribute for attribute in ATTRIBUTES}


@pytest.fixture(scope="module")
def sample() -> list[DemoProduct]:
    """More products than the demo has, so that rare ones are seen too."""
    return list(products(SAMPLE))


@pytest.fixture(scope="module")
def demo() -> list[DemoProduct]:
    """The catalog as it is filled by default."""
    return list(products())


def digest(made: Iterable[DemoProduct]) -> str:
    return hashlib.sha256(msgspec.json.encode(list(made))).hexdigest()


def test_another_process_with_another_hash_seed_makes_the_same_products() -> None:
    program = (
        "import hashlib, msgspec; from mercato.demo.catalog import products; "
        "print(hashlib.sha256(msgspec.json.encode(list(products(400)))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == digest(products(400))


def test_the_first_products_of_a_long_catalog_are_those_of_a_short_one() -> None:
    assert list(products(500)) == list(islice(products(100_000), 500))


def test_exactly_as_many_products_are_made_as_asked_for() -> None:
    assert [len(list(products(count))) for count in (0, 1, 137, 1000)] == [0, 1, 137, 1000]


def test_another_seed_makes_other_products() -> None:
    assert digest(products(50, seed=2)) != digest(products(50))


@pytest.mark.parametrize("field", ["external_ref", "sku", "gtin", "slug"])
def test_identifiers_are_unique(sample: list[DemoProduct], field: str) -> None:
    assert len({getattr(product, field) for product in sample}) == SAMPLE


def test_slugs_are_unique_far_beyond_the_combinations_of_a_leaf() -> None:
    slugs = [product.slug for product in products(60_000)]
    assert len(set(slugs)) == len(slugs)
    assert any("-2-" in slug for slug in slugs)


def test_slugs_hold_only_what_an_address_shows_plainly(sample: list[DemoProduct]) -> None:
    assert all(set(product.slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for product in sample)


def test_names_and_descriptions_differ(demo: list[DemoProduct]) -> None:
    assert len({product.name for product in demo}) == len(demo)
    assert len({product.description for product in demo}) == len(demo)


def test_texts_have_no_unfilled_places(sample: list[DemoProduct]) -> None:
    texts = [text for product in sample for text in (product.name, product.description)]
    assert not [text for text in texts if any(mark in text for mark in ("{", "}", "  ", "None", "False"))]


def test_descriptions_are_two_to_six_sentences(sample: list[DemoProduct]) -> None:
    assert {len(product.description.split(". ")) for product in sample} <= {2, 3, 4, 5, 6}


def test_gtins_have_thirteen_digits_and_a_valid_check_digit(sample: list[DemoProduct]) -> None:
    for product in sample:
        digits = [int(digit) for digit in product.gtin]
        assert len(digits) == 13
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_gtins_lie_in_the_range_for_internal_use(sample: list[DemoProduct]) -> None:
    assert all(product.gtin.startswith("20") for product in sample)
    assert gtin(BRANDS[0], 1) != gtin(BRANDS[0], 2)


def test_there_are_many_leaf_categories_and_each_has_a_shelf_of_products(demo: list[DemoProduct]) -> None:
    leaves = {category.path for category in categories() if category.is_leaf}
    counts = Counter(product.category for product in demo)
    assert len(leaves) >= 55
    assert set(counts) == leaves
    assert min(counts.values()) >= 5


def test_every_parent_comes_before_its_children_and_paths_are_unique() -> None:
    seen: set[tuple[str, ...]] = {()}
    for category in categories():
        assert category.path[:-1] in seen
        assert category.path not in seen
        assert category.description
        seen.add(category.path)
    assert {len(category.path) for category in categories()} == {1, 2, 3}


def test_brands_are_unique_and_work_in_a_few_categories_only(demo: list[DemoProduct]) -> None:
    assert len({brand.name for brand in BRANDS}) == len({brand.code for brand in BRANDS}) == len(BRANDS)
    leaves: dict[str, set[tuple[str, ...]]] = {brand.name: set() for brand in BRANDS}
    for product in demo:
        leaves[product.brand].add(product.category)
    assert all(1 <= len(found) <= 7 for found in leaves.values())


def fits(attribute: DemoAttribute, value: object) -> bool:
    match attribute.type:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and date.fromisoformat(value) <= EPOCH.date()
        case "enum" | "color":
            return value in attribute.options
        case "text":
            return isinstance(value, str) and bool(value)


def test_every_attribute_value_is_allowed(sample: list[DemoProduct]) -> None:
    wrong = {
        (code, str(value))
        for product in sample
        for code, value in product.attributes.items()
        if not fits(ATTRIBUTE_BY_CODE[code], value)
    }
    assert wrong == set()


def test_every_attribute_and_every_option_is_used() -> None:
    used: dict[str, set[object]] = {attribute.code: set() for attribute in ATTRIBUTES}
    for product in products(30_000):
        for code, value in product.attributes.items():
            used[code].add(value)
    assert [code for code, values in used.items() if not values] == []
    unused = {code: set(ATTRIBUTE_BY_CODE[code].options) - values for code, values in used.items()}
    rare = {"energy_class": {"A", "B", "C"}}
    assert {code: options for code, options in unused.items() if options} == rare


def test_products_have_three_to_nine_attributes(sample: list[DemoProduct]) -> None:
    assert {len(product.attributes) for product in sample} <= set(range(3, 10))


def test_the_color_in_the_name_belongs_to_the_color_to_filter_by(sample: list[DemoProduct]) -> None:
    colored = [product for product in sample if "color" in product.attributes]
    assert len(colored) > SAMPLE / 2
    assert all(product.attributes["color"] in SWATCHES for product in colored)
    assert all(product.picture.color in product.name for product in colored if "TV" not in product.name)


def test_nothing_of_leather_is_called_vegan(sample: list[DemoProduct]) -> None:
    leather = [product for product in sample if product.attributes.get("material") in {"Leather", "Suede", "Beeswax"}]
    assert leather
    assert not [product.name for product in leather if product.attributes.get("vegan")]


def test_prices_are_positive_and_end_like_prices_in_shops(sample: list[DemoProduct]) -> None:
    assert all(100 <= product.price < 1_000_000 for product in sample)
    assert {product.price % 100 for product in sample} <= {0, 49, 90, 95, 99}


@pytest.mark.parametrize(
    ("euros", "chance", "cents"),
    [(3.2, 0, 349), (7.8, 0.1, 799), (23.4, 0.6, 2395), (137, 0.9, 13900), (642, 0.1, 64999), (1234, 0.5, 124900)],
)
def test_shelf_prices_stay_near_the_intended_one(euros: float, chance: float, cents: int) -> None:
    assert shelf_price(euros, chance) == cents


def test_a_former_price_is_higher_and_about_a_sixth_of_the_products_are_on_sale(sample: list[DemoProduct]) -> None:
    sale = [product for product in sample if product.compare_at_price is not None]
    assert all(product.compare_at_price and product.compare_at_price > product.price for product in sale)
    assert 0.13 < len(sale) / SAMPLE < 0.2


def test_some_products_are_sold_out_and_some_nearly(sample: list[DemoProduct]) -> None:
    assert 0.05 < sum(product.stock == 0 for product in sample) / SAMPLE < 0.09
    assert 0.05 < sum(0 < product.stock < 5 for product in sample) / SAMPLE < 0.09
    assert min(product.stock for product in sample) == 0


def test_a_few_products_are_not_for_the_public(sample: list[DemoProduct]) -> None:
    states = Counter(product.status for product in sample)
    assert states["active"] > 0.95 * SAMPLE
    assert states["draft"] > states["archived"] > 0


def test_ratings_exist_exactly_where_somebody_has_rated(sample: list[DemoProduct]) -> None:
    for product in sample:
        assert (product.rating_average is None) == (product.rating_count == 0)
        assert product.rating_average is None or 1.0 <= product.rating_average <= 5.0
    unrated = sum(product.rating_count == 0 for product in sample)
    assert 0 < unrated < 0.15 * SAMPLE


def test_few_products_are_very_popular_and_many_are_not(sample: list[DemoProduct]) -> None:
    ranked = sorted((product.popularity for product in sample), reverse=True)
    assert ranked[0] > 50 * ranked[SAMPLE // 2]
    assert ranked[-1] > 0


def test_products_were_created_in_the_two_years_before_the_epoch(sample: list[DemoProduct]) -> None:
    created = [product.created_at for product in sample]
    assert all(EPOCH - timedelta(days=730) <= moment <= EPOCH and moment.tzinfo is UTC for moment in created)
    assert max(created) - min(created) > timedelta(days=700)


def test_weights_are_in_grams_and_believable(sample: list[DemoProduct]) -> None:
    assert all(10 <= product.weight_grams < 100_000 for product in sample)


def test_pictures_are_few_enough_to_render_at_once(demo: list[DemoProduct]) -> None:
    pictures = {product.picture for product in demo}
    assert 400 < len(pictures) <= 900
    assert all(dominant_color(picture).startswith("#") for picture in pictures)


@pytest.mark.parametrize(
    ("words", "leaf"),
    [
        ("wireless headphones", "Headphones"),
        ("bluetooth speaker", "Bluetooth Speakers"),
        ("running shoes", "Running Shoes"),
        ("coffee machine", "Coffee Machines"),
        ("gaming mouse", "Mice"),
        ("yoga mat", "Yoga Mats"),
    ],
)
def test_what_people_type_stands_in_the_names_of_the_right_products(
    demo: list[DemoProduct], words: str, leaf: str
) -> None:
    found = [
        product for product in demo if all(word in product.name.lower().replace("-", " ") for word in words.split())
    ]
    assert len(found) >= 3
    assert {product.category[-1] for product in found} == {leaf}


def test_titles_are_written_small_inside_sentences() -> None:
    assert in_text("Wireless Over-Ear Headphones") == "wireless over-ear headphones"
    assert in_text("5G Smartphone") == "5G smartphone"
    assert in_text("OLED TV") == "OLED TV"
    assert in_text("Dutch Oven") == "Dutch oven"
