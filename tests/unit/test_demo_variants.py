"""Products of the demo in variants: the same everywhere, each combination once, and told apart by what shoppers choose."""

import hashlib
from collections import Counter
from itertools import islice

import msgspec
import pytest

from mercato.catalog.gtin import normalize_gtin
from mercato.catalog.variant.schemas import MAX_VARIANTS
from mercato.demo.catalog import ATTRIBUTES, DEFAULT_COUNT, products
from mercato.demo.pictures.palette import FAMILIES
from mercato.demo.variants import AMONG, COLOR, PLANS, Offer, offers

CODES = {attribute.code: attribute for attribute in ATTRIBUTES}


@pytest.fixture(scope="module")
def demo() -> list[Offer]:
    return list(offers(products()))


@pytest.fixture(scope="module")
def families(demo: list[Offer]) -> list[Offer]:
    return [offer for offer in demo if offer.variants]


def digest(made: list[Offer]) -> str:
    return hashlib.sha256(msgspec.json.encode(made)).hexdigest()


def test_offers_are_the_same_at_each_run_and_the_first_of_many_are_those_of_a_few(demo: list[Offer]) -> None:
    assert digest(list(offers(products()))) == digest(demo)
    assert list(offers(products(300))) == list(islice(demo, 300))


def test_nothing_but_what_is_chosen_is_taken_from_a_product(demo: list[Offer]) -> None:
    for product, offer in zip(products(), demo, strict=True):
        if not offer.variants:
            assert offer.product == product
            assert offer.pictures == (product.picture,)
        same = {"external_ref", "brand", "category", "price", "stock", "gtin", "picture", "status", "popularity"}
        assert all(getattr(offer.product, field) == getattr(product, field) for field in same)


def test_some_hundred_products_come_in_several_variants(families: list[Offer]) -> None:
    assert 200 <= len(families) <= DEFAULT_COUNT // 4
    assert all(2 <= len(offer.variants) <= min(40, MAX_VARIANTS) for offer in families)
    assert {offer.product.category[-1] for offer in families} == set(PLANS)


def test_names_and_addresses_are_unique(demo: list[Offer]) -> None:
    for field in ("name", "slug", "external_ref"):
        assert len({getattr(offer.product, field) for offer in demo}) == len(demo)


def test_variants_are_combinations_of_the_options(families: list[Offer]) -> None:
    for offer in families:
        choices = {tuple(variant.options.items()) for variant in offer.variants}
        assert len(choices) == len(offer.variants)
        for variant in offer.variants:
            assert list(variant.options) == [option.name for option in offer.options]
            assert all(variant.options[option.name] in option.values for option in offer.options)
        assert all(len(set(option.values)) == len(option.values) > 1 for option in offer.options)


def test_options_go_with_attributes_to_filter_by(families: list[Offer]) -> None:
    for offer in families:
        for option in offer.options:
            code = option.name.lower().replace(" ", "_")
            assert CODES[code].is_facet
            assert code not in offer.product.attributes
            if CODES[code].options:
                assert set(option.values) <= set(CODES[code].options)


def test_one_variant_is_the_product_itself(families: list[Offer]) -> None:
    for offer in families:
        [default] = [variant for variant in offer.variants if variant.is_default]
        product = offer.product
        assert (default.sku, default.gtin, default.price) == (product.sku, product.gtin, product.price)
        assert (default.stock, default.picture) == (product.stock, product.picture)


def test_identifiers_are_unique_and_right(demo: list[Offer], families: list[Offer]) -> None:
    for field in ("sku", "gtin"):
        own = [getattr(offer.product, field) for offer in demo]
        others = [getattr(v, field) for offer in families for v in offer.variants if not v.is_default]
        assert [value for value, count in Counter([*own, *others]).items() if count > 1] == []
    assert all(normalize_gtin(variant.gtin) for offer in families for variant in offer.variants)


def test_prices_differ_where_shops_ask_more(families: list[Offer]) -> None:
    dearer = [offer for offer in families if len({variant.price for variant in offer.variants}) > 1]
    assert {offer.options[0].name for offer in dearer} == {"Size", "Storage GB"}
    for offer in families:
        assert all(v.compare_at_price is None or v.compare_at_price > v.price > 0 for v in offer.variants)
        by_capacity = sorted(
            {(int(v.options["Storage GB"]), v.price) for v in offer.variants if "Storage GB" in v.options}
        )
        assert [price for _, price in by_capacity] == sorted(price for _, price in by_capacity)


def test_a_few_variants_are_sold_out_and_a_few_are_not_made(families: list[Offer]) -> None:
    variants = [variant for offer in families for variant in offer.variants]
    assert 0.08 < sum(variant.stock == 0 for variant in variants) / len(variants) < 0.2
    gaps = [offer for offer in families if len(offer.variants) < _combinations(offer)]
    assert 0.2 < len(gaps) / len(families) < 0.9


def _combinations(offer: Offer) -> int:
    count = 1
    for option in offer.options:
        count *= len(option.values)
    return count


def test_each_color_has_a_picture_in_that_color(families: list[Offer]) -> None:
    for offer in families:
        colors = next((option.values for option in offer.options if option.name == COLOR), ())
        assert len(offer.pictures) == max(1, len(colors))
        assert set(colors) <= set(FAMILIES)
        assert {variant.picture for variant in offer.variants} == set(offer.pictures)


def test_far_products_of_a_large_catalog_stay_what_they_are() -> None:
    beyond = islice(offers(products(AMONG + 400)), AMONG, None)
    assert not [offer.product.name for offer in beyond if offer.variants]
