"""Small things that pages are made of."""

import json

import pytest

from mercato.platform.money import Money
from mercato.storefront.assets import asset, find_asset
from mercato.storefront.pages.product import summarise
from mercato.storefront.pricing import reduction
from mercato.storefront.rendering import compress, data_block
from mercato.storefront.swatches import swatch


def euros(amount: int) -> Money:
    """Cents of a euro."""
    return Money(amount=amount, currency="EUR")


@pytest.mark.parametrize(
    ("now", "before", "percent"),
    [
        (euros(7500), euros(10000), 25),
        (euros(9999), euros(10000), 0),
        (euros(10000), euros(7500), 0),
        (euros(1), None, 0),
        (None, euros(1), 0),
        (euros(1), Money(amount=2, currency="USD"), 0),
    ],
)
def test_a_reduction_is_never_overstated(now: Money | None, before: Money | None, percent: int) -> None:
    assert reduction(now, before) == percent


def test_the_last_word_of_a_colour_names_its_swatch() -> None:
    assert swatch("Midnight Blue") == swatch("blue")
    assert swatch("Blue-Gray") == swatch("gray")
    assert swatch("Multicoloured") is None


def test_data_in_a_page_cannot_end_its_block() -> None:
    text = data_block({"name": "</script><script>alert(1)</script>&"})
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><script>alert(1)</script>&"}


def test_a_summary_is_cut_between_words() -> None:
    summary = summarise("word " * 100)
    assert len(summary) <= 156
    assert summary.endswith("word…")


def test_assets_are_found_by_their_digest_and_the_stand_in_for_a_picture_without() -> None:
    found = asset("shop.css")
    assert find_asset(found.file) is found
    assert find_asset("shop.css") is None
    assert find_asset("processing.svg") is asset("processing.svg")


def test_script_style_and_icon_stay_small() -> None:
    assert sum(len(asset(name).gzipped) for name in ("shop.css", "shop.js", "favicon.svg")) < 20_000


def test_bodies_are_compressed_for_those_who_take_it() -> None:
    body = b"x" * 5000
    assert compress(body, "identity") == (body, {})
    packed, headers = compress(body, "gzip, br")
    assert len(packed) < 100
    assert headers == {"Content-Encoding": "gzip"}
